package caravan.capture.rocksdb;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Which settings of the engine keep the stable window provably right. It rests on three facts: logs are only appended
 * to, every acknowledged write has been handed to the system in the order of the log, and all files are in one
 * directory.
 */
final class OptionsRules {

    private static final List<String> MUST_BE_FALSE =
            List.of("allow_mmap_writes", "manual_wal_flush", "unordered_write", "allow_2pc", "two_write_queues");

    private static final Set<String> NO_PATHS = Set.of("", "{}");

    private OptionsRules() {}

    /**
     * The first rule that {@code options} break, as {@code name=value}; an option that is not there has its default,
     * which breaks none.
     *
     * @param directories names of the database's directory
     */
    static Optional<String> firstBroken(OptionsFile options, Set<Path> directories) {
        Map<String, String> database = options.database();
        String recycled = database.getOrDefault("recycle_log_file_num", "0");
        if (!recycled.equals("0")) {
            return Optional.of("recycle_log_file_num=" + recycled);
        }
        Optional<String> elsewhere = firstElsewhere(options, directories);
        if (elsewhere.isPresent()) {
            return elsewhere;
        }
        for (String option : MUST_BE_FALSE) {
            String value = database.getOrDefault(option, "false");
            if (!value.equals("false")) {
                return Optional.of(option + "=" + value);
            }
        }
        return options.columnFamilies().stream()
                .flatMap(family -> firstBrokenOf(family).stream())
                .findFirst();
    }

    /** The first setting by which files of the database are outside of its directory, as {@code name=value}. */
    static Optional<String> firstElsewhere(OptionsFile options, Set<Path> directories) {
        Map<String, String> database = options.database();
        String logDirectory = database.getOrDefault("wal_dir", "");
        if (!logDirectory.isEmpty()
                && !directories.contains(Path.of(logDirectory).normalize())) {
            return Optional.of("wal_dir=" + logDirectory);
        }
        String paths = database.getOrDefault("db_paths", "");
        if (!NO_PATHS.contains(paths)) {
            return Optional.of("db_paths=" + paths);
        }
        return options.columnFamilies().stream()
                .map(family -> family.getOrDefault("cf_paths", ""))
                .filter(family -> !NO_PATHS.contains(family))
                .map(family -> "cf_paths=" + family)
                .findFirst();
    }

    private static Optional<String> firstBrokenOf(Map<String, String> columnFamily) {
        // Then a log record refers to blob files that the MANIFEST does not name yet.
        String direct = columnFamily.getOrDefault("enable_blob_direct_write", "false");
        return direct.equals("false") ? Optional.empty() : Optional.of("enable_blob_direct_write=" + direct);
    }
}
