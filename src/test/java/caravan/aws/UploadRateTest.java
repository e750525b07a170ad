package caravan.aws;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import caravan.failure.TransientException;
import caravan.locals3.LocalS3;
import caravan.pace.FakeTime;
import caravan.pace.RateLimit;
import caravan.pace.StoppableWaiting;
import caravan.pace.Waiting;
import caravan.snapshot.Digest;
import caravan.store.CachePolicy;
import caravan.store.Content;
import caravan.store.CreateOutcome;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import software.amazon.awssdk.services.s3.S3Client;

/** What is sent to the bucket keeps to a rate while it is sent, not from one object to the next. */
@Timeout(60)
class UploadRateTest {

    private static final int KIB = 1024;

    @TempDir
    static Path directory;

    private static LocalS3 server;

    @BeforeAll
    static void startServer() throws Exception {
        server = LocalS3.start(directory, "snapshots", "key", "secret");
    }

    @AfterAll
    static void stopServer() throws Exception {
        server.close();
    }

    @Test
    void oneObjectIsSentAsSmoothlyAsMany() throws Exception {
        List<Long> sleptMillis = new ArrayList<>();
        FakeTime time = new FakeTime();
        Waiting noted = new Waiting() {
            @Override
            public long nanoTime() {
                return time.nanoTime();
            }

            @Override
            public void sleep(long nanos) throws InterruptedException {
                sleptMillis.add(TimeUnit.NANOSECONDS.toMillis(nanos));
                time.sleep(nanos);
            }
        };

        CreateOutcome outcome = create("smooth", 4096 * KIB, RateLimit.of(1024 * KIB, noted), Duration.ofSeconds(30));

        assertThat(outcome).isEqualTo(CreateOutcome.CREATED);
        assertThat(time.sleptMillis()).isBetween(3_800L, 4_000L);
        assertThat(sleptMillis)
                .as("64 KiB take 62.5 ms; never more at once")
                .hasSizeGreaterThan(60)
                .allMatch(millis -> millis <= 63);
    }

    @Test
    void whoIsHeldBackForLongerThanABodyMayStandStillIsNotGivenUp() throws Exception {
        Duration idle = Duration.ofMillis(300); // a stall is one of 800 ms; a piece waits for 1.6 s

        CreateOutcome outcome = create("slow", 128 * KIB, RateLimit.of(40 * KIB, Waiting.REAL), idle);

        assertThat(outcome).isEqualTo(CreateOutcome.CREATED);
    }

    @Test
    void anUploadThatIsHeldBackEndsWhenTheProgramStops() throws Exception {
        StoppableWaiting waiting = new StoppableWaiting();
        CountDownLatch held = new CountDownLatch(1);
        Waiting noted = new Waiting() {
            @Override
            public long nanoTime() {
                return waiting.nanoTime();
            }

            @Override
            public void sleep(long nanos) throws InterruptedException {
                held.countDown();
                waiting.sleep(nanos);
            }
        };
        Thread stopping = new Thread(() -> {
            try {
                held.await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
            waiting.stop();
        });
        stopping.start();

        TransientException failure = catchThrowableOfType(
                TransientException.class,
                () -> create("stopped", 4096 * KIB, RateLimit.of(KIB, noted), Duration.ofSeconds(30)));

        assertThat(Thread.interrupted()).isTrue();
        assertThat(failure).hasMessageContaining("interrupted");
        stopping.join();
    }

    private static CreateOutcome create(String name, int size, RateLimit rate, Duration idle) throws Exception {
        S3Settings usual = S3Settings.of(server.endpoint(), "snapshots", "rate", "key", "secret");
        S3Settings settings = new S3Settings(
                usual.endpoint(),
                usual.region(),
                usual.bucket(),
                usual.prefix(),
                usual.credentials(),
                usual.addressing(),
                usual.trust(),
                new S3Settings.Limits(Duration.ofSeconds(10), idle, 4));
        byte[] bytes = new byte[size];
        try (S3Client client = S3Clients.build(settings, rate)) {
            return new S3ObjectStore(client, settings)
                    .create(
                            "chunks/" + Digest.of(bytes).hex() + "-" + name,
                            Content.of(bytes, Content.OCTETS, CachePolicy.IMMUTABLE));
        }
    }
}
