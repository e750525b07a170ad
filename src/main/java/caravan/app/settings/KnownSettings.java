package caravan.app.settings;

import static caravan.app.settings.KnownSetting.choice;
import static caravan.app.settings.KnownSetting.setting;

import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/** Every setting there is. {@code config/application.properties} explains each of them; a test compares the two. */
final class KnownSettings {

    static final List<KnownSetting> ALL = List.of(
            setting("caravan.databases", Kind.NAMES, ""),
            setting("caravan.database.<name>.directory", Kind.PATH, ""),
            setting("caravan.database.<name>.stores", Kind.NAMES, ""),
            choice("caravan.database.<name>.capture", "auto", "auto", "live", "freeze", "stop", "hook", "copy"),
            setting("caravan.database.<name>.max-pause", Kind.DURATION, ""),
            setting("caravan.database.<name>.cgroup", Kind.PATH, ""),
            setting("caravan.database.<name>.stop-command", Kind.TEXT, ""),
            setting("caravan.database.<name>.start-command", Kind.TEXT, ""),
            setting("caravan.database.<name>.snapshot-command", Kind.TEXT, ""),
            setting("caravan.database.<name>.release-command", Kind.TEXT, ""),
            setting("caravan.database.<name>.snapshot-directory", Kind.PATH, ""),
            setting("caravan.database.<name>.command-timeout", Kind.DURATION, "2m"),
            setting("caravan.database.<name>.rpc-url", Kind.URI, ""),
            setting("caravan.database.<name>.min-peers", Kind.COUNT, "1"),
            setting("caravan.database.<name>.schedule", Kind.SCHEDULE, ""),
            setting("caravan.database.<name>.quiet", Kind.DURATION, "0s"),
            setting("caravan.database.<name>.min-interval", Kind.DURATION, "0s"),
            setting("caravan.database.<name>.publish-unchanged", Kind.FLAG, "false"),
            setting("caravan.database.<name>.max-age", Kind.DURATION, "0s"),
            choice("caravan.database.<name>.drill", "off", "off", "gate"),
            setting("caravan.database.<name>.drill-schedule", Kind.SCHEDULE, ""),
            setting("caravan.database.<name>.canary", Kind.TEXT, ""),
            setting("caravan.database.<name>.canary-timeout", Kind.DURATION, "30m"),
            setting("caravan.database.<name>.stage-directory", Kind.PATH, ""),
            setting("caravan.database.<name>.chunk-size", Kind.SIZE, ""),
            setting("caravan.database.<name>.accept-changed-source", Kind.FLAG, "false"),
            setting("caravan.database.<name>.network", Kind.TEXT, ""),
            setting("caravan.database.<name>.role", Kind.TEXT, ""),
            setting("caravan.database.<name>.pruning", Kind.TEXT, ""),
            setting("caravan.stage.free-space-floor", Kind.SIZE, "1GB"),
            setting("caravan.stage.longest-pin", Kind.DURATION, "24h"),
            setting("caravan.s3.endpoint", Kind.URI, ""),
            setting("caravan.s3.region", Kind.TEXT, "us-east-1"),
            setting("caravan.s3.bucket", Kind.TEXT, ""),
            setting("caravan.s3.prefix", Kind.TEXT, ""),
            setting("caravan.s3.access-key", Kind.SECRET, ""),
            setting("caravan.s3.secret-key", Kind.SECRET, ""),
            choice("caravan.s3.path-style", "auto", "auto", "true", "false"),
            setting("caravan.s3.ca-file", Kind.PATH, ""),
            setting("caravan.s3.connect-timeout", Kind.DURATION, "10s"),
            setting("caravan.s3.idle-timeout", Kind.DURATION, "60s"),
            setting("caravan.s3.single-writer", Kind.FLAG, "false"),
            setting("caravan.public-url", Kind.URI, ""),
            setting("caravan.catalog.publisher", Kind.TEXT, ""),
            setting("caravan.catalog.expected-within", Kind.DURATION, "36h"),
            setting("caravan.cdn", Kind.TEXT, "none"),
            setting("caravan.cdn.deadline", Kind.DURATION, "10m"),
            setting("caravan.cdn.poll", Kind.DURATION, "5s"),
            setting("caravan.cdn.retry.attempts", Kind.COUNT, "8"),
            setting("caravan.cdn.retry.delay", Kind.DURATION, "2s"),
            setting("caravan.cdn.retry.max-delay", Kind.DURATION, "1m"),
            setting("caravan.cloudfront.distribution-id", Kind.TEXT, ""),
            setting("caravan.cloudfront.endpoint", Kind.URI, ""),
            setting("caravan.cloudfront.access-key", Kind.SECRET, ""),
            setting("caravan.cloudfront.secret-key", Kind.SECRET, ""),
            setting("caravan.cloudflare.zone-id", Kind.TEXT, ""),
            setting("caravan.cloudflare.token", Kind.SECRET, ""),
            setting("caravan.cloudflare.endpoint", Kind.URI, "https://api.cloudflare.com"),
            setting("caravan.purge.addresses", Kind.NAMES, ""),
            setting("caravan.read.max-rate", Kind.RATE, "0"),
            choice("caravan.read.io-priority", "low", "low", "idle", "normal"),
            setting("caravan.read.check-tables", Kind.FLAG, "true"),
            setting("caravan.publish.layouts", Kind.NAMES, "chunks"),
            setting("caravan.publish.filelist-grace", Kind.DURATION, "48h"),
            setting("caravan.upload.parallelism", Kind.COUNT, "4"),
            setting("caravan.upload.max-rate", Kind.RATE, "0"),
            setting("caravan.upload.recheck-one-in", Kind.COUNT, "16"),
            setting("caravan.warm.regions", Kind.NAMES, ""),
            setting("caravan.warm.region.<region>.via", Kind.TEXT, ""),
            choice("caravan.warm.scope", "new", "new", "full"),
            setting("caravan.warm.hold", Kind.DURATION, "30m"),
            setting("caravan.warm.parallelism", Kind.COUNT, "4"),
            setting("caravan.warm.max-rate", Kind.RATE, "0"),
            setting("caravan.warm.sample", Kind.COUNT, "20"),
            setting("caravan.warm.looks", Kind.DURATIONS, "1h,24h"),
            setting("caravan.warm.attempts", Kind.COUNT, "3"),
            setting("caravan.warm.deadline", Kind.DURATION, "12h"),
            setting("caravan.warm.give-up-after", Kind.COUNT, "10"),
            choice("caravan.warm.queue", "memory", "memory", "sqs"),
            setting("caravan.warm.queue.job-size", Kind.COUNT, "100"),
            setting("caravan.warm.queue.patience", Kind.DURATION, "1h"),
            setting("caravan.warm.price", Kind.TEXT, ""),
            setting("caravan.warm.budget", Kind.COUNT, "0"),
            setting("caravan.prices", Kind.PATH, ""),
            setting("caravan.warm.worker.queues", Kind.NAMES, ""),
            setting("caravan.warm.worker.via", Kind.TEXT, "direct"),
            setting("caravan.warm.worker.visibility", Kind.DURATION, "2m"),
            setting("caravan.warm.worker.max-deliveries", Kind.COUNT, "5"),
            setting("caravan.sqs.endpoint", Kind.URI, ""),
            setting("caravan.sqs.region", Kind.TEXT, ""),
            setting("caravan.sqs.access-key", Kind.SECRET, ""),
            setting("caravan.sqs.secret-key", Kind.SECRET, ""),
            setting("caravan.warm.connect-timeout", Kind.DURATION, "10s"),
            setting("caravan.warm.idle-timeout", Kind.DURATION, "30s"),
            setting("caravan.node.retry.attempts", Kind.COUNT, "10"),
            setting("caravan.node.retry.delay", Kind.DURATION, "30s"),
            setting("caravan.retry.attempts", Kind.COUNT, "12"),
            setting("caravan.retry.delay", Kind.DURATION, "500ms"),
            setting("caravan.retry.max-delay", Kind.DURATION, "30s"),
            setting("caravan.drill.directory", Kind.PATH, ""),
            setting("caravan.drill.keep-copy", Kind.FLAG, "false"),
            setting("caravan.drill.checksums", Kind.FLAG, "true"),
            setting("caravan.drill.max-rate", Kind.RATE, "0"),
            setting("caravan.drill.memory", Kind.SIZE, "4GB"),
            setting("caravan.drill.deadline", Kind.DURATION, "12h"),
            setting("caravan.signing.key", Kind.PATH, ""),
            setting("caravan.trusted-keys", Kind.PATH, ""),
            setting("caravan.ca-file", Kind.PATH, ""),
            setting("caravan.sources", Kind.TEXT, ""),
            setting("caravan.pointer.lifetime", Kind.DURATION, "14d"),
            setting("caravan.retain.promise", Kind.DURATION, "7d"),
            setting("caravan.alert.slack.webhook", Kind.SECRET, ""),
            setting("caravan.alert.email.to", Kind.NAMES, ""),
            setting("caravan.alert.email.from", Kind.TEXT, ""),
            setting("caravan.alert.email.smtp", Kind.URI, ""),
            setting("caravan.alert.email.user", Kind.TEXT, ""),
            setting("caravan.alert.email.password", Kind.SECRET, ""),
            setting("caravan.alert.reminder", Kind.DURATION, "24h"),
            setting("caravan.alert.keep", Kind.DURATION, "3d"),
            setting("caravan.http.port", Kind.PORT, "8383"),
            setting("caravan.state-directory", Kind.PATH, ""));

    private KnownSettings() {}

    static Optional<KnownSetting> find(String key) {
        return ALL.stream().filter(setting -> setting.matches(key)).findFirst();
    }

    /** The key that is written most like {@code key}, with the name of its database or region kept if there is one. */
    static String nearest(String key) {
        return ALL.stream()
                .map(setting -> setting.keyLike(key))
                .min(Comparator.comparingInt(candidate -> distance(key, candidate)))
                .orElseThrow();
    }

    /** How many characters must be put in, taken out or changed to make {@code b} of {@code a} (Levenshtein). */
    static int distance(String a, String b) {
        int[] row = new int[b.length() + 1];
        for (int j = 0; j <= b.length(); j++) {
            row[j] = j;
        }
        for (int i = 1; i <= a.length(); i++) {
            int diagonal = row[0];
            row[0] = i;
            for (int j = 1; j <= b.length(); j++) {
                int replaced = diagonal + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.min(replaced, 1 + Math.min(row[j], row[j - 1]));
            }
        }
        return row[b.length()];
    }
}
