package caravan.app.pipeline;

import caravan.app.settings.Settings;
import caravan.capture.AutoCapture;
import caravan.capture.CaptureMode;
import caravan.capture.CopyCapture;
import caravan.capture.DatabaseCapture;
import caravan.capture.FreezeCapture;
import caravan.capture.HookCapture;
import caravan.capture.LiveCapture;
import caravan.capture.PerDatabaseCapture;
import caravan.capture.SnapshotCommands;
import caravan.capture.StopCapture;
import caravan.capture.node.FreezeNode;
import caravan.capture.node.StopNode;
import caravan.failure.WrongUsageException;
import caravan.snapshot.DatabaseName;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** How each database is captured, as the settings say. */
final class CaptureModes {

    private static final Duration LONGEST_FREEZE = Duration.ofSeconds(5);

    private static final Duration LONGEST_STOP = Duration.ofMinutes(10);

    private static final Duration LONGEST_COPY = Duration.ofHours(6);

    private final Settings settings;

    private final DatabaseName name;

    private final Path log;

    private CaptureModes(Settings settings, DatabaseName name, Path log) {
        this.settings = settings;
        this.name = name;
        this.log = log;
    }

    /**
     * A capture for every database.
     *
     * @param state where watchdogs write what they did
     */
    static DatabaseCapture of(Settings settings, Path state) throws WrongUsageException {
        Map<DatabaseName, CaptureMode> modes = new HashMap<>();
        for (DatabaseName name : settings.databases()) {
            modes.put(name, new CaptureModes(settings, name, watchdogLog(state, name)).mode());
        }
        return new PerDatabaseCapture(modes);
    }

    /** Where the watchdogs of {@code name} write what they did. */
    static Path watchdogLog(Path state, DatabaseName name) {
        return state.resolve("capture").resolve(name + "-watchdog.log");
    }

    private CaptureMode mode() throws WrongUsageException {
        return switch (settings.text(key("capture"))) {
            case "live" -> new LiveCapture();
            case "freeze" -> new FreezeCapture(freeze(LONGEST_FREEZE));
            case "stop" -> new StopCapture(stop(LONGEST_STOP));
            case "hook" -> new HookCapture(snapshot());
            case "copy" -> new CopyCapture(hasStopCommands() ? stop(LONGEST_COPY) : freeze(LONGEST_COPY));
            default -> auto();
        };
    }

    private AutoCapture auto() throws WrongUsageException {
        List<CaptureMode> modes = new ArrayList<>();
        modes.add(new LiveCapture());
        if (settings.isSet(key("snapshot-command"))) {
            modes.add(new HookCapture(snapshot()));
        }
        modes.add(new FreezeCapture(freeze(LONGEST_FREEZE)));
        if (hasStopCommands()) {
            modes.add(new StopCapture(stop(LONGEST_STOP)));
        }
        return new AutoCapture(modes);
    }

    private boolean hasStopCommands() {
        return settings.isSet(key("stop-command")) || settings.isSet(key("start-command"));
    }

    private FreezeNode freeze(Duration fallback) {
        return settings.path(key("cgroup"))
                .map(group -> new FreezeNode(group, longest(fallback), log))
                .orElseGet(() -> new FreezeNode(longest(fallback), log));
    }

    private StopNode stop(Duration fallback) throws WrongUsageException {
        return new StopNode(
                settings.required(key("stop-command")),
                settings.required(key("start-command")),
                longest(fallback),
                settings.duration(key("command-timeout")),
                log);
    }

    private SnapshotCommands snapshot() throws WrongUsageException {
        return new SnapshotCommands(
                settings.required(key("snapshot-command")),
                settings.required(key("release-command")),
                Path.of(settings.required(key("snapshot-directory")))
                        .toAbsolutePath()
                        .normalize(),
                settings.duration(key("command-timeout")));
    }

    private Duration longest(Duration fallback) {
        return settings.isSet(key("max-pause")) ? settings.duration(key("max-pause")) : fallback;
    }

    private String key(String setting) {
        return "caravan.database." + name + "." + setting;
    }
}
