package caravan.manifest;

import caravan.snapshot.ManifestTotals;
import java.io.IOException;

/** The object {@code totals} of manifests and records. */
final class TotalsFormat {

    private TotalsFormat() {}

    static ManifestTotals read(StrictJson json) throws IOException {
        Long files = null;
        Long directories = null;
        Long chunks = null;
        Long bytes = null;
        json.beginObject();
        for (String field = json.nextField(); field != null; field = json.nextField()) {
            switch (field) {
                case "files" -> files = json.number();
                case "directories" -> directories = json.number();
                case "chunks" -> chunks = json.number();
                case "bytes" -> bytes = json.number();
                default -> json.skip();
            }
        }
        return new ManifestTotals(
                StrictJson.require(files, "totals.files"),
                StrictJson.require(directories, "totals.directories"),
                StrictJson.require(chunks, "totals.chunks"),
                StrictJson.require(bytes, "totals.bytes"));
    }
}
