package caravan.app.reload;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/** The route files of an installation, by what is in them. */
public final class RouteDirectory {

    private final Path directory;

    /** The files {@code *.camel.yaml} in {@code directory}; hidden ones are editors' own. */
    public RouteDirectory(Path directory) {
        this.directory = directory;
    }

    /**
     * What the files hold.
     *
     * @param digests by name of the file; an empty file has an empty one
     */
    public record Contents(SortedMap<String, String> digests) {

        /** Whether a file is empty, which one is for a moment while an editor writes it. */
        boolean hasEmptyFile() {
            return digests.containsValue("");
        }

        /** A short name for these very contents. */
        String shortName() {
            return digestOf(digests.toString().getBytes(StandardCharsets.UTF_8)).substring(0, 12);
        }

        /** What is different here, in words. */
        String changesSince(Contents before) {
            List<String> changes = new ArrayList<>();
            for (Map.Entry<String, String> file : digests.entrySet()) {
                String old = before.digests().get(file.getKey());
                if (old == null) {
                    changes.add("new routes/" + file.getKey());
                } else if (!old.equals(file.getValue())) {
                    changes.add("routes/" + file.getKey());
                }
            }
            for (String name : before.digests().keySet()) {
                if (!digests.containsKey(name)) {
                    changes.add("without routes/" + name);
                }
            }
            return String.join(", ", changes);
        }
    }

    /** What the files hold now. */
    Contents read() throws IOException {
        SortedMap<String, String> digests = new TreeMap<>();
        try (DirectoryStream<Path> files = Files.newDirectoryStream(directory, "*.camel.yaml")) {
            for (Path file : files) {
                String name = file.getFileName().toString();
                if (!name.startsWith(".")) {
                    byte[] bytes = Files.readAllBytes(file);
                    digests.put(name, bytes.length == 0 ? "" : digestOf(bytes));
                }
            }
        }
        return new Contents(digests);
    }

    private static String digestOf(byte[] bytes) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }
}
