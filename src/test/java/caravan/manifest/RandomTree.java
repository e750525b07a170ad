package caravan.manifest;

import caravan.snapshot.ChunkRef;
import caravan.snapshot.CutRule;
import caravan.snapshot.DatabaseName;
import caravan.snapshot.DatabaseStore;
import caravan.snapshot.Digest;
import caravan.snapshot.Engine;
import caravan.snapshot.FileEntry;
import caravan.snapshot.ManifestHeader;
import caravan.snapshot.SnapshotId;
import caravan.snapshot.SnapshotPath;
import caravan.snapshot.StoredAs;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.TreeMap;
import java.util.TreeSet;

/** A tree that can be published, the same for the same seed. */
record RandomTree(ManifestHeader header, List<FileEntry> files, List<SnapshotPath> directories) {

    /** Names that sort, fold or print in unlike ways; no two the same but for case. */
    private static final List<String> NAMES = List.of(
            "a",
            "b-1",
            "b",
            "b.sst",
            "000012.sst",
            "MANIFEST-000004",
            "Ünïcode",
            "日本",
            "😀",
            "with space",
            "q\"uote",
            "{}",
            "%41",
            "\uFF41",
            "#",
            " x",
            "a+b");

    static RandomTree of(long seed) {
        Random random = new Random(seed);
        ManifestHeader header = new ManifestHeader(
                new DatabaseName("demo"),
                SnapshotId.parse("20261122T083300Z-" + random.nextInt(1000)),
                List.of(
                        new DatabaseStore("", Engine.UNKNOWN, "copy", "none", 1 + random.nextInt(100)),
                        new DatabaseStore("db/full", Engine.ROCKSDB, "live", "structure", 1 + random.nextInt(100)),
                        new DatabaseStore("db/full/para", Engine.PARITYDB, "stop", "", 1 + random.nextInt(100))));
        TreeMap<SnapshotPath, Boolean> tree = new TreeMap<>();
        TreeSet<String> folded = new TreeSet<>(List.of("db", "db/full", "db/full/para"));
        for (DatabaseStore store : header.stores()) {
            if (!store.seal().isEmpty()) {
                tree.put(new SnapshotPath(store.seal()), true);
                folded.add(store.seal().toLowerCase(Locale.ROOT));
            }
        }
        for (int count = random.nextInt(60); count > 0; count--) {
            addOne(random, tree, folded);
        }
        List<FileEntry> files = new ArrayList<>();
        List<SnapshotPath> directories = new ArrayList<>();
        tree.forEach((path, isFile) -> {
            if (isFile) {
                files.add(file(random, header, path));
            } else {
                directories.add(path);
            }
        });
        return new RandomTree(header, files, directories);
    }

    /** Everything that this tells, as if it were read from a manifest. */
    void tell(ManifestVisitor visitor) throws Exception {
        visitor.header(header);
        for (FileEntry file : files) {
            visitor.file(file);
        }
        for (SnapshotPath directory : directories) {
            visitor.directory(directory);
        }
    }

    private static void addOne(Random random, TreeMap<SnapshotPath, Boolean> tree, TreeSet<String> folded) {
        String parent = List.of("", "db/full/", "db/full/para/").get(random.nextInt(3));
        StringBuilder path = new StringBuilder(parent);
        int depth = 1 + random.nextInt(3);
        for (int level = 0; level < depth; level++) {
            path.append(level == 0 ? "" : "/").append(NAMES.get(random.nextInt(NAMES.size())));
        }
        String fold = path.toString().toLowerCase(Locale.ROOT);
        boolean isBelowFile = tree.entrySet().stream()
                .anyMatch(entry -> fold.startsWith(entry.getKey().value().toLowerCase(Locale.ROOT) + "/"));
        boolean isAboveSomething = folded.stream().anyMatch(other -> other.startsWith(fold + "/"));
        if (!isBelowFile && !isAboveSomething && folded.add(fold)) {
            tree.put(new SnapshotPath(path.toString()), random.nextInt(5) > 0);
        }
    }

    private static FileEntry file(Random random, ManifestHeader header, SnapshotPath path) {
        CutRule cut = new CutRule(header.storeOf(path).orElseThrow().chunkSize());
        long size = header.isSeal(path) ? 1 + random.nextInt(500) : random.nextInt(500);
        List<ChunkRef> chunks = new ArrayList<>();
        for (long index = 0; index < cut.count(size); index++) {
            Digest digest = digest(random);
            long chunkSize = cut.size(size, index);
            chunks.add(
                    random.nextBoolean()
                            ? ChunkRef.plain(digest, chunkSize)
                            : new ChunkRef(
                                    digest,
                                    chunkSize,
                                    new StoredAs.Zstandard(1 + random.nextInt(100), digest(random))));
        }
        return new FileEntry(path, size, chunks);
    }

    private static Digest digest(Random random) {
        return new Digest(random.nextLong(), random.nextLong(), random.nextLong(), random.nextLong());
    }
}
