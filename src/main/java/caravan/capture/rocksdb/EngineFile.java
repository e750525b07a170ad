package caravan.capture.rocksdb;

import java.util.Locale;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What the name of a file in a database directory says (RocksDB {@code file/filename.cc}).
 *
 * @param name as it is in the directory
 * @param number the engine's number of the file; 0 if files of this kind have none
 */
record EngineFile(String name, Kind kind, long number) {

    /** The kinds of files, by what a capture does with them. */
    enum Kind {
        /** Sorted table, written once. */
        TABLE,
        /** Values kept outside of tables, written once. */
        BLOB,
        /** Write-ahead log, only appended to. */
        WAL,
        /** Log of version edits, only appended to. */
        MANIFEST,
        /** Names the MANIFEST; replaced in one step. */
        CURRENT,
        /** The settings in force; replaced in one step. */
        OPTIONS,
        /** Written once when the database is created. */
        IDENTITY,
        /** One number that a node keeps beside the engine's files, to know whether to migrate them. */
        NODE_VERSION,
        /** Of no use in a copy: lock, human-readable logs, temporary and trashed files. */
        NOT_PART,
        /** Looks as if the engine wrote it, but is none of the above. */
        UNKNOWN_ENGINE,
        /** Something that no engine would have put there. */
        FOREIGN
    }

    private static final Pattern NUMBERED = Pattern.compile("(\\d{6,18})\\.(sst|blob|log)");
    private static final Pattern MANIFEST_NAME = Pattern.compile("MANIFEST-(\\d{6,18})");
    private static final Pattern OPTIONS_NAME = Pattern.compile("OPTIONS-(\\d{6,18})");
    private static final Pattern NOT_PART_NAME = Pattern.compile("LOCK|LOG|LOG\\.old(\\.\\d+)?|\\d+\\.dbtmp"
            + "|OPTIONS-\\d+\\.dbtmp|COMPACTION_PROGRESS-\\d+(\\.dbtmp)?|\\d+\\.(sst|blob|log)\\.trash");
    private static final Pattern ENGINE_LIKE =
            Pattern.compile("\\d+(\\..*)?|[A-Z][A-Z0-9_]*([-.].*)?|.*\\.(sst|ldb|blob|log)");

    /** As Substrate's client and Polkadot's parachains database call it. */
    static final Set<String> NODE_VERSION_NAMES = Set.of("db_version", "parachain_db_version");

    static EngineFile of(String name) {
        Matcher numbered = NUMBERED.matcher(name);
        if (numbered.matches()) {
            Kind kind =
                    switch (numbered.group(2)) {
                        case "sst" -> Kind.TABLE;
                        case "blob" -> Kind.BLOB;
                        default -> Kind.WAL;
                    };
            return numbered(name, kind, numbered.group(1));
        }
        Matcher manifest = MANIFEST_NAME.matcher(name);
        if (manifest.matches()) {
            return numbered(name, Kind.MANIFEST, manifest.group(1));
        }
        Matcher options = OPTIONS_NAME.matcher(name);
        if (options.matches()) {
            return numbered(name, Kind.OPTIONS, options.group(1));
        }
        if (name.equals("CURRENT")) {
            return new EngineFile(name, Kind.CURRENT, 0);
        }
        if (name.equals("IDENTITY")) {
            return new EngineFile(name, Kind.IDENTITY, 0);
        }
        if (NODE_VERSION_NAMES.contains(name)) {
            return new EngineFile(name, Kind.NODE_VERSION, 0);
        }
        if (NOT_PART_NAME.matcher(name).matches()) {
            return new EngineFile(name, Kind.NOT_PART, 0);
        }
        return new EngineFile(name, ENGINE_LIKE.matcher(name).matches() ? Kind.UNKNOWN_ENGINE : Kind.FOREIGN, 0);
    }

    static String tableName(long number) {
        return String.format(Locale.ROOT, "%06d.sst", number);
    }

    static String blobName(long number) {
        return String.format(Locale.ROOT, "%06d.blob", number);
    }

    static String logName(long number) {
        return String.format(Locale.ROOT, "%06d.log", number);
    }

    /** Whether a file of this kind is complete and never changes once the MANIFEST names it. */
    boolean isWriteOnce() {
        return kind == Kind.TABLE || kind == Kind.BLOB;
    }

    /** The engine pads to six digits and no more: any other spelling of a number is not its own. */
    private static EngineFile numbered(String name, Kind kind, String digits) {
        boolean canonical = digits.length() == 6 || digits.charAt(0) != '0';
        return canonical
                ? new EngineFile(name, kind, Long.parseLong(digits))
                : new EngineFile(name, Kind.UNKNOWN_ENGINE, 0);
    }
}
