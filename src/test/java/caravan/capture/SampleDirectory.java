package caravan.capture;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Arrays;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.rocksdb.FlushOptions;
import org.rocksdb.Options;
import org.rocksdb.RocksDB;
import org.rocksdb.RocksDBException;

/** A node's directory with databases that nobody has open. */
final class SampleDirectory {

    private SampleDirectory() {}

    /** A small database with two tables and a log. */
    static Path rocksDb(Path directory) throws IOException, RocksDBException {
        return rocksDb(directory, options -> {});
    }

    static Path rocksDb(Path directory, Consumer<Options> settings) throws IOException, RocksDBException {
        RocksDB.loadLibrary();
        Files.createDirectories(directory);
        try (Options options = new Options().setCreateIfMissing(true).setDisableAutoCompactions(true)) {
            settings.accept(options);
            try (RocksDB database = RocksDB.open(options, directory.toString());
                    FlushOptions flush = new FlushOptions()) {
                for (String key : new String[] {"a", "b"}) {
                    database.put(key.getBytes(UTF_8), new byte[1000]);
                    database.flush(flush);
                }
                database.put("c".getBytes(UTF_8), new byte[1000]);
            }
        }
        Files.writeString(directory.resolve("db_version"), "4");
        return directory;
    }

    /** A line of metadata. */
    static final String PARITYDB_COLUMN =
            "col0=preimage: false, uniform: false, refc: false, compression: 0, ordered: false, multitree: false";

    static Path parityDb(Path directory) throws IOException {
        Files.createDirectories(directory);
        Files.writeString(directory.resolve("metadata"), "version=8\nsalt=" + "0f".repeat(32) + "\n" + PARITYDB_COLUMN);
        Files.write(directory.resolve("table_00_00"), new byte[4096]);
        return directory;
    }

    /** Everything {@code stat} says of each entry, but the times of access and of the inode's own change; and the content. */
    static Map<String, String> factsOf(Path directory) throws IOException {
        Map<String, String> facts = new TreeMap<>();
        Files.walkFileTree(directory, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
                facts.put(file.toString(), factsOfOne(file) + " " + Arrays.hashCode(Files.readAllBytes(file)));
                return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult postVisitDirectory(Path visited, IOException failure) throws IOException {
                facts.put(visited.toString(), factsOfOne(visited));
                return FileVisitResult.CONTINUE;
            }
        });
        return facts;
    }

    private static String factsOfOne(Path file) throws IOException {
        return new TreeMap<>(Files.readAttributes(file, "unix:mode,uid,gid,size,lastModifiedTime,nlink,ino"))
                .toString();
    }
}
