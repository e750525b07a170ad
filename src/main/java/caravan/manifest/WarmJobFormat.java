package caravan.manifest;

import static caravan.manifest.StrictJson.require;

import caravan.failure.DamagedException;
import caravan.snapshot.ChunkRef;
import caravan.snapshot.DatabaseName;
import caravan.snapshot.Digest;
import caravan.snapshot.SnapshotId;
import caravan.snapshot.StoredAs;
import caravan.warm.EdgeAnswer;
import caravan.warm.WarmJob;
import caravan.warm.WarmResult;
import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * Jobs of warm-up workers and their results, as messages of a queue. Nothing in them is believed before it is checked.
 */
public final class WarmJobFormat {

    /** Value of the field {@code format} of a job. */
    public static final String JOB = "caravan-warm-job-1";

    /** Value of the field {@code format} of a result. */
    public static final String RESULT = "caravan-warm-result-1";

    /** No message is longer, as queues have it. */
    public static final int MAX_BYTES = 256 * 1024;

    private static final String HINT =
            "only publishers and workers of Caravan write to these queues; look who else does";

    private WarmJobFormat() {}

    /** A job as a message. */
    public static String write(WarmJob job) {
        return text(json -> {
            json.writeStringField("format", JOB);
            json.writeStringField("job", job.id());
            json.writeStringField("database", job.database().value());
            json.writeStringField("snapshot", job.snapshot().toString());
            CompactJson.writeText(json, "region", job.region());
            json.writeStringField("publicUrl", job.publicUrl().toString());
            json.writeStringField("look", job.again() ? "again" : "first");
            if (job.notAfter().isPresent()) {
                json.writeStringField(
                        "notAfter", CompactJson.format(job.notAfter().get()));
            }
            json.writeArrayFieldStart("objects");
            for (WarmJob.Item item : job.items()) {
                writeItem(json, item);
            }
            json.writeEndArray();
        });
    }

    /** A result as a message. */
    public static String write(WarmResult result) {
        return text(json -> {
            json.writeStringField("format", RESULT);
            json.writeStringField("job", result.job());
            json.writeArrayFieldStart("came");
            for (WarmResult.Came came : result.came()) {
                json.writeStartObject();
                CompactJson.writeNumber(json, "index", came.index());
                json.writeStringField("cache", came.answer().cache().name().toLowerCase(Locale.ROOT));
                CompactJson.writeText(json, "pop", came.answer().pop());
                CompactJson.writeNumber(json, "firstByteMicros", came.firstByteMicros());
                json.writeEndObject();
            }
            json.writeEndArray();
            json.writeArrayFieldStart("missed");
            for (WarmResult.Missed missed : result.missed()) {
                json.writeStartObject();
                CompactJson.writeNumber(json, "index", missed.index());
                CompactJson.writeText(json, "pop", missed.pop());
                CompactJson.writeText(json, "what", missed.what());
                CompactJson.writeNumber(json, "bytes", missed.bytes());
                json.writeEndObject();
            }
            json.writeEndArray();
        });
    }

    /**
     * Reads a job.
     *
     * @throws DamagedException if it is none
     */
    public static WarmJob job(String message) throws DamagedException {
        return NoteLine.read(bytes(message), "job of a queue", HINT, WarmJobFormat::readJob);
    }

    /**
     * Reads a result.
     *
     * @throws DamagedException if it is none
     */
    public static WarmResult result(String message) throws DamagedException {
        return NoteLine.read(bytes(message), "result of a queue", HINT, WarmJobFormat::readResult);
    }

    private static void writeItem(JsonGenerator json, WarmJob.Item item) throws IOException {
        json.writeStartObject();
        CompactJson.writeNumber(json, "index", item.index());
        json.writeStringField("chunk", item.chunk().digest().hex());
        CompactJson.writeNumber(json, "size", item.chunk().size());
        if (item.chunk().storedAs() instanceof StoredAs.Zstandard frame) {
            json.writeStringField("zst", frame.digest().hex());
        }
        json.writeEndObject();
    }

    private static WarmJob readJob(StrictJson json) throws IOException {
        String format = null;
        String id = null;
        DatabaseName database = null;
        SnapshotId snapshot = null;
        String region = null;
        URI publicUrl = null;
        String look = null;
        Instant notAfter = null;
        List<WarmJob.Item> items = null;
        for (String field = json.nextField(); field != null; field = json.nextField()) {
            switch (field) {
                case "format" -> format = FormatNumber.read(json, JOB);
                case "job" -> id = json.text();
                case "database" -> database = new DatabaseName(json.text());
                case "snapshot" -> snapshot = SnapshotId.parse(json.text());
                case "region" -> region = json.plainText();
                case "publicUrl" -> publicUrl = URI.create(json.text());
                case "look" -> look = json.text();
                case "notAfter" -> notAfter = json.time();
                case "objects" -> items = readAll(json, WarmJobFormat::readItem);
                default -> json.skip();
            }
        }
        require(format, "format");
        return new WarmJob(
                require(id, "job"),
                require(database, "database"),
                require(snapshot, "snapshot"),
                require(region, "region"),
                require(publicUrl, "publicUrl"),
                require(look, "look").equals("again"),
                Optional.ofNullable(notAfter),
                require(items, "objects"));
    }

    private static WarmJob.Item readItem(StrictJson json) throws IOException {
        Long index = null;
        Digest chunk = null;
        Long size = null;
        Digest frame = null;
        json.beginObject();
        for (String field = json.nextField(); field != null; field = json.nextField()) {
            switch (field) {
                case "index" -> index = json.number();
                case "chunk" -> chunk = json.digest();
                case "size" -> size = json.number();
                case "zst" -> frame = json.digest();
                default -> json.skip();
            }
        }
        long bytes = require(size, "size");
        StoredAs storedAs = frame == null ? StoredAs.PLAIN : new StoredAs.Zstandard(bytes, frame);
        return new WarmJob.Item(require(index, "index"), new ChunkRef(require(chunk, "chunk"), bytes, storedAs));
    }

    private static WarmResult readResult(StrictJson json) throws IOException {
        String format = null;
        String job = null;
        List<WarmResult.Came> came = null;
        List<WarmResult.Missed> missed = null;
        for (String field = json.nextField(); field != null; field = json.nextField()) {
            switch (field) {
                case "format" -> format = FormatNumber.read(json, RESULT);
                case "job" -> job = json.text();
                case "came" -> came = readAll(json, WarmJobFormat::readCame);
                case "missed" -> missed = readAll(json, WarmJobFormat::readMissed);
                default -> json.skip();
            }
        }
        require(format, "format");
        return new WarmResult(require(job, "job"), require(came, "came"), require(missed, "missed"));
    }

    private static WarmResult.Came readCame(StrictJson json) throws IOException {
        Long index = null;
        EdgeAnswer.Cache cache = null;
        String pop = null;
        Long firstByte = null;
        json.beginObject();
        for (String field = json.nextField(); field != null; field = json.nextField()) {
            switch (field) {
                case "index" -> index = json.number();
                case "cache" -> cache = EdgeAnswer.Cache.valueOf(json.text().toUpperCase(Locale.ROOT));
                case "pop" -> pop = json.plainText();
                case "firstByteMicros" -> firstByte = json.number();
                default -> json.skip();
            }
        }
        return new WarmResult.Came(
                require(index, "index"),
                new EdgeAnswer(require(cache, "cache"), require(pop, "pop")),
                require(firstByte, "firstByteMicros"));
    }

    private static WarmResult.Missed readMissed(StrictJson json) throws IOException {
        Long index = null;
        String pop = null;
        String what = null;
        // Workers before this field did not say.
        long bytes = 0;
        json.beginObject();
        for (String field = json.nextField(); field != null; field = json.nextField()) {
            switch (field) {
                case "index" -> index = json.number();
                case "pop" -> pop = json.plainText();
                case "what" -> what = json.plainText();
                case "bytes" -> bytes = json.number();
                default -> json.skip();
            }
        }
        return new WarmResult.Missed(require(index, "index"), require(pop, "pop"), require(what, "what"), bytes);
    }

    private static <T> List<T> readAll(StrictJson json, NoteLine.ObjectReader<T> each) throws IOException {
        List<T> all = new ArrayList<>();
        json.beginArray();
        while (json.nextElement()) {
            if (all.size() == WarmJob.MAX_ITEMS) {
                throw new IllegalArgumentException("a job has at most " + WarmJob.MAX_ITEMS + " objects");
            }
            all.add(each.read(json));
        }
        return all;
    }

    private static byte[] bytes(String message) throws DamagedException {
        byte[] bytes = message.getBytes(StandardCharsets.UTF_8);
        if (bytes.length > MAX_BYTES) {
            throw new DamagedException("a message of " + bytes.length + " bytes came through a queue", HINT);
        }
        return bytes;
    }

    private static String text(NoteLine.Fields fields) {
        return new String(NoteLine.write(fields), StandardCharsets.UTF_8);
    }
}
