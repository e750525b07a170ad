package caravan.app.pipeline;

import caravan.app.settings.Settings;
import caravan.aws.NamedQueues;
import caravan.aws.S3Settings;
import caravan.aws.SqsClients;
import caravan.aws.SqsSettings;
import caravan.failure.WrongUsageException;
import java.util.List;
import java.util.Optional;

/** What is set about queues of warm-up work. */
final class QueueSettings {

    private final Settings settings;

    QueueSettings(Settings settings) {
        this.settings = settings;
    }

    /** Whether the queues are in SQS, and not in this process. */
    boolean isSqs() {
        return settings.text("caravan.warm.queue").equals("sqs");
    }

    /** The queues from which this process takes work. */
    List<String> worked() {
        return settings.names("caravan.warm.worker.queues");
    }

    /** Seconds for which a message that was taken is nobody else's, again and again as long as work goes on. */
    long visibilitySeconds() {
        return Math.max(2, settings.duration("caravan.warm.worker.visibility").toSeconds());
    }

    /** The client of the queues; none if they are in this process. The caller closes it. */
    Optional<NamedQueues> client() throws WrongUsageException {
        if (!isSqs()) {
            return Optional.empty();
        }
        String access = settings.secret("caravan.sqs.access-key");
        String secret = settings.secret("caravan.sqs.secret-key");
        S3Settings.Credentials credentials = access.isEmpty() && secret.isEmpty()
                ? new S3Settings.Credentials.DefaultChain()
                : new S3Settings.Credentials.Keys(access, secret);
        String region = settings.text("caravan.sqs.region");
        return Optional.of(new NamedQueues(SqsClients.build(new SqsSettings(
                settings.uri("caravan.sqs.endpoint"),
                region.isEmpty() ? settings.text("caravan.s3.region") : region,
                credentials,
                settings.duration("caravan.s3.connect-timeout"),
                settings.duration("caravan.s3.idle-timeout")))));
    }
}
