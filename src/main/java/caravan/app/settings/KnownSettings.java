package caravan.app.settings;

import static caravan.app.settings.KnownSetting.choice;
import static caravan.app.settings.KnownSetting.number;
import static caravan.app.settings.KnownSetting.setting;

import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/** Every setting there is. {@code config/application.properties} explains each of them; a test compares the two. */
final class KnownSettings {

    static final List<KnownSetting> ALL = List.of(
            setting("caravan.databases", Kind.NAMES, ""),
            setting("caravan.database.<name>.directory", Kind.ABSOLUTE_PATH, ""),
            setting("caravan.database.<name>.stores", Kind.NAMES, ""),
            choice("caravan.database.<name>.capture", "auto", "auto", "live", "freeze", "stop", "hook", "copy"),
            number("caravan.database.<name>.max-pause", Kind.DURATION, "", Range.of("100ms", "30d")),
            setting("caravan.database.<name>.cgroup", Kind.PATH, ""),
            setting("caravan.database.<name>.stop-command", Kind.TEXT, ""),
            setting("caravan.database.<name>.start-command", Kind.TEXT, ""),
            setting("caravan.database.<name>.snapshot-command", Kind.TEXT, ""),
            setting("caravan.database.<name>.release-command", Kind.TEXT, ""),
            setting("caravan.database.<name>.snapshot-directory", Kind.ABSOLUTE_PATH, ""),
            number("caravan.database.<name>.command-timeout", Kind.DURATION, "2m", Range.of("1s", "1d")),
            setting("caravan.database.<name>.rpc-url", Kind.URI, ""),
            number("caravan.database.<name>.min-peers", Kind.COUNT, "1", Range.zeroOr("1", "100000")),
            setting("caravan.database.<name>.schedule", Kind.SCHEDULE, ""),
            number("caravan.database.<name>.quiet", Kind.DURATION, "0s", Range.zeroOr("1s", "365d")),
            number("caravan.database.<name>.min-interval", Kind.DURATION, "0s", Range.zeroOr("1s", "365d")),
            setting("caravan.database.<name>.publish-unchanged", Kind.FLAG, "false"),
            number("caravan.database.<name>.max-age", Kind.DURATION, "0s", Range.zeroOr("1s", "3650d")),
            choice("caravan.database.<name>.drill", "off", "off", "gate"),
            setting("caravan.database.<name>.drill-schedule", Kind.SCHEDULE, ""),
            setting("caravan.database.<name>.canary", Kind.TEXT, ""),
            number("caravan.database.<name>.canary-timeout", Kind.DURATION, "30m", Range.of("1s", "30d")),
            setting("caravan.database.<name>.stage-directory", Kind.ABSOLUTE_PATH, ""),
            number("caravan.database.<name>.chunk-size", Kind.SIZE, "", Range.of("64KiB", "2GiB")),
            setting("caravan.database.<name>.accept-changed-source", Kind.FLAG, "false"),
            setting("caravan.database.<name>.network", Kind.TEXT, ""),
            setting("caravan.database.<name>.role", Kind.TEXT, ""),
            setting("caravan.database.<name>.pruning", Kind.TEXT, ""),
            number("caravan.stage.free-space-floor", Kind.SIZE, "1GB", Range.zeroOr("1B", "1000000TB")),
            number("caravan.stage.longest-pin", Kind.DURATION, "24h", Range.zeroOr("100ms", "365d")),
            setting("caravan.s3.endpoint", Kind.URI, ""),
            setting("caravan.s3.region", Kind.TEXT, "us-east-1"),
            setting("caravan.s3.bucket", Kind.TEXT, ""),
            setting("caravan.s3.prefix", Kind.TEXT, ""),
            setting("caravan.s3.access-key", Kind.SECRET, ""),
            setting("caravan.s3.secret-key", Kind.SECRET, ""),
            choice("caravan.s3.path-style", "auto", "auto", "true", "false"),
            setting("caravan.s3.ca-file", Kind.PATH, ""),
            number("caravan.s3.connect-timeout", Kind.DURATION, "10s", Range.of("100ms", "1h")),
            number("caravan.s3.idle-timeout", Kind.DURATION, "60s", Range.of("1s", "1d")),
            setting("caravan.s3.single-writer", Kind.FLAG, "false"),
            setting("caravan.public-url", Kind.URI, ""),
            setting("caravan.catalog.publisher", Kind.TEXT, ""),
            number("caravan.catalog.expected-within", Kind.DURATION, "36h", Range.of("1m", "3650d")),
            setting("caravan.cdn", Kind.TEXT, "none"),
            number("caravan.cdn.deadline", Kind.DURATION, "10m", Range.of("100ms", "7d")),
            number("caravan.cdn.poll", Kind.DURATION, "5s", Range.of("10ms", "1h")),
            number("caravan.cdn.retry.attempts", Kind.COUNT, "8", Range.zeroOr("1", "1000")),
            number("caravan.cdn.retry.delay", Kind.DURATION, "2s", Range.of("1ms", "1h")),
            number("caravan.cdn.retry.max-delay", Kind.DURATION, "1m", Range.of("1ms", "1d")),
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
            number("caravan.publish.filelist-grace", Kind.DURATION, "48h", Range.zeroOr("1s", "3650d")),
            number("caravan.upload.parallelism", Kind.COUNT, "4", Range.of("1", "256")),
            setting("caravan.upload.max-rate", Kind.RATE, "0"),
            number("caravan.upload.recheck-one-in", Kind.COUNT, "16", Range.zeroOr("1", "1000000")),
            setting("caravan.warm.regions", Kind.NAMES, ""),
            setting("caravan.warm.region.<region>.via", Kind.TEXT, ""),
            choice("caravan.warm.scope", "new", "new", "full"),
            number("caravan.warm.hold", Kind.DURATION, "30m", Range.zeroOr("1s", "30d")),
            number("caravan.warm.parallelism", Kind.COUNT, "4", Range.of("1", "256")),
            setting("caravan.warm.max-rate", Kind.RATE, "0"),
            number("caravan.warm.sample", Kind.COUNT, "20", Range.zeroOr("1", "100000")),
            number("caravan.warm.looks", Kind.DURATIONS, "1h,24h", Range.of("1s", "3650d")),
            number("caravan.warm.attempts", Kind.COUNT, "3", Range.of("1", "1000")),
            number("caravan.warm.deadline", Kind.DURATION, "12h", Range.of("1s", "30d")),
            number("caravan.warm.give-up-after", Kind.COUNT, "10", Range.of("1", "1000000")),
            choice("caravan.warm.queue", "memory", "memory", "sqs"),
            number("caravan.warm.queue.job-size", Kind.COUNT, "100", Range.of("1", "500")),
            number("caravan.warm.queue.patience", Kind.DURATION, "1h", Range.of("1s", "14d")),
            setting("caravan.warm.price", Kind.TEXT, ""),
            number("caravan.warm.budget", Kind.COUNT, "0", Range.zeroOr("1", "999999999")),
            setting("caravan.prices", Kind.PATH, ""),
            setting("caravan.warm.worker.queues", Kind.NAMES, ""),
            setting("caravan.warm.worker.via", Kind.TEXT, "direct"),
            number("caravan.warm.worker.visibility", Kind.DURATION, "2m", Range.of("2s", "12h")),
            number("caravan.warm.worker.max-deliveries", Kind.COUNT, "5", Range.of("1", "1000")),
            setting("caravan.sqs.endpoint", Kind.URI, ""),
            setting("caravan.sqs.region", Kind.TEXT, ""),
            setting("caravan.sqs.access-key", Kind.SECRET, ""),
            setting("caravan.sqs.secret-key", Kind.SECRET, ""),
            number("caravan.warm.connect-timeout", Kind.DURATION, "10s", Range.of("100ms", "1h")),
            number("caravan.warm.idle-timeout", Kind.DURATION, "30s", Range.of("1s", "1d")),
            number("caravan.node.retry.attempts", Kind.COUNT, "10", Range.zeroOr("1", "100000")),
            number("caravan.node.retry.delay", Kind.DURATION, "30s", Range.of("1ms", "1h")),
            number("caravan.retry.attempts", Kind.COUNT, "12", Range.zeroOr("1", "1000")),
            number("caravan.retry.delay", Kind.DURATION, "500ms", Range.of("1ms", "1h")),
            number("caravan.retry.max-delay", Kind.DURATION, "30s", Range.of("1ms", "1d")),
            setting("caravan.drill.directory", Kind.PATH, ""),
            setting("caravan.drill.keep-copy", Kind.FLAG, "false"),
            setting("caravan.drill.checksums", Kind.FLAG, "true"),
            setting("caravan.drill.max-rate", Kind.RATE, "0"),
            number("caravan.drill.memory", Kind.SIZE, "4GB", Range.of("64MiB", "64TiB")),
            number("caravan.drill.deadline", Kind.DURATION, "12h", Range.of("1s", "30d")),
            setting("caravan.signing.key", Kind.PATH, ""),
            setting("caravan.trusted-keys", Kind.PATH, ""),
            setting("caravan.ca-file", Kind.PATH, ""),
            setting("caravan.sources", Kind.TEXT, ""),
            number("caravan.pointer.lifetime", Kind.DURATION, "14d", Range.of("1s", "3650d")),
            number("caravan.retain.promise", Kind.DURATION, "7d", Range.zeroOr("1s", "36500d")),
            setting("caravan.alert.slack.webhook", Kind.SECRET, ""),
            setting("caravan.alert.email.to", Kind.NAMES, ""),
            setting("caravan.alert.email.from", Kind.TEXT, ""),
            setting("caravan.alert.email.smtp", Kind.MAIL_SERVER, ""),
            setting("caravan.alert.email.user", Kind.TEXT, ""),
            setting("caravan.alert.email.password", Kind.SECRET, ""),
            number("caravan.alert.reminder", Kind.DURATION, "24h", Range.of("1s", "3650d")),
            number("caravan.alert.keep", Kind.DURATION, "3d", Range.of("1s", "3650d")),
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
