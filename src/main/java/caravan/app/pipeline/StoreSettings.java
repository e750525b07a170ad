package caravan.app.pipeline;

import caravan.app.settings.Settings;
import caravan.aws.S3Settings;
import caravan.failure.WrongUsageException;
import java.net.URI;
import java.time.Duration;

/** The bucket that the settings describe. */
final class StoreSettings {

    private StoreSettings() {}

    static S3Settings of(Settings settings) throws WrongUsageException {
        String bucket = settings.required("caravan.s3.bucket");
        try {
            return new S3Settings(
                    settings.uri("caravan.s3.endpoint")
                            .<S3Settings.Endpoint>map(S3Settings.Endpoint.Server::new)
                            .orElseGet(S3Settings.Endpoint.Aws::new),
                    settings.text("caravan.s3.region"),
                    bucket,
                    settings.text("caravan.s3.prefix"),
                    credentials(settings),
                    addressing(settings.text("caravan.s3.path-style")),
                    settings.path("caravan.s3.ca-file")
                            .<S3Settings.Trust>map(S3Settings.Trust.PlatformAnd::new)
                            .orElseGet(S3Settings.Trust.Platform::new),
                    limits(settings));
        } catch (IllegalArgumentException e) {
            throw new WrongUsageException(
                    "caravan.s3.* is wrong: " + e.getMessage(), "config/application.properties explains each key", e);
        }
    }

    /** Where clients find the bucket's prefix: the setting, or the bucket's own address. */
    static URI publicUrl(Settings settings, S3Settings store) {
        return settings.uri("caravan.public-url").orElseGet(store::publicUrl);
    }

    private static S3Settings.Credentials credentials(Settings settings) throws WrongUsageException {
        String access = settings.secret("caravan.s3.access-key");
        String secret = settings.secret("caravan.s3.secret-key");
        if (access.isEmpty() && secret.isEmpty()) {
            return new S3Settings.Credentials.DefaultChain();
        }
        return new S3Settings.Credentials.Keys(access, secret);
    }

    private static S3Settings.Addressing addressing(String style) {
        return switch (style) {
            case "true" -> S3Settings.Addressing.PATH;
            case "false" -> S3Settings.Addressing.VIRTUAL_HOST;
            default -> S3Settings.Addressing.AUTO;
        };
    }

    private static S3Settings.Limits limits(Settings settings) {
        Duration connect = settings.duration("caravan.s3.connect-timeout");
        Duration idle = settings.duration("caravan.s3.idle-timeout");
        return new S3Settings.Limits(connect, idle, settings.count("caravan.upload.parallelism") + 8);
    }
}
