package caravan.capture.rocksdb;

import java.io.IOException;
import java.nio.file.Path;

/** Reads a MANIFEST from its beginning to its end. */
final class ManifestReader {

    private ManifestReader() {}

    /** What came of it. */
    sealed interface Result {

        /** The state after the last edit. */
        record Complete(ManifestState state) implements Result {}

        /** The file ends inside an edit or a group of edits: it was read while the engine was writing it. */
        record CutOff(String reason) implements Result {}
    }

    static Result read(Path manifest) throws IOException, BadFormatException, UnsupportedFormatException {
        ManifestReplay replay = new ManifestReplay(
                EngineFile.of(manifest.getFileName().toString()).number());
        try (LogReader log = LogReader.open(manifest, LogReader.WHOLE_RECORDS)) {
            while (log.next()) {
                replay.add(VersionEditDecoder.decode(log.record()));
            }
            if (log.isCompressed()) {
                throw new UnsupportedFormatException("the MANIFEST is compressed");
            }
            if (log.isTorn()) {
                return new Result.CutOff("the last edit is incomplete (offset " + log.endOfLastRecord() + ")");
            }
        }
        if (replay.isInsideGroup()) {
            return new Result.CutOff("the last group of edits is incomplete");
        }
        return new Result.Complete(replay.state());
    }
}
