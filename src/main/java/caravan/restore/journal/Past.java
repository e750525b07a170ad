package caravan.restore.journal;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/** What a journal says, up to the first line that is not whole: behind that nothing is believed. */
final class Past {

    private static final int LONGEST_LINE = 1 << 16;

    private final Map<Integer, String> places = new HashMap<>();
    private final Map<String, RecordedFile> files = new HashMap<>();
    private final Map<String, Integer> numbers = new HashMap<>();
    private int lastNumber;
    private long goodBytes;

    private Past() {}

    static Past read(FileChannel file) throws IOException {
        Past past = new Past();
        file.position(0);
        // not closed: that would close the channel
        InputStream in = new BufferedInputStream(Channels.newInputStream(file), 1 << 16);
        Optional<String> line = nextLine(in);
        if (line.isPresent() && line.get().equals(JournalLine.HEADER)) {
            past.goodBytes = JournalLine.HEADER.length() + 1L;
            for (line = nextLine(in); line.isPresent() && past.take(line.get()); line = nextLine(in)) {
                past.goodBytes += line.get().getBytes(UTF_8).length + 1L;
            }
        }
        past.files.values().forEach(RecordedFile::complete);
        return past;
    }

    /** Files by their place. */
    Map<String, RecordedFile> files() {
        return files;
    }

    int numberOf(String place) {
        return numbers.get(place);
    }

    int lastNumber() {
        return lastNumber;
    }

    /** Length of what can be believed; 0 if not even the first line is right. */
    long goodBytes() {
        return goodBytes;
    }

    private boolean take(String text) {
        Optional<JournalLine> parsed = JournalLine.parse(text);
        if (parsed.isEmpty()) {
            return false;
        }
        JournalLine line = parsed.get();
        if (line instanceof JournalLine.Begun begun) {
            return begin(begun);
        }
        if (line instanceof JournalLine.Written written) {
            Optional<RecordedFile> file = fileOf(written.file());
            file.ifPresent(known -> known.written(written.offset(), written.digest(), written.found()));
            return file.isPresent();
        }
        JournalLine.Durable durable = (JournalLine.Durable) line;
        Optional<RecordedFile> file =
                fileOf(durable.file()).filter(known -> durable.count() >= 0 && durable.count() <= known.count());
        file.ifPresent(known -> known.durable(durable.count(), durable.look()));
        return file.isPresent();
    }

    private boolean begin(JournalLine.Begun begun) {
        if (begun.file() != lastNumber + 1) {
            return false;
        }
        lastNumber = begun.file();
        Integer former = numbers.put(begun.place(), begun.file());
        if (former != null) {
            places.remove(former);
        }
        places.put(begun.file(), begun.place());
        files.put(begun.place(), new RecordedFile(begun.held()));
        return true;
    }

    private Optional<RecordedFile> fileOf(int number) {
        return Optional.ofNullable(places.get(number)).map(files::get);
    }

    /** A line that has an end. */
    private static Optional<String> nextLine(InputStream in) throws IOException {
        ByteArrayOutputStream line = new ByteArrayOutputStream(160);
        for (int next = in.read(); next >= 0 && line.size() < LONGEST_LINE; next = in.read()) {
            if (next == '\n') {
                return Optional.of(line.toString(UTF_8));
            }
            line.write(next);
        }
        return Optional.empty();
    }
}
