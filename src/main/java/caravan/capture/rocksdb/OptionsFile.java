package caravan.capture.rocksdb;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * A RocksDB OPTIONS file (RocksDB {@code options/options_parser.cc}): sections in brackets, lines {@code name=value},
 * comments from {@code #} on.
 *
 * @param database options of section {@code DBOptions}
 * @param columnFamilies options of each section {@code CFOptions}
 */
record OptionsFile(Map<String, String> database, List<Map<String, String>> columnFamilies) {

    static OptionsFile read(Path file) throws IOException, BadFormatException {
        return parse(new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1));
    }

    /** @param text each character one byte of the file */
    static OptionsFile parse(String text) throws BadFormatException {
        Map<String, Map<String, String>> sections = new HashMap<>();
        Map<String, String> section = null;
        for (String raw : text.split("\n", -1)) {
            String line = withoutComment(raw).strip();
            if (line.isEmpty()) {
                continue;
            }
            if (line.startsWith("[") && line.endsWith("]")) {
                String name = line.substring(1, line.length() - 1);
                section = new HashMap<>();
                if (sections.put(name, section) != null) {
                    throw new BadFormatException("section [" + name + "] stands twice");
                }
                continue;
            }
            int equals = line.indexOf('=');
            if (equals < 1 || section == null) {
                throw new BadFormatException("the line \"" + line + "\" is neither a section nor an option in one");
            }
            section.put(
                    line.substring(0, equals).strip(),
                    utf8(line.substring(equals + 1).strip()));
        }
        if (!sections.containsKey("DBOptions")) {
            throw new BadFormatException("there is no section [DBOptions]");
        }
        List<Map<String, String>> columnFamilies = new ArrayList<>();
        sections.forEach((name, options) -> {
            if (name.startsWith("CFOptions")) {
                columnFamilies.add(Map.copyOf(options));
            }
        });
        return new OptionsFile(Map.copyOf(sections.get("DBOptions")), List.copyOf(columnFamilies));
    }

    /** A column family may be called by any bytes, and no two of them the same; the name of a directory is text. */
    private static String utf8(String bytes) {
        return new String(bytes.getBytes(StandardCharsets.ISO_8859_1), StandardCharsets.UTF_8);
    }

    private static String withoutComment(String line) {
        for (int at = line.indexOf('#'); at >= 0; at = line.indexOf('#', at + 1)) {
            if (at == 0 || line.charAt(at - 1) != '\\') {
                return line.substring(0, at);
            }
        }
        return line;
    }
}
