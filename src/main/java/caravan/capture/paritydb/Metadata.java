package caravan.capture.paritydb;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/**
 * The file {@code metadata} of a ParityDB, which is written when the database is made or brought to a new version.
 *
 * @param version of the format
 * @param columns what each column is like, in order
 */
record Metadata(long version, List<Column> columns) {

    /** The oldest format that is read here, and by the engine. */
    private static final long OLDEST = 4;

    private static final long NEWEST = 9;

    private static final int LARGEST = 1 << 20;

    private static final Pattern NUMBER = Pattern.compile("\\d{1,9}");

    private static final Pattern SALT = Pattern.compile("[0-9a-fA-F]{64}");

    private static final Pattern COLUMN = Pattern.compile("col\\d{1,3}");

    Metadata {
        columns = List.copyOf(columns);
    }

    /**
     * One column.
     *
     * @param multitree whether it keeps trees; such a column counts entries that it is only about to write
     */
    record Column(boolean multitree) {}

    static Metadata read(Path file) throws IOException, NotWholeException {
        if (Files.size(file) > LARGEST) {
            throw new NotWholeException("metadata has " + Files.size(file) + " bytes, which is no metadata");
        }
        long version = -1;
        boolean salted = false;
        List<Column> columns = new ArrayList<>();
        for (String line : Files.readAllLines(file, ISO_8859_1)) {
            int equals = line.indexOf('=');
            if (equals < 0) {
                throw new NotWholeException("metadata has a line without a value: " + printable(line));
            }
            String key = line.substring(0, equals);
            String value = line.substring(equals + 1);
            if (key.equals("version")) {
                version = numberIn(value);
            } else if (key.equals("salt")) {
                if (!SALT.matcher(value).matches()) {
                    throw new NotWholeException("metadata has a salt that is not 32 bytes in hex");
                }
                salted = true;
            } else if (COLUMN.matcher(key).matches()) {
                columns.add(column(columns.size(), key, value));
            }
        }
        if (version < 0 || !salted) {
            throw new NotWholeException("metadata is not that of a ParityDB: it has no version, or no salt");
        }
        return new Metadata(version, columns);
    }

    /** Whether the layout of tables and logs is known. */
    boolean isKnown() {
        return version >= OLDEST && version <= NEWEST;
    }

    private static long numberIn(String value) throws NotWholeException {
        if (!NUMBER.matcher(value).matches()) {
            throw new NotWholeException("metadata has a version that is no number: " + printable(value));
        }
        return Long.parseLong(value);
    }

    private static Column column(int expected, String key, String value) throws NotWholeException {
        boolean complete = value.contains("preimage: ") && value.contains("uniform: ") && value.contains("refc: ");
        if (!key.equals("col" + expected) || !complete) {
            throw new NotWholeException("metadata has a wrong line for column " + expected + ": " + printable(key) + "="
                    + printable(value));
        }
        return new Column(value.contains("multitree: true"));
    }

    private static String printable(String text) {
        String plain = text.replaceAll("[^ -~]", "?");
        return plain.length() > 80 ? plain.substring(0, 80) + "…" : plain;
    }
}
