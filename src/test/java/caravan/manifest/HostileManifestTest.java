package caravan.manifest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import caravan.failure.DamagedException;
import java.io.ByteArrayInputStream;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Every manifest here is refused, with the line and the reason; none costs much memory or time. */
class HostileManifestTest {

    private static final String HASH = "ab".repeat(32);

    /** One unknown store, chunk size 10. */
    private static final String HEADER = header(store("", "unknown", "", "10"));

    private static final String TOTALS = "{\"totals\":{\"files\":1,\"directories\":0,\"chunks\":1,\"bytes\":5}}\n";

    private static final String FILE = "{\"path\":\"a\",\"size\":5,\"chunks\":[[\"" + HASH + "\",5]]}\n";

    static final class Case {
        private final String name;
        private final byte[] manifest;
        private final int line;
        private final String reason;

        Case(String name, byte[] manifest, int line, String reason) {
            this.name = name;
            this.manifest = manifest;
            this.line = line;
            this.reason = reason;
        }

        @Override
        public String toString() {
            return name;
        }
    }

    @Test
    void whatTheCasesAreMadeOfIsGood() throws Exception {
        RecordedManifest read = new RecordedManifest();

        ManifestReader.read(new ByteArrayInputStream(utf8(HEADER + FILE + TOTALS)), "x", read);

        assertThat(read.files).hasSize(1);
    }

    @Test
    void unknownFieldsAreIgnoredInEveryObject() throws Exception {
        String unknown = "\"mode\":[{\"setuid\":true,\"x\":1.5e400}],";
        String manifest = (HEADER
                        + FILE.replace(",5]", ",5,{\"encoding\":\"zst\",\"size\":4,\"sha256\":\"" + HASH + "\"}]")
                        + "{\"directory\":\"d\"}\n"
                        + TOTALS.replace("directories\":0", "directories\":1"))
                .replace("{\"", "{" + unknown + "\"");
        RecordedManifest read = new RecordedManifest();

        ManifestReader.read(new ByteArrayInputStream(utf8(manifest)), "x", read);

        assertThat(read.files).hasSize(1);
        assertThat(read.directories).hasSize(1);
    }

    @Test
    void orderOfFieldsDoesNotMatter() throws Exception {
        String manifest = HEADER + "{\"chunks\":[[\"" + HASH + "\",5]],\"size\":5,\"path\":\"a\"}\n" + TOTALS;

        assertThat(ManifestReader.read(new ByteArrayInputStream(utf8(manifest)), "x", new RecordedManifest())
                        .files())
                .isEqualTo(1);
    }

    @ParameterizedTest
    @MethodSource({"texts", "headers", "lines", "chunks", "numbers", "paths", "trees", "totals"})
    @Timeout(10)
    void isRefusedWithLineAndReason(Case hostile) {
        assertThatThrownBy(() -> ManifestReader.read(
                        new ByteArrayInputStream(hostile.manifest), "http://x/m", new RecordedManifest()))
                .isInstanceOf(DamagedException.class)
                .hasMessageStartingWith("cannot use the manifest http://x/m: line " + hostile.line + ": ")
                .hasMessageContaining(hostile.reason)
                .satisfies(e -> assertThat(e.getMessage()).matches("\\P{Cntrl}{1,4900}"));
    }

    static Stream<Case> texts() {
        String good = HEADER + FILE + TOTALS;
        return Stream.of(
                of("nothing at all", "", 1, "nothing, where a header should be"),
                of("header alone", HEADER, 1, "nothing, where the totals line should be"),
                of("no totals", HEADER + FILE, 2, "nothing, where the totals line should be"),
                of("no last newline", good.substring(0, good.length() - 1), 3, "no newline"),
                of("header without newline", HEADER.strip(), 1, "no newline"),
                of("byte order mark", "\uFEFF" + good, 1, "Unexpected character"),
                of("line after totals", good + FILE, 4, "something follows the totals"),
                of("empty line after totals", good + "\n", 4, "something follows the totals"),
                of("empty line before", "\n" + good, 1, "is not an object"),
                of("empty line within", HEADER + "\n" + FILE + TOTALS, 2, "is not an object"),
                of("two objects in a line", HEADER + FILE.strip() + FILE + TOTALS, 2, "something follows"),
                of("junk after an object", HEADER + FILE.strip() + " x\n" + TOTALS, 2, "Unrecognized token"),
                of("object over two lines", HEADER + FILE.replace(",", ",\n") + TOTALS, 2, "end-of-input"),
                of("comment", HEADER + "// x\n" + FILE + TOTALS, 2, "Unexpected character"),
                of("single quotes", HEADER + FILE.replace('"', '\'') + TOTALS, 2, "Unexpected character"),
                of("array", HEADER + "[" + FILE.strip() + "]\n" + TOTALS, 2, "is not an object"),
                of("number", HEADER + "1\n" + TOTALS, 2, "is not an object"),
                of("null", HEADER + "null\n" + TOTALS, 2, "is not an object"),
                of("trailing comma", HEADER + FILE.replace("]}", "],}") + TOTALS, 2, "Unexpected character"),
                of(
                        "tab in a text",
                        HEADER + FILE.replace("\"a\"", "\"a\tb\"") + TOTALS,
                        2,
                        "Illegal unquoted character"),
                new Case("UTF-16", good.getBytes(StandardCharsets.UTF_16LE), 1, "Illegal character"),
                new Case("Latin 1", encode(good, "\u00E4", StandardCharsets.ISO_8859_1), 1, "not UTF-8"),
                new Case("overlong UTF-8", splice(good, 0xC0, 0xAF), 1, "not UTF-8"),
                new Case("surrogate in UTF-8", splice(good, 0xED, 0xA0, 0x80), 1, "not UTF-8"),
                new Case("gzip", new byte[] {0x1F, (byte) 0x8B, 8, 0, 0}, 1, "not UTF-8"),
                of("a web page", "<!DOCTYPE html>\n<html></html>\n", 1, "Unexpected character"));
    }

    static Stream<Case> headers() {
        String rocks = store("db", "rocksdb", "db/CURRENT", "10");
        return Stream.of(
                of("no header", FILE + TOTALS, 1, "\"format\" is missing"),
                of("two headers", HEADER + HEADER + TOTALS, 2, "not exactly one of"),
                of("next format", HEADER.replace("manifest-1", "manifest-2"), 1, "a newer one is needed"),
                of("other format", HEADER.replace("manifest-1", "x"), 1, "not caravan-manifest-1"),
                of(
                        "format of a record",
                        HEADER.replace("manifest-1", "record-1").replace("caravan-", "y-"),
                        1,
                        "not caravan-manifest-1"),
                of("no database", HEADER.replace("\"database\"", "\"d\""), 1, "\"database\" is missing"),
                of("no snapshot", HEADER.replace("\"snapshot\"", "\"s\""), 1, "\"snapshot\" is missing"),
                of("no stores", HEADER.replace("\"stores\"", "\"s\""), 1, "\"stores\" is missing"),
                of("empty stores", header(""), 1, "at least one store"),
                of("database name with slash", HEADER.replace("demo", "../x"), 1, "a database name has"),
                of("reserved database name", HEADER.replace("demo", "chunks"), 1, "a database name has"),
                of("snapshot without time", HEADER.replace("20261122T083300Z-5", "latest"), 1, "a snapshot is named"),
                of("snapshot on no day", HEADER.replace("20261122", "20260230"), 1, "no such time"),
                of("format twice", HEADER.replace("\"database\"", "\"format\":\"x\",\"database\""), 1, "Duplicate"),
                of("store twice", header(rocks + "," + rocks), 1, "two stores with path"),
                of(
                        "stores that differ in case",
                        header(rocks + "," + store("DB", "rocksdb", "DB/CURRENT", "10")),
                        1,
                        "case alone"),
                of(
                        "store where a seal belongs",
                        header(rocks + "," + store("db/CURRENT", "unknown", "", "10")),
                        1,
                        "where the file"),
                of(
                        "store below a seal",
                        header(rocks + "," + store("db/CURRENT/x", "unknown", "", "10")),
                        1,
                        "where the file"),
                of("wrong seal", header(store("db", "rocksdb", "db/metadata", "10")), 1, "the seal of a rocksdb store"),
                of("seal outside", header(store("db", "rocksdb", "CURRENT", "10")), 1, "the seal of a rocksdb store"),
                of("no seal field", HEADER.replace("\"seal\"", "\"s\""), 1, "\"seal\" is missing"),
                of("unknown engine", header(store("", "mdbx", "", "10")), 1, "no engine is called"),
                of("escaping store", header(store("../x", "unknown", "", "10")), 1, "ends in a dot"),
                of("absolute store", header(store("/x", "unknown", "", "10")), 1, "is absolute"),
                of("chunk size 0", header(store("", "unknown", "", "0")), 1, "at least 1 byte"),
                of("negative chunk size", header(store("", "unknown", "", "-1")), 1, "is not between"),
                of("huge chunk size", header(store("", "unknown", "", "2147483649")), 1, "larger than"),
                of("fractional chunk size", header(store("", "unknown", "", "1.5")), 1, "not a whole number"),
                of("chunk size as text", header(store("", "unknown", "", "\"10\"")), 1, "not a whole number"),
                of("store is a text", header("\"db\""), 1, "not an object"),
                of("stores is an object", HEADER.replace("[", "{\"x\":[").replace("]", "]}"), 1, "not an array"),
                of("control in a text", HEADER.replace("\"copy\"", "\"\\u001b[31m\""), 1, "forbidden character U+001B"),
                of("bidi in a text", HEADER.replace("\"copy\"", "\"\\u202e\""), 1, "forbidden character U+202E"),
                of(
                        "very many stores",
                        header((store("", "unknown", "", "1") + ",").repeat(300) + rocks),
                        1,
                        "more than 256 stores"));
    }

    static Stream<Case> lines() {
        return Stream.of(
                line("no kind", "{}", "not exactly one of"),
                line("unknown kind", "{\"link\":\"a\",\"target\":\"/etc\"}", "not exactly one of"),
                line("file and directory", FILE.replace("{", "{\"directory\":\"d\","), "not exactly one of"),
                line("file and totals", FILE.strip().replace("}", ",") + TOTALS.substring(1), "not exactly one of"),
                line("no size", FILE.replace("\"size\"", "\"s\""), "\"size\" is missing"),
                line("no chunks", FILE.replace("\"chunks\"", "\"c\""), "\"chunks\" is missing"),
                line("path twice", FILE.replace("{", "{\"path\":\"b\","), "Duplicate"),
                line("size twice", FILE.replace("{", "{\"size\":5,"), "Duplicate"),
                line("escaped name twice", FILE.replace("{", "{\"\\u0070ath\":\"a\","), "Duplicate"),
                line("twice in what is not known", FILE.replace("{", "{\"x\":{\"y\":1,\"y\":2},"), "Duplicate"),
                line("path is a number", FILE.replace("\"a\"", "1"), "not a text"),
                line("path is null", FILE.replace("\"a\"", "null"), "not a text"),
                line("path is an array", FILE.replace("\"a\"", "[\"a\"]"), "not a text"),
                line("chunks is null", "{\"path\":\"a\",\"size\":0,\"chunks\":null}", "not an array"),
                line("chunks is an object", "{\"path\":\"a\",\"size\":0,\"chunks\":{}}", "not an array"),
                line(
                        "deep nesting",
                        FILE.replace("{", "{\"x\":" + "[".repeat(9) + "]".repeat(9) + ","),
                        "nesting depth"),
                line("very deep nesting", FILE.replace("{", "{\"x\":" + "[".repeat(100_000) + ","), "nesting depth"),
                line(
                        "long name",
                        FILE.replace("{", "{\"" + "x".repeat(100_000) + "\":1,"),
                        "exceeds the maximum allowed"),
                line("long path", FILE.replace("\"a\"", "\"" + "x".repeat(1 << 20) + "\""), "String"),
                line("long number", FILE.replace(":5", ":" + "5".repeat(100_000)), "exceeds the maximum allowed"),
                line("directory is no text", "{\"directory\":{}}", "not a text"),
                line("truncated escape", FILE.replace("\"a\"", "\"\\u00\""), "expected a hex-digit"),
                line("unknown escape", FILE.replace("\"a\"", "\"\\x\""), "Unrecognized character escape"));
    }

    static Stream<Case> chunks() {
        String chunk = "[\"" + HASH + "\",5]";
        String stored = "[\"" + HASH + "\",5,{\"encoding\":\"zst\",\"size\":4,\"sha256\":\"" + HASH + "\"}]";
        return Stream.of(
                line("empty chunk", FILE.replace(chunk, "[]"), "no hash"),
                line("chunk without size", FILE.replace(chunk, "[\"" + HASH + "\"]"), "no size"),
                line("chunk is an object", FILE.replace(chunk, "{}"), "not an array"),
                line("chunk is a text", FILE.replace(chunk, "\"" + HASH + "\""), "not an array"),
                line("hash too short", FILE.replace(HASH, HASH.substring(2)), "64 lower-case"),
                line("hash too long", FILE.replace(HASH, HASH + "0"), "64 lower-case"),
                line("hash in upper case", FILE.replace(HASH, "AB".repeat(32)), "lower-case hexadecimal"),
                line("hash with a path", FILE.replace(HASH, "../" + HASH.substring(3)), "lower-case hexadecimal"),
                line("hash is a number", FILE.replace("\"" + HASH + "\"", "5"), "not a text"),
                line("chunk of no bytes", FILE.replace(",5]", ",0]"), "at least 1 byte"),
                line("too many elements", FILE.replace(chunk, stored.replace("]", ",1]")), "more than hash"),
                line("third element is a text", FILE.replace(",5]", ",5,\"zst\"]"), "not an object"),
                line("unknown encoding", FILE.replace(chunk, stored.replace("zst", "gzip")), "is stored as"),
                line("no encoding", FILE.replace(chunk, stored.replace("encoding", "e")), "\"encoding\" is missing"),
                line("no stored size", FILE.replace(chunk, stored.replace("\"size\"", "\"s\"")), "\"size\" is missing"),
                line("no stored hash", FILE.replace(chunk, stored.replace("sha256", "s")), "\"sha256\" is missing"),
                line(
                        "stored size 0",
                        FILE.replace(chunk, stored.replace("\"size\":4", "\"size\":0")),
                        "at least 1 byte"),
                line(
                        "frame larger than possible",
                        FILE.replace(chunk, stored.replace("\"size\":4", "\"size\":518")),
                        "longer compressed"),
                line("sizes add up to less", FILE.replace(",5]", ",4]"), "have 4 bytes, the file has 5"),
                line("sizes add up to more", FILE.replace(",5]", ",6]"), "have 6 bytes, the file has 5"),
                line("chunks of an empty file", FILE.replace("\"size\":5", "\"size\":0"), "more than 0 chunks"),
                line("no chunks of a file", FILE.replace(chunk, ""), "have 0 bytes"),
                line("two chunks where one is", file("a", 20, 10, 10), "more than 1 chunks"),
                line(
                        "one chunk where three are",
                        file("a", 21, 21),
                        "has 1 chunks, by its store's chunk size it has 3"),
                line("cut in the wrong place", file("a", 21, 10, 9, 2), "chunk 1 of the file \"a\" has 9 bytes"),
                line(
                        "chunks first, too many",
                        "{\"chunks\":[" + chunk + "," + chunk + "],\"size\":10,\"path\":\"a\"}",
                        "has 2 chunks"));
    }

    static Stream<Case> numbers() {
        List<Case> cases = new ArrayList<>();
        for (String bad : List.of("-5", "-0", "9007199254740992", "9223372036854775807", "-9223372036854775808")) {
            cases.add(line("size " + bad, FILE.replace("\"size\":5", "\"size\":" + bad), "is not between"));
        }
        for (String bad : List.of("9223372036854775808", "18446744073709551617")) {
            cases.add(line("size " + bad, FILE.replace("\"size\":5", "\"size\":" + bad), "out of range"));
        }
        for (String bad : List.of("5.0", "5e0", "1e400", "\"5\"", "true", "null", "[5]", "{}")) {
            cases.add(line("size " + bad, FILE.replace("\"size\":5", "\"size\":" + bad), "is not a whole number"));
        }
        for (String bad : List.of("NaN", "Infinity", "-Infinity", "+5", "05", "0x5", ".5", "5_0")) {
            cases.add(line("size " + bad, FILE.replace("\"size\":5", "\"size\":" + bad), ""));
        }
        cases.add(line("2^50 + 1 bytes", FILE.replace("\"size\":5", "\"size\":1125899906842625"), "is larger than"));
        cases.add(line("10^9 chunks", FILE.replace("\"size\":5", "\"size\":10000000000"), "has 1000000000 chunks"));
        cases.add(line("chunk sizes that overflow", FILE.replace(",5]", ",9007199254740991]"), "the file has 5"));
        return cases.stream();
    }

    static Stream<Case> paths() {
        List<Case> cases = new ArrayList<>();
        List<String> bad = List.of(
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
                "a\\\\b",
                "..\\\\x",
                "a.",
                "a /b",
                "a./b",
                "a\\u0000b",
                "a\\u001bb",
                "a\\u007fb",
                "a\\u0085b",
                "a\\u202eb",
                "a\\u2066b",
                "a\\u200bb",
                "a\\ufeffb",
                "a\\uffffb",
                "\\ud800",
                "\\udc00\\ud800",
                "e\\u0301",
                "\\u212b",
                ".caravan/x",
                ".caravan-incomplete",
                "x".repeat(256),
                "é".repeat(128),
                "x/".repeat(2048) + "x",
                "");
        for (String path : bad) {
            cases.add(line("file " + path, FILE.replace("\"a\"", "\"" + path + "\""), ""));
            cases.add(line("directory " + path, "{\"directory\":\"" + path + "\"}", ""));
        }
        return cases.stream();
    }

    static Stream<Case> trees() {
        String ten = header(store("db", "rocksdb", "db/CURRENT", "10"));
        return Stream.of(
                tree("path twice", "does not come after", file("a"), file("a")),
                tree("wrong order", "does not come after", file("b"), file("a")),
                tree("order of UTF-16 and not of UTF-8", "does not come after", file("\uD83D\uDE00"), file("\uFF41")),
                tree("file after directory", "after an empty directory", dir("a"), file("b")),
                tree("directory twice", "does not come after", dir("a"), dir("a")),
                tree("directories in wrong order", "does not come after", dir("b"), dir("a")),
                tree("file is a directory", "both a file and a directory", file("a"), file("a/b")),
                tree(
                        "file is a directory far before",
                        "both a file and a directory",
                        file("a"),
                        file("a-b"),
                        file("a/b")),
                tree("file is an empty directory", "both a file and a directory", file("a"), dir("a")),
                tree("file is above an empty directory", "both a file and a directory", file("a"), dir("a/b")),
                tree("empty directory has a file", "listed as empty", file("a/b"), dir("a")),
                tree("empty directory has a directory", "listed as empty", dir("a"), dir("a/b")),
                tree("case of a file", "case alone", file("A"), file("a")),
                tree("case of a directory", "case alone", file("A/x"), file("a/y")),
                tree("case of file and directory", "case alone", file("A"), file("a/y")),
                tree("case of an empty directory", "case alone", file("a"), dir("A")),
                tree("case beyond ASCII", "case alone", file("É"), file("é")),
                tree("case in Greek", "case alone", file("Σ"), file("σ")),
                tree("final sigma", "case alone", file("ς"), file("σ")),
                tree("sharp s", "case alone", file("SS"), file("ß")),
                tree("long s", "case alone", file("s"), file("ſ")),
                tree("name of a part", "is the name of a part", file("a", 21, 10, 10, 1), file("a.part-00001", 1, 1)),
                tree(
                        "name of a far part",
                        "is the name of a part",
                        file("a", 21, 10, 10, 1),
                        file("a.part-123456", 1, 1)),
                new Case("in no store", utf8(ten + FILE + TOTALS), 2, "lies in no store"),
                new Case("beside a store", utf8(ten + file("db-2/x", 1, 1) + TOTALS), 2, "lies in no store"),
                new Case(
                        "file where a store is",
                        utf8(header(store("", "unknown", "", "9") + "," + store("a", "unknown", "", "9")) + FILE),
                        2,
                        "both a file and"),
                new Case(
                        "file above a store",
                        utf8(header(store("", "unknown", "", "9") + "," + store("a/b", "unknown", "", "9")) + FILE),
                        2,
                        "both a file and"),
                new Case(
                        "store in other case",
                        utf8(header(store("", "unknown", "", "9") + "," + store("db", "unknown", "", "9"))
                                + file("DB/x", 1, 1)),
                        2,
                        "case alone"),
                new Case(
                        "chunk size of the outer store",
                        utf8(header(store("", "unknown", "", "99") + "," + store("in", "unknown", "", "10"))
                                + file("in/x", 21, 21)),
                        2,
                        "it has 3"));
    }

    static Stream<Case> totals() {
        List<Case> cases = new ArrayList<>();
        for (String name : List.of("files", "directories", "chunks", "bytes")) {
            cases.add(of("totals without " + name, HEADER + FILE + TOTALS.replace(name, "x"), 3, "is missing"));
            cases.add(of(
                    "other " + name,
                    HEADER + FILE + TOTALS.replaceAll(name + "\":\\d", name + "\":7"),
                    3,
                    "add up to"));
        }
        cases.add(of("totals are a number", HEADER + "{\"totals\":0}\n", 2, "is not an object"));
        cases.add(of("totals twice", HEADER + FILE + TOTALS + TOTALS, 4, "something follows"));
        cases.add(of("file missing", HEADER + TOTALS, 2, "add up to"));
        cases.add(of("file too many", HEADER + FILE + file("b") + TOTALS, 4, "add up to"));
        return cases.stream();
    }

    @Test
    @Timeout(30)
    void lineWithoutEndIsNotCollectedInMemory() {
        byte[] block = utf8(" ".repeat(1 << 16));

        assertThatThrownBy(
                        () -> ManifestReader.read(endless(utf8(HEADER), block), "http://x/m", new RecordedManifest()))
                .isInstanceOf(DamagedException.class)
                .hasMessageContaining("line 2: the line is longer than");
    }

    @Test
    @Timeout(30)
    void chunksWithoutEndAreRefusedAtOnceWhenTheSizeIsKnown() {
        byte[] block = utf8(("[\"" + HASH + "\",10],").repeat(100));
        byte[] begin = utf8(HEADER + "{\"path\":\"a\",\"size\":1000,\"chunks\":[");

        assertThatThrownBy(() -> ManifestReader.read(endless(begin, block), "x", new RecordedManifest()))
                .isInstanceOf(DamagedException.class)
                .hasMessageContaining("it has more than 100 chunks");
    }

    /** The beginning, and then the block again and again. */
    private static InputStream endless(byte[] begin, byte[] block) {
        return new FilterInputStream(new ByteArrayInputStream(begin)) {
            @Override
            public int read(byte[] target, int offset, int length) throws IOException {
                if (in.available() == 0) {
                    in = new ByteArrayInputStream(block);
                }
                return in.read(target, offset, length);
            }
        };
    }

    private static Case of(String name, String manifest, int line, String reason) {
        return new Case(name, utf8(manifest), line, reason);
    }

    /** Line 2 is hostile, the rest is good. */
    private static Case line(String name, String line, String reason) {
        return of(name, HEADER + line.strip() + "\n" + TOTALS, 2, reason);
    }

    /** The last line is hostile because of those before it. */
    private static Case tree(String name, String reason, String... lines) {
        return of(name, HEADER + String.join("", lines), 1 + lines.length, reason);
    }

    private static String header(String stores) {
        return "{\"format\":\"caravan-manifest-1\",\"database\":\"demo\",\"snapshot\":\"20261122T083300Z-5\",\"stores\":["
                + stores + "]}\n";
    }

    private static String store(String path, String engine, String seal, String chunkSize) {
        return String.format(
                "{\"path\":\"%s\",\"engine\":\"%s\",\"seal\":\"%s\",\"capture\":\"copy\",\"verification\":\"none\","
                        + "\"chunkSize\":%s}",
                path, engine, seal, chunkSize);
    }

    private static String file(String path, long... sizes) {
        StringBuilder chunks = new StringBuilder();
        for (int at = 1; at < sizes.length; at++) {
            chunks.append(at == 1 ? "" : ",").append("[\"" + HASH + "\"," + sizes[at] + "]");
        }
        long size = sizes.length == 0 ? 0 : sizes[0];
        return "{\"path\":\"" + path + "\",\"size\":" + size + ",\"chunks\":[" + chunks + "]}\n";
    }

    private static String dir(String path) {
        return "{\"directory\":\"" + path + "\"}\n";
    }

    private static byte[] encode(String good, String extra, Charset charset) {
        return good.replace("demo", extra).getBytes(charset);
    }

    private static byte[] splice(String good, int... bytes) {
        byte[] all = utf8(good);
        for (int at = 0; at < bytes.length; at++) {
            all[12 + at] = (byte) bytes[at];
        }
        return all;
    }

    private static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
