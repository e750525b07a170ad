package caravan.app.pipeline;

import caravan.app.settings.Settings;
import caravan.aws.S3Settings;
import caravan.failure.WrongUsageException;
import java.net.URI;
import java.time.Duration;

/** The bucket that the settings describe. */
final class StoreSettings {

    private StoreSettings() {}

    /** As publishers use it. */
    static S3Settings of(Settings settings) throws WrongUsageException {
        return of(settings, "caravan.s3.");
    }

    /** As a collector uses it: with keys of its own, if there are such, since publishers may not delete. */
    static S3Settings ofCollector(Settings settings) throws WrongUsageException {
        boolean isOwn = settings.isSet("caravan.retain.access-key") || settings.isSet("caravan.retain.secret-key");
        return of(settings, isOwn ? "caravan.retain." : "caravan.s3.");
    }

    private static S3Settings of(Settings settings, String keys) throws WrongUsageException {
        String bucket = settings.required("caravan.s3.bucket");
        try {
            return new S3Settings(
                    settings.uri("caravan.s3.endpoint")
                            .<S3Settings.Endpoint>map(S3Settings.Endpoint.Server::new)
                            .orElseGet(S3Settings.Endpoint.Aws::new),
                    settings.text("caravan.s3.region"),
                    bucket,
                    settings.text("caravan.s3.prefix"),
                    credentials(settings, keys),
                    addressing(settings.text("caravan.s3.path-style")),
                    settings.path("caravan.s3.ca-file")
                            .<S3Settings.Trust>map(S3Settings.Trust.PlatformAnd::new)
                            .orElseGet(S3Settings.Trust.Platform::new),
                    limits(settings));
        } catch (IllegalArgumentException e) {
            throw new WrongUsageException(
                    "caravan.s3.*"
                            + (keys.equals("caravan.s3.") ? "" : ", with " + keys + "access-key and secret-key,")
                            + " is wrong: " + e.getMessage(),
                    "config/application.properties explains each key",
                    e);
        }
    }

    /** Where clients find the bucket's prefix: the setting, or the bucket's own address. */
    static URI publicUrl(Settings settings, S3Settings store) {
        return settings.uri("caravan.public-url").orElseGet(store::publicUrl);
    }

    private static S3Settings.Credentials credentials(Settings settings, String keys) throws WrongUsageException {
        String access = settings.secret(keys + "access-key");
        String secret = settings.secret(keys + "secret-key");
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
