package caravan.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import caravan.app.warming.WarmJobs;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;

/** deploy/warm-queue.yaml: the three queues of a name, and who may do what with each. */
final class WarmQueueTemplateTest {

    private static Map<String, Object> resources;

    private static Map<String, Object> template;

    @BeforeAll
    static void load() throws Exception {
        LoadSettings strict =
                LoadSettings.builder().setAllowDuplicateKeys(false).build();
        template = map(new Load(strict).loadFromString(Files.readString(Path.of("deploy/warm-queue.yaml"))));
        resources = map(template.get("Resources"));
    }

    @Test
    void queuesAreThoseThatTheProgramAsksForByName() {
        assertThat(properties("Jobs").get("QueueName")).isEqualTo(Map.of("Ref", "QueueName"));
        assertThat(properties("Results").get("QueueName")).isEqualTo(Map.of("Fn::Sub", "${QueueName}-results"));
        assertThat(properties("Dead").get("QueueName")).isEqualTo(Map.of("Fn::Sub", "${QueueName}-dead"));
        assertThat(resources.values())
                .allSatisfy(resource -> assertThat((String) map(resource).get("Type"))
                        .isIn("AWS::SQS::Queue", "AWS::IAM::ManagedPolicy"));
    }

    @Test
    void whatIsTakenTooOftenGoesToTheDeadLettersAfterWorkersHadTheirSay() throws Exception {
        for (String queue : List.of("Jobs", "Results")) {
            assertThat(map(properties(queue).get("RedrivePolicy")))
                    .containsEntry("deadLetterTargetArn", Map.of("Fn::GetAtt", List.of("Dead", "Arn")));
        }
        assertThat(map(properties("Jobs").get("RedrivePolicy")))
                .containsEntry("maxReceiveCount", Map.of("Ref", "MostDeliveries"));
        // A result may be taken by other publishers before its own has it; they drop what nobody wanted so often.
        assertThat((int) map(properties("Results").get("RedrivePolicy")).get("maxReceiveCount"))
                .isGreaterThan(WarmJobs.MOST_DELIVERIES);
        assertThat(properties("Dead"))
                .doesNotContainKey("RedrivePolicy")
                .containsEntry("MessageRetentionPeriod", 1209600);
        int most =
                (int) map(map(template.get("Parameters")).get("MostDeliveries")).get("Default");
        String settings = Files.readString(Path.of("config/application.properties"));
        assertThat(settings).contains("caravan.warm.worker.max-deliveries=5\n");
        assertThat(most).isGreaterThan(5);
    }

    @ParameterizedTest
    @CsvSource({
        "Publisher, sqs:SendMessage,             Jobs,    true",
        "Publisher, sqs:ReceiveMessage,          Jobs,    false",
        "Publisher, sqs:DeleteMessage,           Jobs,    false",
        "Publisher, sqs:ReceiveMessage,          Results, true",
        "Publisher, sqs:DeleteMessage,           Results, true",
        "Publisher, sqs:SendMessage,             Results, false",
        "Publisher, sqs:SendMessage,             Dead,    false",
        "Publisher, sqs:GetQueueUrl,             Jobs,    true",
        "Publisher, sqs:GetQueueUrl,             Results, true",
        "Worker,    sqs:ReceiveMessage,          Jobs,    true",
        "Worker,    sqs:DeleteMessage,           Jobs,    true",
        "Worker,    sqs:ChangeMessageVisibility, Jobs,    true",
        "Worker,    sqs:SendMessage,             Jobs,    false",
        "Worker,    sqs:SendMessage,             Results, true",
        "Worker,    sqs:ReceiveMessage,          Results, false",
        "Worker,    sqs:SendMessage,             Dead,    true",
        "Worker,    sqs:ReceiveMessage,          Dead,    false",
        "Worker,    sqs:PurgeQueue,              Jobs,    false",
        "Worker,    sqs:GetQueueUrl,             Jobs,    true",
        "Worker,    sqs:GetQueueUrl,             Results, true",
        "Worker,    sqs:GetQueueUrl,             Dead,    true",
    })
    void everyRoleMayDoItsPartAndNoMore(String who, String action, String queue, boolean allowed) {
        Map<String, Object> policy = map(properties("Warm" + who + "Policy").get("PolicyDocument"));
        boolean found = false;
        for (Object each : list(policy.get("Statement"))) {
            Map<String, Object> statement = map(each);
            assertThat(statement).containsEntry("Effect", "Allow");
            found |= list(statement.get("Action")).contains(action)
                    && list(statement.get("Resource")).contains(Map.of("Fn::GetAtt", List.of(queue, "Arn")));
        }
        assertThat(found).isEqualTo(allowed);
    }

    private static Map<String, Object> properties(String resource) {
        return map(map(resources.get(resource)).get("Properties"));
    }

    @SuppressWarnings("unchecked")
    private static Map<String, Object> map(Object node) {
        return (Map<String, Object>) node;
    }

    private static List<Object> list(Object node) {
        return node instanceof List<?> items ? new ArrayList<>(items) : List.of(node);
    }
}
