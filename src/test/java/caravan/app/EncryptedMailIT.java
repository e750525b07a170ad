package caravan.app;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import caravan.app.pipeline.Publisher;
import caravan.app.pipeline.SampleDatabase;
import caravan.locals3.LocalS3;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Alerts by way of a mail server on the other side of a network: the password is never sent in the clear. */
@Timeout(180)
final class EncryptedMailIT {

    private static final String PYTHON = "/usr/bin/python3";

    private static final String NAME = "mail.example.org";

    @TempDir
    Path directory;

    private final Installed caravan = Installed.here();

    private LocalS3 bucket;

    private Publisher publisher;

    private Process mailServer;

    @BeforeAll
    static void requirePrograms() throws Exception {
        assumeTrue(
                run(PYTHON, "-c", "import aiosmtpd") == 0 && run("openssl", "version") == 0,
                "needs openssl and python3-aiosmtpd");
    }

    @BeforeEach
    void setUp() throws Exception {
        bucket = LocalS3.start(directory.resolve("s3"), Publisher.BUCKET, Publisher.ACCESS_KEY, Publisher.SECRET_KEY);
        publisher = new Publisher(
                        directory.resolve("publisher"),
                        SampleDatabase.at(directory.resolve("node")),
                        bucket.endpoint(),
                        "")
                .set("caravan.alert.email.to", "operator@example.org")
                .set("caravan.alert.email.from", "caravan@example.org")
                .set("caravan.alert.email.user", "caravan")
                .set("caravan.alert.email.password", "sEcReT");
    }

    @AfterEach
    void tearDown() throws Exception {
        bucket.close();
        if (mailServer != null) {
            mailServer.destroyForcibly().waitFor();
        }
    }

    @Test
    void serverThatOffersStarttlsGetsPasswordAndAlertThroughIt() throws Exception {
        publisher.set("caravan.alert.email.smtp", "smtp://" + NAME + ":" + startMailServer("starttls", NAME));

        Installed.Outcome failed = failingPublication();

        assertThat(mail()).startsWith("encrypted=True login=caravan").contains("Subject:", "demo");
        assertThat(failed.err()).doesNotContain("sEcReT");
    }

    @Test
    void serverThatIsEncryptedFromTheFirstByteGetsThem() throws Exception {
        publisher.set("caravan.alert.email.smtp", "smtps://" + NAME + ":" + startMailServer("implicit", NAME));

        failingPublication();

        assertThat(mail()).startsWith("encrypted=True login=caravan").contains("Subject:", "demo");
    }

    @Test
    void serverWithACertificateForAnotherNameGetsNothingAndTheAlertWaits() throws Exception {
        publisher.set(
                "caravan.alert.email.smtp", "smtp://" + NAME + ":" + startMailServer("starttls", "other.example.org"));

        Installed.Outcome failed = failingPublication();

        assertThat(directory.resolve("box/mail")).doesNotExist();
        assertThat(failed.err()).contains("alerts wait for email");
        assertThat(publisher.state().resolve("alerts/outbox/email")).isNotEmptyDirectory();
    }

    /** There is no database, so this publication fails and is told of. */
    private Installed.Outcome failingPublication() throws Exception {
        Path hosts = Files.writeString(directory.resolve("hosts"), "127.0.0.1 localhost\n127.0.0.1 " + NAME + "\n");
        publisher
                .environment()
                .put(
                        "CARAVAN_JAVA_OPTS",
                        "-XX:TieredStopAtLevel=1 -Djdk.net.hosts.file=" + hosts + " -Djavax.net.ssl.trustStore="
                                + directory.resolve("trust.p12") + " -Djavax.net.ssl.trustStorePassword=changeit");
        Installed.Outcome outcome = caravan.run(publisher.environment(), "publish");
        assertThat(outcome.status()).as(outcome.err()).isEqualTo(4);
        return outcome;
    }

    private String mail() throws Exception {
        return Files.readString(directory.resolve("box/mail"), UTF_8);
    }

    private int startMailServer(String kind, String certifiedName) throws Exception {
        Path key = directory.resolve("mail.key");
        Path certificate = directory.resolve("mail.pem");
        String openssl = "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=mail"
                + " -addext subjectAltName=DNS:" + certifiedName + " -keyout " + key + " -out " + certificate;
        assertThat(run(openssl.split(" "))).isZero();
        String keytool = System.getProperty("java.home") + "/bin/keytool -importcert -noprompt -alias mail -file "
                + certificate + " -keystore " + directory.resolve("trust.p12") + " -storepass changeit";
        assertThat(run(keytool.split(" "))).isZero();
        Path box = Files.createDirectory(directory.resolve("box"));
        Path script = Path.of(getClass().getResource("/mail-server.py").toURI());
        mailServer = new ProcessBuilder(
                        PYTHON, script.toString(), kind, certificate.toString(), key.toString(), box.toString())
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start();
        await().atMost(Duration.ofSeconds(60)).until(() -> Files.exists(box.resolve("port")));
        return Integer.parseInt(Files.readString(box.resolve("port"), UTF_8));
    }

    private static int run(String... command) throws Exception {
        Process process = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start();
        assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
        return process.exitValue();
    }
}
