package caravan.publish;

import caravan.capture.CapturedFile;
import caravan.snapshot.CutRule;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;

/**
 * All chunks of a capture, in the manifest's order, one at a time: nothing is read, and nothing is held but the place.
 * One thread at a time.
 */
final class ChunkCutter implements Iterator<ChunkSlice> {

    private final Publication publication;

    private final HeldCapture held;

    private final List<CapturedFile> files;

    private int fileIndex;

    private long index;

    private int part;

    ChunkCutter(Publication publication) {
        this.publication = publication;
        this.held = publication.held();
        this.files = held.capture().files();
        skipFinishedFiles();
    }

    @Override
    public boolean hasNext() {
        return fileIndex < files.size();
    }

    @Override
    public ChunkSlice next() {
        if (!hasNext()) {
            throw new NoSuchElementException();
        }
        CapturedFile file = files.get(fileIndex);
        CutRule rule = held.stores().cutRuleOf(file.path());
        ChunkSlice slice = new ChunkSlice(
                publication, file, fileIndex, index, part, rule.offset(part), rule.size(file.size(), part));
        index++;
        part++;
        skipFinishedFiles();
        return slice;
    }

    private void skipFinishedFiles() {
        while (fileIndex < files.size()) {
            CapturedFile file = files.get(fileIndex);
            if (part < held.stores().cutRuleOf(file.path()).count(file.size())) {
                return;
            }
            fileIndex++;
            part = 0;
        }
    }
}
