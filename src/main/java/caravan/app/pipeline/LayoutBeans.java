package caravan.app.pipeline;

import caravan.app.settings.Settings;
import caravan.failure.WrongUsageException;
import caravan.publish.FileLayout;
import caravan.publish.SnapshotPublishing;
import caravan.store.ObjectStore;
import java.time.Clock;
import java.util.List;
import org.apache.camel.main.Main;

/** In which forms a snapshot is published beside the chunks. */
final class LayoutBeans {

    private static final String KEY = "caravan.publish.layouts";

    private final FileLayout files;

    LayoutBeans(Settings settings, ObjectStore store, ObjectStore patient, SnapshotPublishing publishing, Clock clock)
            throws WrongUsageException {
        List<String> layouts = settings.names(KEY);
        for (String layout : layouts) {
            if (!List.of("chunks", "filelist").contains(layout)) {
                throw settings.wrong(KEY, layout + " is no layout; there are chunks and filelist");
            }
        }
        if (!layouts.contains("chunks")) {
            throw settings.wrong(KEY, "chunks cannot be left out: all else is made of them");
        }
        files = new FileLayout(
                store,
                patient,
                hasFiles(settings),
                settings.duration("caravan.publish.filelist-grace"),
                publishing::isLatest,
                clock);
    }

    /** Whether every file is published under its own name, too. */
    static boolean hasFiles(Settings settings) throws WrongUsageException {
        return settings.names(KEY).contains("filelist");
    }

    void bindTo(Main main) {
        main.bind("fileLayout", files);
    }
}
