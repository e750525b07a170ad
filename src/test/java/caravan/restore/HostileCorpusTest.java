package caravan.restore;

import static org.assertj.core.api.Assertions.assertThat;

import caravan.restore.SyncScriptListTest.Case;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.BiFunction;
import java.util.stream.Stream;
import org.assertj.core.api.SoftAssertions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Hundreds of hostile manifests in dozens of classes, each a good one with one thing wrong: the Java client and sync.sh
 * refuse every single one. sync.sh judges all of a kind in one process.
 */
@Timeout(300)
class HostileCorpusTest {

    @TempDir
    Path directory;

    private final Map<String, Case> trees = new LinkedHashMap<>();
    private final Map<String, String> headers = new LinkedHashMap<>();

    @Test
    void bothClientsRefuseEveryOneOfThem() throws Exception {
        SoftAssertions softly = new SoftAssertions();
        paths();
        names();
        stores();
        locks();
        chunks();
        headers();

        assertThat(good().java()).as("what the trees are made of").isTrue();
        assertThat(whole("db", "rocksdb", "db/CURRENT").java()).isTrue();
        assertThat(whole("", "paritydb", "metadata").java()).isTrue();
        assertThat(root().java()).isTrue();
        assertThat(root().store("a/b", "unknown", "", 9).dir("a/b").java()).isTrue();
        assertThat(root().store("a", "unknown", "", 9)
                        .store("a/b", "unknown", "", 9)
                        .dir("a/b")
                        .java())
                .isTrue();
        for (Map.Entry<String, Case> tree : trees.entrySet()) {
            softly.assertThat(tree.getValue().java()).as(tree.getKey()).isFalse();
            tree.getValue().write(directory.resolve("trees/corpus").resolve(tree.getKey()));
        }
        good().write(directory.resolve("trees/corpus/good"));
        verdicts(softly, ListHarness.run(directory.resolve("trees"), "awk", ListHarness.LISTS), trees.keySet());

        assertThat(accepts(rocks("db/full").header()))
                .as("what the headers are made of")
                .isTrue();
        for (Map.Entry<String, String> header : headers.entrySet()) {
            softly.assertThat(accepts(header.getValue())).as(header.getKey()).isFalse();
            write(header.getKey(), header.getValue());
        }
        write("good", rocks("db/full").header());
        verdicts(softly, ListHarness.run(directory.resolve("headers"), "awk", ListHarness.HEADERS), headers.keySet());

        softly.assertAll();

        Set<String> classes = new LinkedHashSet<>();
        trees.keySet().forEach(name -> classes.add(name.replaceFirst(" \\d+$", "")));
        headers.keySet().forEach(name -> classes.add(name.replaceFirst(" \\d+$", "")));
        System.out.println("HostileCorpusTest: " + (trees.size() + headers.size()) + " hostile manifests in "
                + classes.size() + " classes");
        assertThat(trees.size() + headers.size()).isGreaterThanOrEqualTo(300);
        assertThat(classes).hasSizeGreaterThanOrEqualTo(40);
    }

    /** 3: it is wrong; 4: it has a letter that the script cannot judge, and does not guess about. */
    private static void verdicts(SoftAssertions softly, Map<String, String> verdicts, Set<String> hostile) {
        assertThat(verdicts.remove("good")).startsWith("ok");
        assertThat(verdicts.keySet()).containsExactlyInAnyOrderElementsOf(hostile);
        verdicts.forEach((name, verdict) -> softly.assertThat(verdict).as(name).matches("(?s)[34]\\t.*"));
    }

    /** With what belongs into its store. */
    private static boolean accepts(String header) throws Exception {
        String rest = "{\"path\":\"db/full/CURRENT\",\"size\":1,\"chunks\":[[\"" + "ab".repeat(32) + "\",1]]}\n"
                + "{\"totals\":{\"files\":1,\"directories\":0,\"chunks\":1,\"bytes\":1}}\n";
        return Case.accepts(header + rest);
    }

    private void write(String name, String header) throws Exception {
        Path where = Files.createDirectories(directory.resolve("headers/corpus").resolve(name));
        Files.writeString(where.resolve("header.jsonl"), header);
    }

    private static Case good() {
        return new Case().store("", "unknown", "", 10).file("a/b", 5, 5).file("c", 21, 10, 10, 1);
    }

    private static Case root() {
        return new Case().store("", "unknown", "", 10);
    }

    private void paths() {
        hostilePaths("parent", "..", "../x", "a/../x", "a/..", "a/b/../../../etc/cron.d/x");
        hostilePaths("itself", ".", "./a", "a/./b", "a/.");
        hostilePaths("absolute", "/", "/etc/passwd", "//x/y", "/a/b");
        hostilePaths("empty name", "", "a//b", "a/", "a///b");
        hostilePaths("drive", "C:/x", "c:x", "Z:", "d:/../x");
        hostilePaths("backslash", "a\\b", "..\\x", "\\x", "a/b\\..\\c");
        hostilePaths("dot at the end", "a.", "a./b", "d/e.", "...");
        hostilePaths("space at the end", "a ", "a /b", "d/e ", " ");
        hostileLetters("control", 0x01, 0x07, 0x08, 0x0B, 0x1B, 0x1F);
        hostileLetters("control beyond ASCII", 0x7F, 0x80, 0x85, 0x9B, 0x9F);
        hostileLetters("direction", 0x200E, 0x200F, 0x202A, 0x202E, 0x2066, 0x2069);
        hostileLetters("no width", 0x200B, 0x200C, 0x200D, 0x2060, 0xFEFF);
        hostileLetters("separator", 0x2028, 0x2029);
        hostileLetters("no character", 0xFFF0, 0xFFF9, 0xFFFD, 0xFFFE, 0xFFFF);
        hostileLetters("tag", 0xE0001, 0xE0020, 0xE007F, 0xE0FFF);
        hostilePaths("own name", ".caravan", ".caravan/restore", ".caravan-incomplete", ".caravanx/y");
        hostilePaths(
                "long name", "x".repeat(256), "a/" + "x".repeat(300), "\u00E9".repeat(128), "x".repeat(257) + "/a");
        hostilePaths("long path", "x/".repeat(2048) + "x", "x/".repeat(5000) + "x", "ab/".repeat(1366) + "abc");
        hostilePaths("not composed", "a\u0301", "e\u0308/x", "x/o\u0302", "A\u030A");
    }

    private void hostileLetters(String kind, int... letters) {
        for (int letter : letters) {
            String text = Character.toString(letter);
            hostilePaths(kind, "a" + text + "b", text + "/x");
        }
    }

    /** Each as the path of a file, of an empty directory and of a store. */
    private void hostilePaths(String kind, String... paths) {
        for (String path : paths) {
            add(kind, root().file(path));
            add(kind, root().dir(path));
            if (!path.isEmpty()) {
                add("store, " + kind, root().store(path, "unknown", "", 9));
            }
        }
    }

    private void names() {
        for (String above : List.of("", "d/", "d/e/")) {
            BiFunction<String, String, Case> two =
                    (one, other) -> root().file(above + one).file(above + other);
            add("file twice", two.apply("a", "a"));
            add("wrong order", two.apply("b", "a"));
            add("wrong order", two.apply("9", "10"));
            add("wrong order", two.apply("\u00E9", "z"));
            add("file is a directory", two.apply("a", "a/b"));
            add(
                    "file is a directory",
                    root().file(above + "a").file(above + "a-b").file(above + "a/b"));
            add("case of files", two.apply("A", "a"));
            add("case of files", two.apply("READ", "Read"));
            add("case of files beyond ASCII", two.apply("\u00C9", "\u00E9"));
            add("case of files beyond ASCII", two.apply("\u0178", "\u00FF").dir("zz"));
            add("case of directories", two.apply("A/x", "a/y"));
            add("case of file and directory", two.apply("A", "a/y"));
            add("letter of two letters", two.apply("SS", "\u00DF"));
            add("directory twice", root().dir(above + "a").dir(above + "a"));
            add("directories in wrong order", root().dir(above + "b").dir(above + "a"));
            add("file after directory", root().dir(above + "a").file(above + "b"));
            add("file is an empty directory", root().file(above + "a").dir(above + "a"));
            add("file above an empty directory", root().file(above + "a").dir(above + "a/b"));
            add("directory is not empty", root().file(above + "a/b").dir(above + "a"));
            add("directory is not empty", root().dir(above + "a").dir(above + "a/b"));
            add("case of an empty directory", root().file(above + "a").dir(above + "A"));
            for (String part : List.of("00000", "00001", "123456")) {
                add("name of a part", root().file(above + "a", 21, 10, 10, 1).file(above + "a.part-" + part));
            }
        }
    }

    private void stores() {
        for (String store : List.of("db", "db/full", "x/y/z")) {
            String seal = store + "/CURRENT";
            String paritySeal = store + "/metadata";
            add("outside every store", whole(store, "rocksdb", seal, "elsewhere"));
            add("outside every store", whole(store, "rocksdb", seal, store + "-2/x"));
            add("outside every store", whole(store, "rocksdb", seal, store.substring(0, store.length() - 1)));
            add("no seal", rocks(store).file(store + "/000004.sst"));
            add("no seal", new Case().store(store, "paritydb", paritySeal, 10).file(store + "/table_00_15"));
            add("no seal", rocks(store).dir(store));
            add("seal is empty", rocks(store).file(seal, 0));
            add(
                    "seal is empty",
                    new Case().store(store, "paritydb", paritySeal, 10).file(paritySeal, 0));
            add("seal is a directory", rocks(store).dir(seal));
            add("seal is a directory", rocks(store).file(seal + "/x"));
            add("store without files", root().store(store, "unknown", "", 9));
            add("store without files", whole("a", "rocksdb", "a/CURRENT").store(store, "unknown", "", 9));
            add(
                    "store without files",
                    root().store(store + "/in", "unknown", "", 9).dir(store));
            add(
                    "store without files",
                    root().store(store + "/in/in", "unknown", "", 9).dir(store + "/in"));
            add("store at a seal", rocks(store).store(store + "/CURRENT", "unknown", "", 9));
            add("store below a seal", rocks(store).store(store + "/CURRENT/x", "unknown", "", 9));
            add("file where a store is", root().store(store, "unknown", "", 9).file(store));
            add(
                    "file above a store",
                    root().store(store + "/in", "unknown", "", 9).file(store));
            add(
                    "store in another case",
                    root().store(store, "unknown", "", 9).file(store.toUpperCase(Locale.ROOT) + "/x"));
            add(
                    "stores in two cases",
                    root().store(store, "unknown", "", 9).store(store.toUpperCase(Locale.ROOT), "unknown", "", 9));
        }
    }

    private void locks() {
        for (String store : List.of("", "db", "db/full")) {
            String in = store.isEmpty() ? "" : store + "/";
            for (String[] engine : new String[][] {{"rocksdb", "CURRENT", "LOCK"}, {"paritydb", "metadata", "lock"}}) {
                for (String lock : List.of(in + engine[2], in + (engine[2].equals("LOCK") ? "lock" : "LOCK"))) {
                    String seal = in + engine[1];
                    add("lock file", whole(store, engine[0], seal, lock));
                    add(
                            "directory is a lock file",
                            whole(store, engine[0], seal).dir(lock));
                    add("below a lock file", whole(store, engine[0], seal, lock + "/x"));
                    add("store is a lock file", whole(store, engine[0], seal).store(lock, "unknown", "", 9));
                }
            }
        }
    }

    /** A store with its seal and these files. */
    private static Case whole(String store, String engine, String seal, String... files) {
        Case tree = new Case().store(store, engine, seal, 10);
        Stream.concat(Stream.of(seal), Stream.of(files)).sorted().forEach(tree::file);
        return tree;
    }

    private static Case rocks(String store) {
        return new Case().store(store, "rocksdb", store + "/CURRENT", 10);
    }

    private void chunks() {
        for (String path : List.of("a", "d/e")) {
            add("no chunk", root().file(path, 5));
            add("no chunk", root().file(path, 25));
            add("chunk of an empty file", root().file(path, 0, 5));
            add("chunk of an empty file", root().file(path, 0, 1, 1));
            add("chunk of no bytes", root().file(path, 0, 0));
            add("chunk of no bytes", root().file(path, 5, 5, 0));
            add("chunk of no bytes", root().file(path, 21, 10, 10, 0));
            add("less than its size", root().file(path, 5, 4));
            add("less than its size", root().file(path, 25, 10, 10, 4));
            add("more than its size", root().file(path, 5, 6));
            add("more than its size", root().file(path, 25, 10, 10, 10));
            add("not cut", root().file(path, 21, 21));
            add("not cut", root().file(path, 1_000_000, 1_000_000));
            add("cut without need", root().file(path, 20, 10, 10));
            add("cut without need", root().file(path, 2, 1, 1));
            add("cut in the wrong place", root().file(path, 21, 10, 9, 2));
            add("cut in the wrong place", root().file(path, 25, 5, 10, 10));
            add("chunks too many", root().file(path, 30, 10, 10, 10, 10));
            add("chunks too few", root().file(path, 30, 10, 10));
            add("absurd size", root().file(path, 1125899906842625L, 5));
            add("absurd size", root().file(path, 9007199254740991L, 9007199254740991L));
            add("absurd number of chunks", root().file(path, 10_000_000_000L, 5));
            add("absurd chunk", root().file(path, 5, 9007199254740991L));
        }
    }

    private void headers() {
        String header = rocks("db/full").header();
        for (String field :
                List.of("format", "database", "snapshot", "stores", "path", "engine", "seal", "chunkSize")) {
            header("field is missing", header.replaceFirst("\"" + field + "\"", "\"" + field + "x\""));
            header(
                    "field in another case",
                    header.replaceFirst("\"" + field + "\"", "\"" + field.toUpperCase(Locale.ROOT) + "\""));
        }
        for (String field : List.of("format", "database", "snapshot")) {
            String value = "\"" + field + "\":";
            header("field of another type", header.replaceFirst(value + "\"[^\"]*\"", value + "1"));
            header("field of another type", header.replaceFirst(value + "\"[^\"]*\"", value + "null"));
            header("field of another type", header.replaceFirst(value + "\"([^\"]*)\"", value + "[\"$1\"]"));
            header("field twice", header.replaceFirst("\\{", "{" + value + "\"x\","));
        }
        header("unknown field twice", header.replaceFirst("\\{", "{\"new\":1,\"new\":2,"));
        header("unknown field twice", header.replaceFirst("\\{", "{\"new\":{\"x\":1,\"x\":2},"));
        for (String format : List.of("caravan-manifest-2", "caravan-manifest-", "caravan-record-1", "")) {
            header("another format", header.replace("caravan-manifest-1", format));
        }
        for (String other : List.of("Demo", "../demo", "chunks", "files", "-demo", "")) {
            header("another database", header.replace("\"demo\"", "\"" + other + "\""));
        }
        for (String number :
                List.of("-1", "0", "1.5", "1e3", "010", "+10", "\"10\"", "2147483649", "9007199254740992", "true")) {
            header("chunk size", header.replace("\"chunkSize\":10", "\"chunkSize\":" + number));
        }
        for (String engine : List.of("leveldb", "RocksDB", "", "rocksdb ", "paritydb")) {
            header("engine", header.replace("\"rocksdb\"", "\"" + engine + "\""));
        }
        for (String seal : List.of(
                "",
                "CURRENT",
                "db/full/MANIFEST",
                "../CURRENT",
                "/db/full/CURRENT",
                "db/full/current",
                "db/full/metadata")) {
            header("seal", header.replace("\"db/full/CURRENT\"", "\"" + seal + "\""));
        }
        header("number of stores", header.replaceFirst("\\[.*]", "[]"));
        String store = header.replaceFirst(".*\\[", "").replaceFirst("]}\\n$", "");
        header("number of stores", header.replace(store, String.join(",", Collections.nCopies(257, store))));
        for (String text : List.of("\\u001b[2J", "a\\u202eb", "x\\u0000", "\\u2028", "x".repeat(1001))) {
            header("text for people", header.replace("\"copy\"", "\"" + text + "\""));
        }
        header("text without end", header.replace("\"copy\"", "\"" + "x".repeat(4097) + "\""));
        header("nested deep", header.replaceFirst("\\{", "{\"new\":" + "[".repeat(9) + "]".repeat(9) + ","));
        header(
                "nested deep",
                header.replaceFirst("\\{", "{\"new\":" + "{\"x\":".repeat(60) + "1" + "}".repeat(60) + ","));
        for (String junk : List.of("x", "{}", ",", "]", "}")) {
            header("something follows", header.strip() + junk + "\n");
        }
        for (String junk : List.of("", "null", "[]", "7", "\"text\"", "<html>", "{", "{\"format\"", "\uFEFF{}")) {
            header("no object", junk + "\n");
        }
        header("not JSON", header.replace('"', '\''));
        header("not JSON", header.replace(",", ",,"));
        header("not JSON", header.replace("}", ",}"));
        header("not JSON", header.replaceFirst("\\{", "{/* x */"));
        header("not JSON", header.replace("\"copy\"", "\"co\\py\""));
        header("not JSON", header.replace("\"copy\"", "\"\\uD800\""));
        header("not JSON", header.replace("\"copy\"", "NaN"));
    }

    private void add(String kind, Case tree) {
        trees.put(kind + " " + trees.size(), tree);
    }

    private void header(String kind, String header) {
        headers.put(kind + " " + headers.size(), header);
    }
}
