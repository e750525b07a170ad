package caravan.publish;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What is written down about the source of a published database.
 *
 * <p>Kept as lines: the mount of the root, how many bytes were published, and for each store its path, a tabulator and
 * its mount, because a store may be a mount, or a link to one, of its own. Lines that begin with two tabulators, which
 * no store's does, are {@code genesis}, {@code chain}, {@code lasting}, or {@code identity} with the path of a store,
 * then a tabulator and the value; a version that does not know them takes them for stores that are not there. A file of an earlier
 * version has fewer lines.
 *
 * @param mount of the root
 * @param bytes that were published
 * @param lasting those of them that are not in files which an engine begins anew; -1 if an earlier version wrote it
 * @param mounts of the stores, by their paths
 * @param identities of the stores that have one, by their paths
 * @param genesis what the node said last; empty if it was never asked
 * @param chain what the node said last; empty if it was never asked
 */
record SourceNote(
        String mount,
        long bytes,
        long lasting,
        Map<String, String> mounts,
        Map<String, String> identities,
        String genesis,
        String chain) {

    private static final String MORE = "\t\t";

    private static final String NUMBER = "\\d{1,18}";

    private static final String IDENTITY = MORE + "identity ";

    private static final String GENESIS = MORE + "genesis";

    private static final String CHAIN = MORE + "chain";

    private static final String LASTING = MORE + "lasting";

    /** None if there is no file; what a power cut left of one is no opinion either. */
    static Optional<SourceNote> read(Path file) throws IOException {
        if (!Files.exists(file)) {
            return Optional.empty();
        }
        List<String> lines = Files.readAllLines(file, UTF_8);
        boolean isWhole = lines.size() >= 2
                && lines.get(1).matches(NUMBER)
                && lines.stream().skip(2).allMatch(line -> line.indexOf('\t') >= 0);
        return isWhole ? Optional.of(of(lines)) : Optional.empty();
    }

    private static SourceNote of(List<String> lines) {
        Map<String, String> mounts = new LinkedHashMap<>();
        Map<String, String> identities = new LinkedHashMap<>();
        String genesis = "";
        String chain = "";
        long lasting = -1;
        for (String line : lines.subList(2, lines.size())) {
            int tab = line.lastIndexOf('\t');
            String key = line.substring(0, tab);
            String value = line.substring(tab + 1);
            if (key.startsWith(IDENTITY)) {
                identities.put(key.substring(IDENTITY.length()), value);
            } else if (key.equals(GENESIS)) {
                genesis = value;
            } else if (key.equals(CHAIN)) {
                chain = value;
            } else if (key.equals(LASTING) && value.matches(NUMBER)) {
                lasting = Long.parseLong(value);
            } else if (!key.startsWith(MORE)) {
                mounts.put(key, value);
            }
        }
        return new SourceNote(lines.get(0), Long.parseLong(lines.get(1)), lasting, mounts, identities, genesis, chain);
    }

    /** Replaces {@code file} as a whole. */
    void write(Path file) throws IOException {
        StringBuilder text = new StringBuilder(mount + "\n" + bytes + "\n");
        mounts.forEach((store, known) -> text.append(store + "\t" + known + "\n"));
        identities.forEach((store, known) -> text.append(IDENTITY + store + "\t" + known + "\n"));
        if (lasting >= 0) {
            text.append(LASTING + "\t" + lasting + "\n");
        }
        if (!genesis.isEmpty()) {
            text.append(GENESIS + "\t" + genesis + "\n");
        }
        if (!chain.isEmpty()) {
            text.append(CHAIN + "\t" + chain + "\n");
        }
        Path next = file.resolveSibling(file.getFileName() + ".next");
        Files.writeString(next, text.toString(), UTF_8);
        Files.move(next, file, StandardCopyOption.ATOMIC_MOVE);
    }
}
