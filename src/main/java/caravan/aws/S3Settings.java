package caravan.aws;

import static java.util.Objects.requireNonNull;

import caravan.snapshot.SnapshotPath;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.regex.Pattern;

/**
 * Which bucket to use and how to reach it. The messages of every {@link IllegalArgumentException} are fit for an
 * operator; no text form of it holds the secret key.
 *
 * @param endpoint AWS, or the address of another server that speaks S3
 * @param region region of the bucket; servers other than AWS mostly take any
 * @param bucket its name
 * @param prefix what every key begins with, without a slash at either end; empty for none
 * @param credentials who we are
 * @param addressing where the bucket's name goes in a URL
 * @param trust whose certificates are believed
 * @param limits time and number
 */
public record S3Settings(
        Endpoint endpoint,
        String region,
        String bucket,
        String prefix,
        Credentials credentials,
        Addressing addressing,
        Trust trust,
        Limits limits) {

    /** The region that servers without regions expect in a signature. */
    public static final String ANY_REGION = "us-east-1";

    // Length and alphabet of AWS, and the underscore and capitals that older buckets elsewhere may have.
    private static final Pattern BUCKET = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]{1,62}");

    private static final Pattern REGION = Pattern.compile("[A-Za-z0-9][A-Za-z0-9_-]*");

    /** A server that speaks S3. */
    public sealed interface Endpoint {

        /** AWS itself, found by region. */
        record Aws() implements Endpoint {}

        /** Another server; {@code http} or {@code https}, a host, and at most a port. */
        record Server(URI uri) implements Endpoint {

            public Server {
                String scheme = uri.getScheme();
                boolean web = "http".equalsIgnoreCase(scheme) || "https".equalsIgnoreCase(scheme);
                boolean bare = uri.getRawPath() == null
                        || uri.getRawPath().isEmpty()
                        || uri.getRawPath().equals("/");
                if (!web
                        || uri.getHost() == null
                        || !bare
                        || uri.getRawQuery() != null
                        || uri.getRawUserInfo() != null) {
                    throw new IllegalArgumentException(
                            "an S3 endpoint is http or https, a host and at most a port, like"
                                    + " https://s3.example.org:9000");
                }
            }
        }
    }

    /** Proof of who we are. */
    public sealed interface Credentials {

        /** Environment, system properties, profile files, container or instance role: the order of the AWS SDK. */
        record DefaultChain() implements Credentials {}

        /** A key pair; its text form leaves the secret out. */
        record Keys(String accessKey, String secretKey) implements Credentials {

            public Keys {
                if (accessKey.isBlank() || secretKey.isBlank()) {
                    throw new IllegalArgumentException("an access key needs its secret key, and the other way round");
                }
            }

            @Override
            public String toString() {
                return "Keys[accessKey=" + accessKey + "]";
            }
        }
    }

    /** Where the bucket's name goes in a URL. */
    public enum Addressing {
        /** As AWS wants it for AWS, in the path for any other server. */
        AUTO,
        /** {@code https://host/bucket/key}. */
        PATH,
        /** {@code https://bucket.host/key}. */
        VIRTUAL_HOST
    }

    /** Whose certificates are believed. */
    public sealed interface Trust {

        /** Those of the Java platform. */
        record Platform() implements Trust {}

        /** Those of the Java platform and every certificate in a PEM file. */
        record PlatformAnd(Path caFile) implements Trust {

            public PlatformAnd {
                requireNonNull(caFile, "caFile");
            }
        }
    }

    /**
     * Time and number.
     *
     * @param connect most time to connect
     * @param idle most time during which not one byte moves in either direction of a request under way
     * @param connections most at once; a call that needs one more waits for up to {@code idle}
     */
    public record Limits(Duration connect, Duration idle, int connections) {

        /** 10 s, 30 s, 50 connections. */
        public static final Limits USUAL = new Limits(Duration.ofSeconds(10), Duration.ofSeconds(30), 50);

        public Limits {
            if (connect.isNegative() || connect.isZero() || idle.isNegative() || idle.isZero() || connections < 1) {
                throw new IllegalArgumentException("time limits and the number of connections are above zero");
            }
        }
    }

    /** Checks every part. */
    public S3Settings {
        requireNonNull(endpoint, "endpoint");
        requireNonNull(credentials, "credentials");
        requireNonNull(addressing, "addressing");
        requireNonNull(trust, "trust");
        requireNonNull(limits, "limits");
        if (!REGION.matcher(region).matches()) {
            throw new IllegalArgumentException("\"" + region + "\" is not the name of a region");
        }
        if (!BUCKET.matcher(bucket).matches()) {
            throw new IllegalArgumentException(
                    "\"" + bucket + "\" is not the name of a bucket: 3 to 63 of a-z, 0-9, .," + " - and _");
        }
        if (!prefix.isEmpty()) {
            new SnapshotPath(prefix);
        }
    }

    /** Everything as usual, for a server other than AWS. */
    public static S3Settings of(URI server, String bucket, String prefix, String accessKey, String secretKey) {
        return new S3Settings(
                new Endpoint.Server(server),
                ANY_REGION,
                bucket,
                prefix,
                new Credentials.Keys(accessKey, secretKey),
                Addressing.AUTO,
                new Trust.Platform(),
                Limits.USUAL);
    }

    /** The bucket's own name of an object: {@code key} below the prefix. */
    public String keyOf(String key) {
        String path = new SnapshotPath(key).value();
        return keysBegin() + path;
    }

    /** With what every key of ours begins in the bucket; empty without a prefix. */
    public String keysBegin() {
        return prefix.isEmpty() ? "" : prefix + "/";
    }

    /** Where the prefix is found without a CDN: the address of its objects less their paths. */
    public URI publicUrl() {
        String path = prefix.isEmpty() ? "" : "/" + prefix;
        if (endpoint instanceof Endpoint.Server server) {
            String scheme = server.uri().getScheme();
            String authority = server.uri().getAuthority();
            return pathStyle()
                    ? URI.create(scheme + "://" + authority + "/" + bucket + path)
                    : URI.create(scheme + "://" + bucket + "." + authority + path);
        }
        String host = "s3." + region + ".amazonaws.com";
        return URI.create(
                pathStyle() ? "https://" + host + "/" + bucket + path : "https://" + bucket + "." + host + path);
    }

    /** Whether the bucket's name goes in the path. */
    boolean pathStyle() {
        return switch (addressing) {
            case AUTO -> endpoint instanceof Endpoint.Server;
            case PATH -> true;
            case VIRTUAL_HOST -> false;
        };
    }

    /** The place in words, for messages: {@code s3://bucket/prefix at http://host}. */
    public String place() {
        String where = endpoint instanceof Endpoint.Server server ? server.uri().toString() : "AWS " + region;
        return "s3://" + bucket + (prefix.isEmpty() ? "" : "/" + prefix) + " at " + where;
    }
}
