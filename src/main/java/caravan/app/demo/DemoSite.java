package caravan.app.demo;

import caravan.app.settings.Settings;
import caravan.app.settings.SettingsLoader;
import caravan.failure.CaravanException;
import caravan.failure.FailedException;
import caravan.localedge.LocalEdge;
import caravan.localedge.LocalEdges;
import caravan.locals3.LocalS3;
import caravan.samplenode.SampleNodeProcess;
import caravan.signature.SigningKey;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Properties;

/** Everything that an operator has and this machine lacks: a node, a bucket, and a CDN with edges in five regions. */
final class DemoSite implements AutoCloseable {

    private static final String BUCKET = "snapshots";

    private static final String SERVED = "bucket";

    private static final String ACCOUNT = "demo";

    /** Users of the demo are in Europe. */
    private static final String USERS_REGION = "eu-central-1";

    private final Path base;

    private final String secret;

    private final SigningKey key;

    private final LocalS3 bucket;

    private final LocalEdges edges;

    private final SampleNodeProcess node;

    private final int httpPort = freePort();

    private DemoSite(Path base, String secret, SigningKey key, LocalS3 bucket, LocalEdges edges, SampleNodeProcess node)
            throws FailedException {
        this.base = base;
        this.secret = secret;
        this.key = key;
        this.bucket = bucket;
        this.edges = edges;
        this.node = node;
    }

    /** Starts all of it below {@code base}, which may hold what an earlier demo left. */
    static DemoSite start(Path base, String initialBytes) throws CaravanException, InterruptedException {
        String secret = HexFormat.of().formatHex(new SecureRandom().generateSeed(16));
        SigningKey key = keyIn(base);
        LocalS3 bucket = LocalS3.start(base.resolve(SERVED), BUCKET, ACCOUNT, secret);
        try {
            LocalEdges edges = LocalEdges.start(base.resolve("edges"), bucket.publicUrl());
            try {
                SampleNodeProcess node = SampleNodeProcess.start(base.resolve("node"), "--initial-bytes", initialBytes);
                return new DemoSite(base, secret, key, bucket, edges, node);
            } catch (CaravanException | InterruptedException | RuntimeException e) {
                edges.close();
                throw e;
            }
        } catch (CaravanException | InterruptedException | RuntimeException e) {
            bucket.close();
            throw e;
        }
    }

    /** Where users find the bucket: through the edge of their region. */
    URI publicUrl() {
        return edges.in(USERS_REGION).address().resolve(bucket.publicUrl().getPath());
    }

    /** Where the bucket's objects lie on the disk. */
    Path bucketDirectory() {
        return base.resolve(SERVED).resolve(BUCKET);
    }

    SigningKey key() {
        return key;
    }

    /** Where the daemon tells its health and metrics. */
    URI observed() {
        return URI.create("http://127.0.0.1:" + httpPort + "/observe");
    }

    Path publicKeyFile() {
        return base.resolve("signing-key.pub");
    }

    SampleNodeProcess node() {
        return node;
    }

    LocalS3 bucket() {
        return bucket;
    }

    List<LocalEdge> edges() {
        return edges.all();
    }

    /** Where users' clients keep what they remember, apart from this user's own. */
    Path clientState() {
        return base.resolve("client-state");
    }

    Path restored(String by) {
        return base.resolve("restored-" + by + "-" + System.currentTimeMillis());
    }

    /**
     * The settings in {@code file}, and what only the site knows. Nothing that is set for a real node takes part.
     *
     * @param scheduled whether the schedule counts
     */
    Settings settings(Path file, boolean scheduled) throws CaravanException {
        Map<String, String> known = new HashMap<>();
        if (!scheduled) {
            known.put("CARAVAN_DATABASE_DEMO_SCHEDULE", "");
            known.put("CARAVAN_DATABASE_DEMO_DRILL_SCHEDULE", "");
        }
        known.put("CARAVAN_DATABASE_DEMO_DIRECTORY", node.base().databaseRoot().toString());
        known.put("CARAVAN_DATABASE_DEMO_RPC_URL", node.rpcUrl().toString());
        known.put("CARAVAN_S3_ENDPOINT", bucket.endpoint().toString());
        known.put("CARAVAN_S3_BUCKET", BUCKET);
        known.put("CARAVAN_S3_ACCESS_KEY", ACCOUNT);
        known.put("CARAVAN_S3_SECRET_KEY", secret);
        known.put("CARAVAN_PUBLIC_URL", publicUrl().toString());
        known.put("CARAVAN_SIGNING_KEY", base.resolve("signing-key").toString());
        known.put("CARAVAN_STATE_DIRECTORY", base.resolve("state").toString());
        known.put("CARAVAN_HTTP_PORT", String.valueOf(httpPort));
        known.put("CARAVAN_CLOUDFRONT_DISTRIBUTION_ID", LocalEdges.DISTRIBUTION);
        known.put("CARAVAN_CLOUDFRONT_ENDPOINT", edges.api().address().toString());
        known.put("CARAVAN_CLOUDFRONT_ACCESS_KEY", ACCOUNT);
        known.put("CARAVAN_CLOUDFRONT_SECRET_KEY", secret);
        for (LocalEdge edge : edges.all()) {
            String region = edge.location().region().toUpperCase(Locale.ROOT).replace('-', '_');
            known.put(
                    "CARAVAN_WARM_REGION_" + region + "_VIA",
                    "edge:" + edge.address().getAuthority() + ",expect="
                            + edge.location().pop().substring(0, 3));
        }
        return new SettingsLoader(known, new Properties()).load(file);
    }

    @Override
    public void close() {
        node.close();
        edges.close();
        bucket.close();
    }

    /** A daemon of a real node may have the usual one. */
    private static int freePort() throws FailedException {
        try (ServerSocket probe = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return probe.getLocalPort();
        } catch (IOException e) {
            throw new FailedException("there is no free port: " + e, "try again later", e);
        }
    }

    private static SigningKey keyIn(Path base) throws CaravanException {
        Path file = base.resolve("signing-key");
        if (Files.exists(file)) {
            return SigningKey.load(file);
        }
        SigningKey key = SigningKey.generate();
        key.write(file);
        return key;
    }
}
