package caravan.restore;

import static org.assertj.core.api.Assertions.assertThat;

import caravan.failure.DamagedException;
import caravan.manifest.ManifestReader;
import caravan.manifest.ManifestVisitor;
import caravan.snapshot.FileEntry;
import caravan.snapshot.ManifestHeader;
import caravan.snapshot.SnapshotPath;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Holds {@code sync.sh} against the Java client: the same trees, told once as manifest and once as chunks.tsv, right and
 * wrong in every way that both can be, and the two accept and refuse the same.
 */
@Timeout(180)
class SyncScriptListTest {

    private static final String HASH = "ab".repeat(32);
    private static final boolean LONG = "long".equals(System.getProperty("caravan.test.form"));
    private static final int RANDOM_TREES = LONG ? 5000 : 200;

    /** Those of this machine; they differ in how they compare, count and match. */
    private static final List<String> AWKS = (LONG
                    ? Stream.of("mawk", "gawk", "original-awk", "busybox")
                    : Stream.of("awk", "busybox"))
            .filter(Tools::has)
            .toList();

    @TempDir
    Path directory;

    /** Stores and rows, from which both forms follow. */
    static final class Case {

        private final List<String[]> stores = new ArrayList<>();
        private final StringBuilder manifest = new StringBuilder();
        private final StringBuilder list = new StringBuilder();
        private long files;
        private long directories;
        private long chunks;
        private long bytes;

        Case store(String path, String engine, String seal, long chunkSize) {
            stores.add(new String[] {path, engine, seal, Long.toString(chunkSize)});
            return this;
        }

        Case file(String path, long size, long... sizes) {
            manifest.append("{\"path\":")
                    .append(json(path))
                    .append(",\"size\":")
                    .append(size)
                    .append(",\"chunks\":[");
            list.append("F\t").append(size).append('\t').append(path).append('\n');
            long offset = 0;
            for (int index = 0; index < sizes.length; index++) {
                manifest.append(index == 0 ? "" : ",")
                        .append("[\"")
                        .append(HASH)
                        .append("\",")
                        .append(sizes[index]);
                manifest.append(']');
                list.append("C\t")
                        .append(offset)
                        .append('\t')
                        .append(sizes[index])
                        .append('\t')
                        .append(HASH);
                list.append("\tplain\n");
                offset += sizes[index];
            }
            manifest.append("]}\n");
            files++;
            chunks += sizes.length;
            bytes += size;
            return this;
        }

        Case file(String path) {
            return file(path, 1, 1);
        }

        Case dir(String path) {
            manifest.append("{\"directory\":").append(json(path)).append("}\n");
            list.append("D\t").append(path).append('\n');
            directories++;
            return this;
        }

        /** Whether the Java client takes it. */
        boolean java() throws Exception {
            String text = header() + manifest + "{\"totals\":{\"files\":" + files + ",\"directories\":" + directories
                    + ",\"chunks\":" + chunks + ",\"bytes\":" + bytes + "}}\n";
            return accepts(text);
        }

        /** First line of the manifest. */
        String header() {
            StringBuilder header = new StringBuilder(
                    "{\"format\":\"caravan-manifest-1\",\"database\":\"demo\",\"snapshot\":\"20261122T083300Z-5\",\"stores\":[");
            for (String[] store : stores) {
                header.append(header.charAt(header.length() - 1) == '[' ? "" : ",");
                header.append("{\"path\":")
                        .append(json(store[0]))
                        .append(",\"engine\":\"")
                        .append(store[1]);
                header.append("\",\"seal\":").append(json(store[2]));
                header.append(",\"capture\":\"copy\",\"verification\":\"\",\"chunkSize\":")
                        .append(store[3])
                        .append('}');
            }
            return header.append("]}\n").toString();
        }

        /** Whether the Java client takes the text of a manifest. */
        static boolean accepts(String manifest) throws Exception {
            try {
                ManifestReader.read(
                        new ByteArrayInputStream(manifest.getBytes(StandardCharsets.UTF_8)), "x", new Nothing());
                return true;
            } catch (DamagedException e) {
                return false;
            }
        }

        void write(Path where) throws IOException {
            Files.createDirectories(where);
            StringBuilder rows = new StringBuilder();
            for (String[] store : stores) {
                String name =
                        store[1].equals("rocksdb") ? "CURRENT" : store[1].equals("paritydb") ? "metadata" : "unknown";
                rows.append("S\t")
                        .append(name)
                        .append('\t')
                        .append(store[3])
                        .append('\t')
                        .append(store[0])
                        .append('\n');
            }
            Files.writeString(where.resolve("stores"), rows);
            Files.writeString(where.resolve("frames"), "");
            Files.writeString(where.resolve("chunks.tsv"), list);
        }

        private static String json(String text) {
            StringBuilder json = new StringBuilder("\"");
            text.chars().forEach(c -> {
                if (c < 0x20 || c == '"' || c == '\\' || c == 0x7F) {
                    json.append(String.format("\\u%04x", c));
                } else {
                    json.append((char) c);
                }
            });
            return json.append('"').toString();
        }
    }

    private record Nothing() implements ManifestVisitor {

        @Override
        public void header(ManifestHeader header) {
            // only whether it is right is asked
        }

        @Override
        public void file(FileEntry file) {
            // only whether it is right is asked
        }

        @Override
        public void directory(SnapshotPath path) {
            // only whether it is right is asked
        }
    }

    @Test
    void acceptsAndRefusesWhatTheJavaClientDoes() throws Exception {
        Map<String, Case> cases = new LinkedHashMap<>();
        paths(cases);
        trees(cases);
        chunks(cases);

        for (String awk : AWKS) {
            Map<String, String> verdicts = verdicts(cases, awk);

            for (Map.Entry<String, Case> one : cases.entrySet()) {
                String verdict = verdicts.get(one.getKey());
                String what = awk + ", " + one.getKey() + ": " + verdict;
                assertThat(verdict.startsWith("ok"))
                        .as(what)
                        .isEqualTo(one.getValue().java());
                assertThat(verdict).as(what).matches("(?s)(ok|3)\\t.*");
            }
        }
        assertThat(cases.values()).hasSizeGreaterThan(110);
        assertThat(AWKS).isNotEmpty();
    }

    @Test
    void agreesOnRandomTrees() throws Exception {
        long seed = Long.getLong("caravan.test.seed", System.nanoTime());
        System.out.println("SyncScriptListTest: -Dcaravan.test.seed=" + seed);
        Random random = new Random(seed);
        Map<String, Case> cases = new LinkedHashMap<>();
        for (int number = 0; number < RANDOM_TREES; number++) {
            cases.put(String.format("%05d", number), random(random));
        }

        Map<String, String> verdicts = verdicts(cases, "awk");

        int accepted = 0;
        for (Map.Entry<String, Case> one : cases.entrySet()) {
            String verdict = verdicts.get(one.getKey());
            boolean java = one.getValue().java();
            accepted += java ? 1 : 0;
            assertThat(verdict.startsWith("ok"))
                    .as(verdict + "\n" + one.getValue().list)
                    .isEqualTo(java);
        }
        assertThat(accepted).as("random trees that are right").isBetween(RANDOM_TREES / 8, RANDOM_TREES * 7 / 8);
    }

    @Test
    void whatOnlyAListCanHaveIsRefusedToo() throws Exception {
        String good = "F\t5\ta\nC\t0\t5\t" + HASH + "\tplain\n";
        Map<String, String> texts = new TreeMap<>();
        texts.put("no last newline", good.strip());
        texts.put("junk", good + "junk\n");
        texts.put("empty line", good + "\n");
        texts.put("unknown row", good + "L\t/etc\tb\n");
        texts.put("chunk without a file", "C\t0\t5\t" + HASH + "\tplain\n");
        texts.put("chunk after a directory", good + "D\td\nC\t5\t5\t" + HASH + "\tplain\n");
        texts.put("wrong offset", good.replace("C\t0", "C\t1"));
        texts.put("negative offset", good.replace("C\t0", "C\t-0"));
        texts.put("no offset", good.replace("C\t0", "C\t"));
        texts.put("carriage return", good.replace("\n", "\r\n"));
        texts.put("NUL", good.replace("\ta\n", "\ta\u0000b\n"));
        texts.put("tab in a path", good.replace("\ta\n", "\ta\tb\n"));
        texts.put("encoding", good.replace("plain", "gzip"));
        texts.put("no encoding", good.replace("\tplain", ""));
        texts.put("compressed, and the manifest says plain", good.replace("plain", "zst"));
        texts.put("hash in upper case", good.replace(HASH, "AB".repeat(32)));
        texts.put("hash with a path", good.replace(HASH, "../" + HASH.substring(3)));
        texts.put("hash too short", good.replace(HASH, HASH.substring(1)));
        texts.put("size in words", good.replace("F\t5", "F\tfive"));
        texts.put("size with a sign", good.replace("F\t5", "F\t+5"));
        texts.put("size in octal", good.replace("F\t5", "F\t05"));
        texts.put("size in hexadecimal", good.replace("F\t5", "F\t0x5"));
        texts.put("size with an exponent", good.replace("F\t5", "F\t5e0"));
        texts.put("size beyond 2^53", good.replace("F\t5", "F\t9007199254740993"));
        texts.put("size of many digits", good.replace("F\t5", "F\t" + "5".repeat(10_000)));
        texts.put("very long path", good.replace("\ta\n", "\t" + "x/".repeat(100_000) + "x\n"));
        for (Map.Entry<String, String> text : texts.entrySet()) {
            Path where = directory.resolve("corpus").resolve(text.getKey());
            new Case().store("", "unknown", "", 10).write(where);
            Files.writeString(where.resolve("chunks.tsv"), text.getValue());
        }

        Map<String, String> verdicts = run("awk");

        assertThat(verdicts).hasSize(texts.size());
        verdicts.forEach((name, verdict) -> assertThat(verdict).as(name).startsWith("3\t"));
    }

    @Test
    void aLetterThatItCannotJudgeIsRefusedAndNotGuessed() throws Exception {
        Map<String, Case> cases = new LinkedHashMap<>();
        for (String letter : List.of("\u0416", "\u03A3", "\u017F", "\u212A", "\u0130", "\u1E9E", "a\u0301", "\u0E01")) {
            cases.put("letter " + (int) letter.charAt(letter.length() - 1), root().file("x" + letter));
        }

        Map<String, String> verdicts = verdicts(cases, "awk");

        verdicts.forEach((name, verdict) ->
                assertThat(verdict).as(name).startsWith("4\t").contains("cannot tell"));
    }

    private static Case root() {
        return new Case().store("", "unknown", "", 10);
    }

    private static void paths(Map<String, Case> cases) {
        List<String> paths = List.of(
                "..",
                ".",
                "../x",
                "a/../x",
                "a/..",
                "a/./b",
                "./a",
                "/etc/passwd",
                "//x",
                "a//b",
                "a/",
                "/",
                "C:/x",
                "c:x",
                "a\\b",
                "..\\x",
                "a.",
                "a /b",
                "a./b",
                "a\u001bb",
                "a\u007fb",
                "a\u0085b",
                "a\u202eb",
                "a\u2066b",
                "a\u200bb",
                "a\ufeffb",
                "a\uffffb",
                ".caravan/x",
                ".caravan-incomplete",
                ".caravanx",
                "x".repeat(255),
                "x".repeat(256),
                "\u00E9".repeat(128),
                "x/".repeat(2047) + "x",
                "x/".repeat(2048) + "x",
                "",
                " ",
                "  x",
                "x ",
                "a b",
                "-",
                "--",
                "~",
                "$x",
                "a'b",
                "a\"b",
                ".x",
                "..x",
                "a..b",
                "\u65E5\u672C",
                "\uD83D\uDE00",
                "\u00DF",
                "x/.caravan",
                "1:x",
                "ab:c",
                "\u0080",
                "\u009F",
                "\u2028",
                "\u2060",
                "\ufff9");
        for (int index = 0; index < paths.size(); index++) {
            cases.put("path of a file " + index, root().file(paths.get(index)));
            cases.put("path of a directory " + index, root().dir(paths.get(index)));
        }
    }

    private static void trees(Map<String, Case> cases) {
        cases.put("nothing at all", root());
        cases.put("path twice", root().file("a").file("a"));
        cases.put("wrong order", root().file("b").file("a"));
        cases.put("numbers in order of bytes", root().file("10").file("9"));
        cases.put("numbers in wrong order", root().file("9").file("10"));
        cases.put("the same number twice", root().file("1").file("1.0"));
        cases.put("file after directory", root().dir("a").file("b"));
        cases.put("directory twice", root().dir("a").dir("a"));
        cases.put("directories in wrong order", root().dir("b").dir("a"));
        cases.put("file is a directory", root().file("a").file("a/b"));
        cases.put("file is a directory far before", root().file("a").file("a-b").file("a/b"));
        cases.put("file is an empty directory", root().file("a").dir("a"));
        cases.put("file is above an empty directory", root().file("a").dir("a/b"));
        cases.put("empty directory has a file", root().file("a/b").dir("a"));
        cases.put("empty directory has a directory", root().dir("a").dir("a/b"));
        cases.put("empty directories beside", root().dir("a/b").dir("a/c"));
        cases.put("case of a file", root().file("A").file("a"));
        cases.put("case of a directory", root().file("A/x").file("a/y"));
        cases.put("case of file and directory", root().file("A").file("a/y"));
        cases.put("case of an empty directory", root().file("a").dir("A"));
        cases.put("case of Latin letters", root().file("\u00C9").file("\u00E9"));
        cases.put("sharp s", root().file("SS").file("\u00DF"));
        cases.put("other letters", root().file("\u00C8").file("\u00E9"));
        cases.put("times and division are no letters", root().file("\u00D7").file("\u00F7"));
        cases.put("name of a part", root().file("a", 21, 10, 10, 1).file("a.part-00001"));
        cases.put("name of a far part", root().file("a", 21, 10, 10, 1).file("a.part-123456"));
        cases.put("name of no part", root().file("a", 21, 10, 10, 1).file("a.part-0001"));
        cases.put("name of a part of a file of one", root().file("a").file("a.part-00001"));
        cases.put("packed name of what is plain", root().file("a").file("a.zst"));
        cases.put(
                "packed part of what is plain", root().file("a", 21, 10, 10, 1).file("a.part-00000.zst"));
        cases.put(
                "in no store",
                new Case().store("db", "rocksdb", "db/CURRENT", 10).file("a"));
        cases.put(
                "beside a store",
                new Case().store("db", "rocksdb", "db/CURRENT", 10).file("db-2/x"));
        cases.put(
                "in a store",
                new Case().store("db", "rocksdb", "db/CURRENT", 10).file("db/x"));
        cases.put(
                "directory outside",
                new Case().store("db", "rocksdb", "db/CURRENT", 10).dir("empty"));
        cases.put(
                "store listed as empty",
                new Case().store("db", "rocksdb", "db/CURRENT", 10).dir("db"));
        cases.put("file where a store is", root().store("a", "unknown", "", 9).file("a"));
        cases.put("file above a store", root().store("a/b", "unknown", "", 9).file("a"));
        cases.put("store in other case", root().store("db", "unknown", "", 9).file("DB/x"));
        cases.put(
                "stores that differ in case",
                root().store("db", "unknown", "", 9).store("DB", "unknown", "", 9));
        cases.put(
                "store where a seal belongs",
                root().store("db", "rocksdb", "db/CURRENT", 9).store("db/CURRENT", "unknown", "", 9));
        cases.put(
                "store below a seal",
                root().store("db", "paritydb", "db/metadata", 9).store("db/metadata/x", "unknown", "", 9));
        cases.put(
                "store below a store",
                root().store("db", "paritydb", "db/metadata", 9).store("db/x", "unknown", "", 9));
        cases.put("store twice", root().store("db", "unknown", "", 9).store("db", "unknown", "", 9));
        cases.put("escaping store", root().store("../x", "unknown", "", 9));
        cases.put(
                "chunk size of the outer store",
                root().store("in", "unknown", "", 5).file("in/x", 20, 10, 10));
        cases.put(
                "chunk size of the inner store",
                root().store("in", "unknown", "", 5).file("in/x", 12, 5, 5, 2));
    }

    private static void chunks(Map<String, Case> cases) {
        cases.put("size 0", root().file("a", 0));
        cases.put("no chunk", root().file("a", 5));
        cases.put("chunk of an empty file", root().file("a", 0, 5));
        cases.put("chunk of no bytes", root().file("a", 0, 0));
        cases.put("sizes add up to less", root().file("a", 5, 4));
        cases.put("sizes add up to more", root().file("a", 5, 6));
        cases.put("twice the chunk size", root().file("a", 20, 20));
        cases.put("twice the chunk size in two", root().file("a", 20, 10, 10));
        cases.put("one more in one", root().file("a", 21, 21));
        cases.put("one more in three", root().file("a", 21, 10, 10, 1));
        cases.put("cut in the wrong place", root().file("a", 21, 10, 9, 2));
        cases.put("one chunk too many", root().file("a", 30, 10, 10, 10, 10));
        cases.put("one chunk too few", root().file("a", 30, 10, 10));
        cases.put("2^50 bytes and one", root().file("a", 1125899906842625L, 5));
        cases.put("10^9 chunks", root().file("a", 10_000_000_000L, 5));
        cases.put("2^53 - 1 bytes of a chunk", root().file("a", 5, 9007199254740991L));
        cases.put("large", new Case().store("", "unknown", "", 1L << 31).file("a", 1L << 32, 1L << 32));
        cases.put(
                "very large",
                new Case().store("", "unknown", "", 1L << 31).file("a", (1L << 32) + 1, 1L << 31, 1L << 31, 1));
    }

    /** Few names, so that they collide often, mostly in order. */
    private static Case random(Random random) {
        List<String> names =
                List.of("a", "A", "b", "a.part-00000", "a.zst", "d", "D", "\u00E9", "\u00C9", "a-b", "1", "10");
        Case tree = new Case().store("", "unknown", "", 2);
        if (random.nextBoolean()) {
            tree.store("d", "rocksdb", "d/CURRENT", 3);
        }
        List<String> files = new ArrayList<>();
        for (int count = random.nextInt(5); count >= 0; count--) {
            files.add(path(random, names));
        }
        if (tree.stores.size() > 1 && random.nextInt(10) > 0) {
            files.add("d/CURRENT");
        }
        if (random.nextInt(10) > 0) {
            files = new ArrayList<>(files.stream()
                    .map(SnapshotPath::new)
                    .sorted()
                    .map(SnapshotPath::value)
                    .toList());
        }
        for (String path : files) {
            long size = path.endsWith("/CURRENT") ? 1 + random.nextInt(6) : random.nextInt(9);
            long c = path.startsWith("d/") && tree.stores.size() > 1 && random.nextInt(8) > 0 ? 3 : 2;
            int chunks = (int) (size == 0 ? 0 : size <= 2 * c ? 1 : (size - 1) / c + 1);
            long[] sizes = new long[chunks];
            for (int index = 0; index < chunks; index++) {
                sizes[index] = chunks == 1 ? size : Math.min(c, size - index * c);
            }
            tree.file(path, size, sizes);
        }
        if (random.nextInt(3) == 0) {
            tree.dir(path(random, names));
        }
        return tree;
    }

    private static String path(Random random, List<String> names) {
        StringBuilder path = new StringBuilder(names.get(random.nextInt(names.size())));
        for (int depth = random.nextInt(3); depth > 0; depth--) {
            path.append('/').append(names.get(random.nextInt(names.size())));
        }
        return path.toString();
    }

    private Map<String, String> verdicts(Map<String, Case> cases, String awk) throws Exception {
        for (Map.Entry<String, Case> one : cases.entrySet()) {
            one.getValue().write(directory.resolve("corpus").resolve(one.getKey()));
        }
        Map<String, String> verdicts = run(awk);
        assertThat(verdicts.keySet()).containsExactlyInAnyOrderElementsOf(cases.keySet());
        return verdicts;
    }

    private Map<String, String> run(String awk) throws Exception {
        return ListHarness.run(directory, awk, ListHarness.LISTS);
    }
}
