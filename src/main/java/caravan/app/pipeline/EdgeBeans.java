package caravan.app.pipeline;

import caravan.app.routing.CdnConnection;
import caravan.app.routing.EdgeDesk;
import caravan.app.settings.Settings;
import caravan.aws.CloudFrontInvalidations;
import caravan.aws.CloudFrontSettings;
import caravan.aws.S3Settings;
import caravan.edge.InvalidationDeadline;
import caravan.edge.MutablePaths;
import caravan.failure.WrongUsageException;
import java.net.URI;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BooleanSupplier;
import java.util.regex.Pattern;
import org.apache.camel.main.Main;

/** The beans of {@code routes/50-edge.camel.yaml}, made from the settings of the CDN that is chosen. */
final class EdgeBeans implements AutoCloseable {

    private static final Pattern CDN = Pattern.compile("[a-z][a-z0-9-]*");

    private static final Duration PATIENCE = Duration.ofSeconds(20);

    private final EdgeDesk desk;

    private final InvalidationDeadline deadline;

    private final CloudFrontInvalidations cloudFront;

    private final CdnConnection cloudflare;

    private final CdnConnection purge;

    /** Makes the beans; nothing is sent anywhere. */
    EdgeBeans(Settings settings, URI publicUrl, Clock clock, BooleanSupplier stopping) throws WrongUsageException {
        String cdn = settings.text("caravan.cdn");
        if (!CDN.matcher(cdn).matches()) {
            throw settings.wrong(
                    "caravan.cdn", "none, cloudfront, cloudflare, purge, or NAME for a route invalidate-NAME");
        }
        switch (cdn) {
            case "cloudfront" -> settings.required("caravan.cloudfront.distribution-id");
            case "cloudflare" -> {
                settings.required("caravan.cloudflare.zone-id");
                if (settings.secret("caravan.cloudflare.token").isEmpty()) {
                    throw new WrongUsageException(
                            "caravan.cloudflare.token is not set",
                            "set CARAVAN_CLOUDFLARE_TOKEN in the environment, or write file:<path>");
                }
            }
            case "purge" -> settings.required("caravan.purge.addresses");
            default -> {}
        }
        desk = new EdgeDesk(new MutablePaths(publicUrl, LayoutBeans.hasFiles(settings)), caches(settings));
        deadline = new InvalidationDeadline(settings.duration("caravan.cdn.deadline"), clock, stopping);
        cloudFront = new CloudFrontInvalidations(
                new CloudFrontSettings(
                        settings.text("caravan.cloudfront.distribution-id"),
                        settings.uri("caravan.cloudfront.endpoint"),
                        credentials(settings),
                        PATIENCE),
                clock);
        cloudflare = new CdnConnection.Cloudflare(settings.secret("caravan.cloudflare.token"));
        purge = new CdnConnection.Purge(publicUrl.getRawAuthority());
    }

    /** Makes the beans known to routes. */
    void bindTo(Main main) {
        main.bind("edgeDesk", desk);
        main.bind("invalidationDeadline", deadline);
        main.bind("cloudFront", cloudFront);
        main.bind("cloudflareConnection", cloudflare);
        main.bind("purgeConnection", purge);
        main.bind("httpConnection", new CdnConnection.Plain());
    }

    @Override
    public void close() {
        cloudFront.close();
    }

    private static List<URI> caches(Settings settings) throws WrongUsageException {
        List<URI> caches = new ArrayList<>();
        for (String address : settings.names("caravan.purge.addresses")) {
            URI uri;
            try {
                uri = URI.create(address);
            } catch (IllegalArgumentException e) {
                throw settings.wrong("caravan.purge.addresses", address + " is no address");
            }
            boolean web = "http".equals(uri.getScheme()) || "https".equals(uri.getScheme());
            if (!web || uri.getHost() == null || uri.getRawUserInfo() != null) {
                throw settings.wrong("caravan.purge.addresses", address + " is not like http://10.0.0.7:6081");
            }
            caches.add(uri);
        }
        return caches;
    }

    /** Keys of their own, those of the bucket if that is at AWS, or what the AWS SDK finds. */
    private static S3Settings.Credentials credentials(Settings settings) throws WrongUsageException {
        String of = settings.secret("caravan.cloudfront.access-key").isEmpty()
                        && settings.uri("caravan.s3.endpoint").isEmpty()
                ? "caravan.s3."
                : "caravan.cloudfront.";
        String access = settings.secret(of + "access-key");
        String secret = settings.secret(of + "secret-key");
        if (access.isEmpty() != secret.isEmpty()) {
            throw new WrongUsageException(
                    of + "access-key and " + of + "secret-key belong together, and one is not set", "set both or none");
        }
        return access.isEmpty()
                ? new S3Settings.Credentials.DefaultChain()
                : new S3Settings.Credentials.Keys(access, secret);
    }
}
