package caravan.capture.rocksdb;

import static java.nio.charset.StandardCharsets.US_ASCII;

import caravan.failure.RefusedException;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import java.util.regex.Pattern;

/**
 * Checks a copy of a database by its structure: MANIFEST, live files, write-ahead logs. The content of table files is
 * not read.
 *
 * <p>It finds what RocksDB does not: a write-ahead log that is missing, or damaged in its last records, does not keep
 * RocksDB from opening the database and finding all its checksums right.
 */
public final class StructureCheck {

    private static final Pattern CURRENT_CONTENT = Pattern.compile("MANIFEST-\\d{6,18}\n");

    private StructureCheck() {}

    /**
     * The verdict on the database in {@code directory}. Nothing is changed; nobody may write to it meanwhile.
     *
     * @throws RefusedException if the copy uses a format that is not known
     * @throws IOException if reading failed, other than because a file is missing
     */
    public static Verdict verify(Path directory) throws IOException, RefusedException {
        try {
            ManifestReader.Result manifest = readManifest(directory.resolve(manifestNamedIn(directory)));
            if (manifest instanceof ManifestReader.Result.CutOff cutOff) {
                return new Verdict.Unsettled(cutOff.reason());
            }
            return verify(directory, ((ManifestReader.Result.Complete) manifest).state());
        } catch (NoSuchFileException e) {
            return new Verdict.Damaged(e.getFile() + " is missing");
        } catch (BadFormatException e) {
            return new Verdict.Damaged(e.getMessage());
        } catch (UnsupportedFormatException e) {
            throw unsupported(directory, e);
        }
    }

    /** Name of the MANIFEST that CURRENT in {@code directory} names. */
    static String manifestNamedIn(Path directory) throws IOException, BadFormatException {
        return manifestNamedBy(Files.readString(directory.resolve("CURRENT"), US_ASCII));
    }

    /** Name of the MANIFEST that {@code current}, the content of CURRENT, names. */
    static String manifestNamedBy(String current) throws BadFormatException {
        if (!CURRENT_CONTENT.matcher(current).matches()) {
            throw new BadFormatException("CURRENT does not name a MANIFEST");
        }
        return current.strip();
    }

    static ManifestReader.Result readManifest(Path manifest)
            throws IOException, BadFormatException, UnsupportedFormatException {
        try {
            return ManifestReader.read(manifest);
        } catch (BadFormatException e) {
            throw new BadFormatException(manifest.getFileName() + ": " + e.getMessage());
        }
    }

    static Verdict verify(Path directory, ManifestState manifest) throws IOException, UnsupportedFormatException {
        for (Map.Entry<String, Long> live : manifest.liveFiles().entrySet()) {
            FileStat stat;
            try {
                stat = FileStat.of(directory.resolve(live.getKey()));
            } catch (NoSuchFileException e) {
                return new Verdict.Damaged("live file " + live.getKey()
                        + ", which the MANIFEST names, is missing from the directory; if db_paths or cf_paths are set, it is"
                        + " in another, and a capture takes one directory");
            }
            if (!stat.isRegular() || stat.size() != live.getValue()) {
                return new Verdict.Damaged("live file " + live.getKey() + " has " + stat.size()
                        + " bytes, but the MANIFEST says " + live.getValue());
            }
        }
        return WalChain.verify(logsIn(directory), manifest, LogRules.in(directory));
    }

    static RefusedException unsupported(Path directory, UnsupportedFormatException cause) {
        return new RefusedException(
                "the RocksDB in " + directory + " cannot be captured: " + cause.getMessage(),
                "use another capture mode, or a release that knows this",
                cause);
    }

    private static NavigableMap<Long, Path> logsIn(Path directory) throws IOException {
        NavigableMap<Long, Path> logs = new TreeMap<>();
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(directory, "*.log")) {
            for (Path entry : entries) {
                EngineFile file = EngineFile.of(entry.getFileName().toString());
                if (file.kind() == EngineFile.Kind.WAL) {
                    logs.put(file.number(), entry);
                }
            }
        }
        return logs;
    }
}
