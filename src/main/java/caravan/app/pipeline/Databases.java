package caravan.app.pipeline;

import caravan.app.settings.Settings;
import caravan.capture.CaptureRequest;
import caravan.failure.WrongUsageException;
import caravan.publish.PublishedDatabase;
import caravan.publish.Statement;
import caravan.snapshot.DatabaseName;
import java.net.URI;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** The databases that the settings describe. */
final class Databases {

    private Databases() {}

    static List<PublishedDatabase> of(Settings settings) throws WrongUsageException {
        List<PublishedDatabase> databases = new ArrayList<>();
        for (DatabaseName name : settings.databases()) {
            databases.add(one(settings, name));
        }
        return databases;
    }

    private static PublishedDatabase one(Settings settings, DatabaseName name) throws WrongUsageException {
        String keys = "caravan.database." + name + ".";
        Path root =
                Path.of(settings.required(keys + "directory")).toAbsolutePath().normalize();
        List<URI> rpc = settings.uri(keys + "rpc-url").map(List::of).orElse(List.of());
        return new PublishedDatabase(
                name,
                root,
                settings.names(keys + "stores"),
                settings.path(keys + "stage-directory").orElseGet(() -> CaptureRequest.stageBeside(root, name)),
                settings.isSet(keys + "chunk-size") ? settings.size(keys + "chunk-size") : 0,
                settings.count(keys + "min-peers"),
                new Statement(
                        settings.text(keys + "network"),
                        settings.text(keys + "genesis"),
                        settings.text(keys + "role"),
                        settings.text(keys + "pruning")),
                rpc,
                settings.flag(keys + "accept-changed-source"));
    }
}
