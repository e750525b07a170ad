package caravan.restore.journal;

import static java.nio.charset.StandardCharsets.UTF_8;

import caravan.restore.target.FileIdentity;
import caravan.snapshot.Digest;
import java.util.Optional;
import java.util.zip.CRC32C;

/** One line of a journal: a checksum, one letter, and what happened to a file. Files go by numbers given here. */
sealed interface JournalLine {

    /** First line of each journal. */
    String HEADER = "caravan-journal-1";

    /** Here a file gets its number; what was said of the same place before is void. */
    record Begun(int file, RecordedFile.Held held, String place) implements JournalLine {}

    /**
     * The bytes from {@code offset} on were seen to be those of the chunk; they may not be on the disk.
     *
     * @param found whether they were there before, so that nobody has to bring them to the disk
     */
    record Written(int file, long offset, Digest digest, boolean found) implements JournalLine {}

    /** The first {@code count} chunks that were written to the file are on the disk, and so the file looked then. */
    record Durable(int file, int count, FileIdentity look) implements JournalLine {}

    /** The line as it is written, with its end. */
    default String format() {
        String text = text();
        return checksum(text) + " " + text + "\n";
    }

    private String text() {
        if (this instanceof Begun begun) {
            return "F " + begun.file() + " " + begun.held().word() + " " + begun.place();
        }
        if (this instanceof Written written) {
            return (written.found() ? "S " : "W ") + written.file() + " " + written.offset() + " "
                    + written.digest().hex();
        }
        Durable durable = (Durable) this;
        FileIdentity look = durable.look();
        return "D " + durable.file() + " " + durable.count() + " " + look.inode() + " " + look.size() + " "
                + look.modified() + " " + look.changed();
    }

    /** Reads a line without its end; nothing if it is not whole. */
    static Optional<JournalLine> parse(String line) {
        int space = line.indexOf(' ');
        String text = line.substring(space + 1);
        if (space < 0 || !line.substring(0, space).equals(checksum(text))) {
            return Optional.empty();
        }
        String[] words = text.split(" ", 4);
        try {
            return switch (words[0]) {
                case "F" ->
                    Optional.of(new Begun(Integer.parseInt(words[1]), RecordedFile.Held.parse(words[2]), words[3]));
                case "W", "S" ->
                    Optional.of(new Written(
                            Integer.parseInt(words[1]),
                            Long.parseLong(words[2]),
                            Digest.fromHex(words[3]),
                            words[0].equals("S")));
                case "D" ->
                    Optional.of(
                            new Durable(Integer.parseInt(words[1]), Integer.parseInt(words[2]), identity(words[3])));
                default -> Optional.empty();
            };
        } catch (IllegalArgumentException | IndexOutOfBoundsException e) {
            return Optional.empty();
        }
    }

    private static FileIdentity identity(String text) {
        String[] words = text.split(" ", -1);
        return new FileIdentity(
                Long.parseLong(words[0]), Long.parseLong(words[1]), Long.parseLong(words[2]), Long.parseLong(words[3]));
    }

    private static String checksum(String text) {
        CRC32C crc = new CRC32C();
        crc.update(text.getBytes(UTF_8));
        return String.format("%08x", crc.getValue());
    }
}
