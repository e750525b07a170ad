package caravan.manifest;

import static java.util.Objects.requireNonNull;

import caravan.failure.CaravanException;
import caravan.failure.DamagedException;
import caravan.snapshot.ChunkRef;
import caravan.snapshot.DatabaseName;
import caravan.snapshot.DatabaseStore;
import caravan.snapshot.Digest;
import caravan.snapshot.Engine;
import caravan.snapshot.FileEntry;
import caravan.snapshot.ManifestHeader;
import caravan.snapshot.ManifestTotals;
import caravan.snapshot.SnapshotId;
import caravan.snapshot.SnapshotPath;
import caravan.snapshot.StoredAs;
import com.fasterxml.jackson.core.JsonProcessingException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.CharacterCodingException;
import java.util.ArrayList;
import java.util.List;

/**
 * Reads manifests as streams and refuses whatever {@code docs/format.md} does not allow, at the line where it is. Needs
 * memory for one line and at most 64 bytes for each file.
 */
public final class ManifestReader {

    /** Most characters of one line: the largest file has a line of about 180 MB. */
    private static final long MAX_LINE = 256L << 20;

    private static final String ZSTANDARD = "zst";

    private final LineReader lines;
    private final String what;
    private final ManifestVisitor visitor;
    private ManifestRules rules;

    private ManifestReader(InputStream in, String what, ManifestVisitor visitor) {
        lines = new LineReader(in, MAX_LINE);
        this.what = requireNonNull(what, "what");
        this.visitor = requireNonNull(visitor, "visitor");
    }

    /**
     * Reads {@code in} to its end and leaves it open.
     *
     * <p>Does not know the manifest's SHA-256: the caller compares it with the signed record's.
     *
     * @param what the URL or path of the manifest, for messages
     * @return the totals, which are those of what {@code visitor} was told
     * @throws DamagedException if it breaks any rule; the message has the line number
     * @throws IOException if {@code in} or {@code visitor} fails
     * @throws CaravanException if {@code visitor} fails
     */
    public static ManifestTotals read(InputStream in, String what, ManifestVisitor visitor)
            throws CaravanException, IOException {
        return new ManifestReader(in, what, visitor).read();
    }

    private ManifestTotals read() throws CaravanException, IOException {
        visitor.header(parse(this::parseHeader));
        while (true) {
            Entry entry = parse(this::parseEntry);
            if (entry.file != null) {
                visitor.file(entry.file);
            } else if (entry.directory != null) {
                visitor.directory(entry.directory);
            } else {
                parse(this::parseEnd);
                return entry.totals;
            }
        }
    }

    /** Everything wrong in the text becomes damage with a line number; a failure to read stays what it is. */
    private <T> T parse(LineParser<T> parser) throws DamagedException, IOException {
        try {
            return parser.parse();
        } catch (JsonProcessingException e) {
            throw damaged(e.getOriginalMessage(), e);
        } catch (CharacterCodingException e) {
            throw damaged("it is not UTF-8", e);
        } catch (IllegalArgumentException | ArithmeticException e) {
            throw damaged(e.getMessage(), e);
        }
    }

    private DamagedException damaged(String reason, Exception cause) {
        return new DamagedException(
                "cannot use the manifest " + what + ": line " + Math.max(1, lines.number()) + ": "
                        + PlainText.printable(reason),
                cause instanceof NewerFormatException
                        ? NewerFormatException.HINT
                        : "fetch it again; if it stays like this, choose another snapshot and tell the publisher",
                cause);
    }

    private void nextLine(String expected) throws IOException {
        if (!lines.next()) {
            throw new IllegalArgumentException("after it there is nothing, where " + expected + " should be");
        }
    }

    private ManifestHeader parseHeader() throws IOException {
        nextLine("a header");
        String format = null;
        String database = null;
        String snapshot = null;
        List<DatabaseStore> stores = null;
        try (StrictJson json = new StrictJson(lines)) {
            json.beginObject();
            for (String field = json.nextField(); field != null; field = json.nextField()) {
                switch (field) {
                    case "format" -> format = FormatNumber.read(json, ManifestHeader.FORMAT);
                    case "database" -> database = json.text();
                    case "snapshot" -> snapshot = json.text();
                    case "stores" -> stores = parseStores(json);
                    default -> json.skip();
                }
            }
            json.end();
        }
        StrictJson.require(format, "format");
        ManifestHeader header = new ManifestHeader(
                new DatabaseName(StrictJson.require(database, "database")),
                SnapshotId.parse(StrictJson.require(snapshot, "snapshot")),
                StrictJson.require(stores, "stores"));
        rules = new ManifestRules(header);
        return header;
    }

    private static List<DatabaseStore> parseStores(StrictJson json) throws IOException {
        List<DatabaseStore> stores = new ArrayList<>();
        json.beginArray();
        while (json.nextElement()) {
            if (stores.size() == ManifestRules.MAX_STORES) {
                throw new IllegalArgumentException("there are more than " + ManifestRules.MAX_STORES + " stores");
            }
            stores.add(parseStore(json));
        }
        return stores;
    }

    private static DatabaseStore parseStore(StrictJson json) throws IOException {
        String path = null;
        String engine = null;
        String seal = null;
        String capture = null;
        String verification = null;
        Long chunkSize = null;
        json.beginObject();
        for (String field = json.nextField(); field != null; field = json.nextField()) {
            switch (field) {
                case "path" -> path = json.text();
                case "engine" -> engine = json.text();
                case "seal" -> seal = json.text();
                case "capture" -> capture = json.plainText();
                case "verification" -> verification = json.plainText();
                case "chunkSize" -> chunkSize = json.number();
                default -> json.skip();
            }
        }
        DatabaseStore store = new DatabaseStore(
                StrictJson.require(path, "path"),
                Engine.fromWireName(StrictJson.require(engine, "engine")),
                StrictJson.require(capture, "capture"),
                StrictJson.require(verification, "verification"),
                StrictJson.require(chunkSize, "chunkSize"));
        if (!store.seal().equals(StrictJson.require(seal, "seal"))) {
            throw new IllegalArgumentException("the seal of a " + engine + " store in \"" + path + "\" is not \"" + seal
                    + "\" but \"" + store.seal() + "\"");
        }
        return store;
    }

    private Entry parseEntry() throws IOException {
        nextLine("the totals line");
        Entry entry = new Entry();
        try (StrictJson json = new StrictJson(lines)) {
            json.beginObject();
            for (String field = json.nextField(); field != null; field = json.nextField()) {
                switch (field) {
                    case "path" -> entry.path = new SnapshotPath(json.text());
                    case "size" -> entry.size = json.number();
                    case "chunks" -> entry.chunks = parseChunks(json, mostChunks(entry));
                    case "directory" -> entry.directory = new SnapshotPath(json.text());
                    case "totals" -> entry.totals = TotalsFormat.read(json);
                    default -> json.skip();
                }
            }
            json.end();
        }
        checkEntry(entry);
        return entry;
    }

    private void checkEntry(Entry entry) {
        int kinds = (entry.path != null ? 1 : 0) + (entry.directory != null ? 1 : 0) + (entry.totals != null ? 1 : 0);
        if (kinds != 1) {
            throw new IllegalArgumentException("it is not exactly one of a file, an empty directory and the totals");
        }
        if (entry.path != null) {
            entry.file = new FileEntry(
                    entry.path, StrictJson.require(entry.size, "size"), StrictJson.require(entry.chunks, "chunks"));
            rules.file(entry.file);
        } else if (entry.directory != null) {
            rules.directory(entry.directory);
        } else {
            checkTotals(entry.totals);
        }
    }

    private void checkTotals(ManifestTotals said) {
        ManifestTotals totals = rules.complete();
        if (!said.equals(totals)) {
            throw new IllegalArgumentException("the totals are " + said + ", the lines before add up to " + totals);
        }
    }

    /** With path and size known, which is how they are written, a count that cannot be right ends reading early. */
    private int mostChunks(Entry entry) {
        return entry.path != null && entry.size != null
                ? rules.chunkCount(entry.path, entry.size)
                : ManifestRules.MAX_CHUNKS_PER_FILE;
    }

    private static List<ChunkRef> parseChunks(StrictJson json, int most) throws IOException {
        List<ChunkRef> chunks = new ArrayList<>();
        json.beginArray();
        while (json.nextElement()) {
            if (chunks.size() == most) {
                throw new IllegalArgumentException("it has more than " + most + " chunks");
            }
            chunks.add(parseChunk(json));
        }
        return chunks;
    }

    private static ChunkRef parseChunk(StrictJson json) throws IOException {
        json.beginArray();
        if (!json.nextElement()) {
            throw new IllegalArgumentException("a chunk has no hash");
        }
        Digest digest = json.digest();
        if (!json.nextElement()) {
            throw new IllegalArgumentException("a chunk has no size");
        }
        long size = json.number();
        StoredAs storedAs = StoredAs.PLAIN;
        if (json.nextElement()) {
            storedAs = parseStored(json);
            if (json.nextElement()) {
                throw new IllegalArgumentException("a chunk has more than hash, size and how it is stored");
            }
        }
        return new ChunkRef(digest, size, storedAs);
    }

    private static StoredAs parseStored(StrictJson json) throws IOException {
        String encoding = null;
        Long size = null;
        Digest digest = null;
        json.beginObject();
        for (String field = json.nextField(); field != null; field = json.nextField()) {
            switch (field) {
                case "encoding" -> encoding = json.text();
                case "size" -> size = json.number();
                case "sha256" -> digest = json.digest();
                default -> json.skip();
            }
        }
        if (!StrictJson.require(encoding, "encoding").equals(ZSTANDARD)) {
            throw new IllegalArgumentException("a chunk is stored as \"" + encoding + "\", known is " + ZSTANDARD);
        }
        return new StoredAs.Zstandard(StrictJson.require(size, "size"), StrictJson.require(digest, "sha256"));
    }

    private Void parseEnd() throws IOException {
        if (lines.next()) {
            throw new IllegalArgumentException("something follows the totals");
        }
        return null;
    }

    /** One line after the header, as far as it is known. */
    private static final class Entry {
        private SnapshotPath path;
        private Long size;
        private List<ChunkRef> chunks;
        private FileEntry file;
        private SnapshotPath directory;
        private ManifestTotals totals;
    }

    @FunctionalInterface
    private interface LineParser<T> {
        T parse() throws IOException;
    }
}
