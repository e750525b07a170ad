package caravan.manifest;

import static caravan.manifest.StrictJson.require;

import caravan.failure.DamagedException;
import caravan.snapshot.Catalog;
import caravan.snapshot.CatalogDatabase;
import caravan.snapshot.CatalogRefusal;
import caravan.snapshot.CatalogSnapshot;
import caravan.snapshot.DatabaseName;
import caravan.snapshot.SnapshotId;
import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/** The JSON line of a catalog. */
public final class CatalogFormat {

    private CatalogFormat() {}

    /**
     * The line without its newline, as {@link caravan.signature.SignedNote#sign} takes it. Times lose what is finer
     * than a second.
     *
     * @throws IllegalArgumentException if a text is too long or has control characters, or a number is too large
     */
    public static byte[] write(Catalog catalog) {
        return NoteLine.write(json -> writeFields(json, catalog));
    }

    /**
     * Reads a line whose signature was found good.
     *
     * @param what the URL or path of the catalog, for messages
     * @throws DamagedException if it is no catalog of this format
     */
    public static Catalog read(byte[] line, String what) throws DamagedException {
        return NoteLine.read(line, "catalog " + what, CatalogFormat::readFields);
    }

    private static void writeFields(JsonGenerator json, Catalog catalog) throws IOException {
        json.writeStringField("format", Catalog.FORMAT);
        CompactJson.writeText(json, "publisher", catalog.publisher());
        json.writeStringField("generatedAt", CompactJson.format(catalog.generatedAt()));
        json.writeStringField("publicUrl", catalog.publicUrl());
        json.writeArrayFieldStart("databases");
        for (CatalogDatabase database : catalog.databases()) {
            json.writeStartObject();
            json.writeStringField("database", database.name().value());
            json.writeStringField("key", database.key());
            json.writeStringField("expectedBy", CompactJson.format(database.expectedBy()));
            json.writeArrayFieldStart("snapshots");
            for (CatalogSnapshot snapshot : database.snapshots()) {
                CatalogSnapshotFormat.write(json, snapshot);
            }
            json.writeEndArray();
            writeRefused(json, database.refused());
            json.writeEndObject();
        }
        json.writeEndArray();
    }

    /** Not there if there is none, as in catalogs that were written before there was such a list. */
    private static void writeRefused(JsonGenerator json, List<CatalogRefusal> refused) throws IOException {
        if (refused.isEmpty()) {
            return;
        }
        json.writeArrayFieldStart("refused");
        for (CatalogRefusal each : refused) {
            json.writeStartObject();
            json.writeStringField("snapshot", each.id().toString());
            json.writeStringField("at", CompactJson.format(each.at()));
            CompactJson.writeText(json, "why", each.why());
            json.writeEndObject();
        }
        json.writeEndArray();
    }

    private static Catalog readFields(StrictJson json) throws IOException {
        String format = null;
        String publisher = null;
        Instant generatedAt = null;
        String publicUrl = null;
        List<CatalogDatabase> databases = null;
        for (String field = json.nextField(); field != null; field = json.nextField()) {
            switch (field) {
                case "format" -> format = FormatNumber.read(json, Catalog.FORMAT);
                case "publisher" -> publisher = json.plainText();
                case "generatedAt" -> generatedAt = json.time();
                case "publicUrl" -> publicUrl = json.text();
                case "databases" -> databases = readDatabases(json);
                default -> json.skip();
            }
        }
        require(format, "format");
        return new Catalog(
                require(publisher, "publisher"),
                require(generatedAt, "generatedAt"),
                require(publicUrl, "publicUrl"),
                require(databases, "databases"));
    }

    private static List<CatalogDatabase> readDatabases(StrictJson json) throws IOException {
        List<CatalogDatabase> databases = new ArrayList<>();
        json.beginArray();
        while (json.nextElement()) {
            databases.add(readDatabase(json));
        }
        return databases;
    }

    private static CatalogDatabase readDatabase(StrictJson json) throws IOException {
        DatabaseName name = null;
        String key = null;
        Instant expectedBy = null;
        List<CatalogSnapshot> snapshots = null;
        List<CatalogRefusal> refused = List.of();
        json.beginObject();
        for (String field = json.nextField(); field != null; field = json.nextField()) {
            switch (field) {
                case "database" -> name = new DatabaseName(json.text());
                case "key" -> key = json.text();
                case "expectedBy" -> expectedBy = json.time();
                case "snapshots" -> snapshots = readSnapshots(json);
                case "refused" -> refused = readRefused(json);
                default -> json.skip();
            }
        }
        return new CatalogDatabase(
                require(name, "database"),
                require(key, "key"),
                require(expectedBy, "expectedBy"),
                require(snapshots, "snapshots"),
                refused);
    }

    private static List<CatalogRefusal> readRefused(StrictJson json) throws IOException {
        List<CatalogRefusal> refused = new ArrayList<>();
        json.beginArray();
        while (json.nextElement()) {
            refused.add(readRefusal(json));
        }
        return refused;
    }

    private static CatalogRefusal readRefusal(StrictJson json) throws IOException {
        SnapshotId id = null;
        Instant at = null;
        String why = null;
        json.beginObject();
        for (String field = json.nextField(); field != null; field = json.nextField()) {
            switch (field) {
                case "snapshot" -> id = SnapshotId.parse(json.text());
                case "at" -> at = json.time();
                case "why" -> why = json.plainText();
                default -> json.skip();
            }
        }
        return new CatalogRefusal(require(id, "snapshot"), require(at, "at"), require(why, "why"));
    }

    private static List<CatalogSnapshot> readSnapshots(StrictJson json) throws IOException {
        List<CatalogSnapshot> snapshots = new ArrayList<>();
        json.beginArray();
        while (json.nextElement()) {
            snapshots.add(CatalogSnapshotFormat.read(json));
        }
        return snapshots;
    }
}
