package caravan.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;

/** deploy/cloudformation.yaml: every reference leads somewhere, and the policies allow and deny what they should. */
final class DeploymentTemplateTest {

    private static final Pattern VARIABLE = Pattern.compile("\\$\\{([A-Za-z:]+)(?:\\.[A-Za-z]+)?}");

    private static final Set<String> OF_AWS =
            Set.of("AWS::Partition", "AWS::AccountId", "AWS::StackName", "AWS::NoValue");

    private static Map<String, Object> template;

    @BeforeAll
    static void load() throws Exception {
        LoadSettings strict =
                LoadSettings.builder().setAllowDuplicateKeys(false).build();
        template = map(new Load(strict).loadFromString(Files.readString(Path.of("deploy/cloudformation.yaml"))));
    }

    @Test
    void everyReferenceLeadsToAParameterOrAResource() {
        Set<String> names = new HashSet<>(OF_AWS);
        names.addAll(map(template.get("Parameters")).keySet());
        names.addAll(map(template.get("Resources")).keySet());
        List<String> used = new ArrayList<>();
        collectReferences(template, used);

        assertThat(used).hasSizeGreaterThan(30).allMatch(names::contains);
        assertThat(conditionsUsedIn(template))
                .isEqualTo(map(template.get("Conditions")).keySet());
    }

    @Test
    void everyResourceHasATypeOfAws() {
        assertThat(map(template.get("Resources")).values()).allSatisfy(resource -> {
            assertThat((String) map(resource).get("Type")).matches("AWS::(S3|CloudFront|IAM)::[A-Za-z]+");
            assertThat(map(resource)).containsKey("Properties");
        });
    }

    @Test
    void distributionServesTheBytesAsTheyAreAndForgetsErrorsSoon() {
        Map<String, Object> distribution = map(properties("Distribution").get("DistributionConfig"));
        Map<String, Object> behaviour = map(distribution.get("DefaultCacheBehavior"));
        Map<String, Object> policy = map(properties("CachePolicy").get("CachePolicyConfig"));
        Map<String, Object> key = map(policy.get("ParametersInCacheKeyAndForwardedToOrigin"));

        assertThat(behaviour)
                .containsEntry("Compress", false)
                .containsEntry("ViewerProtocolPolicy", "https-only")
                .containsEntry("AllowedMethods", List.of("GET", "HEAD"));
        assertThat(policy).containsEntry("MinTTL", 0).containsEntry("MaxTTL", 31536000);
        assertThat(key)
                .containsEntry("EnableAcceptEncodingGzip", false)
                .containsEntry("EnableAcceptEncodingBrotli", false)
                .containsEntry(
                        "QueryStringsConfig",
                        Map.of("QueryStringBehavior", "whitelist", "QueryStrings", List.of("caravan-retry")));
        assertThat(list(distribution.get("CustomErrorResponses")))
                .allSatisfy(error -> assertThat(map(error))
                        .containsOnlyKeys("ErrorCode", "ErrorCachingMinTTL")
                        .containsEntry("ErrorCachingMinTTL", 1))
                .extracting(error -> map(error).get("ErrorCode"))
                .containsExactly(400, 403, 404, 405, 414, 416, 500, 501, 502, 503, 504);
    }

    @ParameterizedTest
    @CsvSource({
        "publisher, s3:PutObject,    chunks/ab/abcd,              none-match, true",
        "publisher, s3:PutObject,    chunks/ab/abcd,              '',         false",
        "publisher, s3:PutObject,    p/chunks/ab/abcd,            match,      false",
        "publisher, s3:PutObject,    p/dot/S-1/manifest.jsonl,    none-match, true",
        "publisher, s3:PutObject,    p/dot/S-1/manifest.jsonl,    '',         false",
        "publisher, s3:PutObject,    dot/S-1/chunks.tsv,          '',         false",
        "publisher, s3:PutObject,    dot/S-1/aria2.txt,           '',         false",
        "publisher, s3:PutObject,    dot/S-1/SHA256SUMS,          '',         false",
        "publisher, s3:PutObject,    dot/S-1/snapshot.meta4,      '',         false",
        "publisher, s3:PutObject,    dot/S-1/record,              none-match, true",
        "publisher, s3:PutObject,    dot/S-1/record,              match,      true",
        "publisher, s3:PutObject,    dot/latest,                  none-match, true",
        "publisher, s3:PutObject,    dot/latest,                  match,      true",
        "publisher, s3:PutObject,    dot/latest,                  '',         false",
        "publisher, s3:PutObject,    catalog.json,                '',         true",
        "publisher, s3:PutObject,    _control/sessions/run-1,     '',         true",
        "publisher, s3:GetObject,    dot/latest,                  '',         true",
        "publisher, s3:DeleteObject, chunks/ab/abcd,              '',         false",
        "publisher, s3:DeleteObject, dot/S-1/manifest.jsonl,      '',         false",
        "publisher, s3:DeleteObject, p/dot/latest,                '',         false",
        "publisher, s3:DeleteObject, dot/files/S-1/a.sst,         '',         true",
        "publisher, s3:DeleteObject, p/dot/files/S-1/a.sst,       '',         true",
        "publisher, s3:DeleteObject, p/files/S-1/manifest.jsonl,  '',         false",
        "publisher, s3:DeleteObjectVersion, chunks/ab/abcd,       '',         false",
        "publisher, s3:DeleteObjectVersion, dot/files/S-1/a.sst,  '',         false",
        "publisher, s3:PutObjectAcl, chunks/ab/abcd,              '',         false",
        "collector, s3:DeleteObject, chunks/ab/abcd,              '',         true",
        "collector, s3:DeleteObject, p/dot/latest,                '',         false",
        "collector, s3:DeleteObjectVersion, chunks/ab/abcd,       '',         false",
        "collector, s3:PutObject,    chunks/ab/abcd,              none-match, false",
        "collector, s3:PutObject,    dot/latest,                  match,      false",
        "collector, s3:PutObject,    p/_control/condemned,        '',         true",
        "collector, s3:DeleteObject, p/chunks/ab/abcd.zst,        '',         true",
        "collector, s3:DeleteObject, dot/S-1/record,              '',         true",
        "collector, s3:DeleteObject, p/dot/S-1/manifest.jsonl,    '',         true",
        "collector, s3:DeleteObject, dot/S-1/chunks.tsv,          '',         true",
        "collector, s3:DeleteObject, dot/S-1/aria2.txt,           '',         true",
        "collector, s3:DeleteObject, dot/S-1/SHA256SUMS,          '',         true",
        "collector, s3:DeleteObject, dot/S-1/snapshot.meta4,      '',         true",
        "collector, s3:DeleteObject, dot/S-1/regions.json,        '',         true",
        "collector, s3:DeleteObject, _control/lease,              '',         true",
        "collector, s3:DeleteObject, p/_control/condemned,        '',         true",
        "collector, s3:DeleteObject, _control/candidates,         '',         true",
        "collector, s3:DeleteObject, _control/sessions/run-1,     '',         true",
        "collector, s3:DeleteObject, _control/pending/dot/S-1,    '',         true",
        "collector, s3:DeleteObject, _control/pins/dot/S-1,       '',         false",
        "collector, s3:DeleteObject, _control/files/dot,          '',         false",
        "collector, s3:DeleteObject, dot/files/S-1/a.sst,         '',         false",
        "collector, s3:DeleteObject, catalog.json,                '',         false",
        "collector, s3:DeleteObject, dot/latest,                  '',         false",
        "collector, s3:PutObject,    _control/lease,              '',         true",
        "collector, s3:PutObject,    p/_control/candidates,       '',         true",
        "collector, s3:PutObject,    _control/probe/slot-1,       '',         true",
        "collector, s3:PutObject,    _control/sessions/run-1,     '',         false",
        "collector, s3:PutObject,    dot/S-1/record,              '',         false",
        "collector, s3:GetObject,    dot/S-1/manifest.jsonl,      '',         true",
        "collector, s3:GetObject,    p/_control/sessions/run-1,   '',         true",
        "auditor,   s3:GetObject,    chunks/ab/abcd,              '',         true",
        "auditor,   s3:PutObject,    catalog.json,                '',         false",
        "auditor,   s3:DeleteObject, chunks/ab/abcd,              '',         false",
        "cdn,       s3:GetObject,    chunks/ab/abcd,              '',         true",
        "cdn,       s3:GetObject,    dot/latest,                  '',         true",
        "cdn,       s3:GetObject,    _control/sessions/run-1,     '',         false",
        "cdn,       s3:GetObject,    p/_control/condemned,        '',         false",
        "cdn,       s3:PutObject,    catalog.json,                '',         false",
        "anybody,   s3:GetObject,    dot/latest,                  '',         false",
        "anybody,   s3:PutObject,    catalog.json,                '',         false",
    })
    void everyRoleMayDoItsPartAndNoMore(String who, String action, String key, String condition, boolean allowed) {
        List<Map<String, Object>> statements = new ArrayList<>();
        for (Map<String, Object> statement : statementsOf("BucketPolicy")) {
            boolean ofCdn = map(statement.get("Principal") instanceof Map ? statement.get("Principal") : Map.of())
                    .containsValue("cloudfront.amazonaws.com");
            if (!ofCdn || who.equals("cdn")) {
                statements.add(statement);
            }
        }
        switch (who) {
            case "publisher" -> statements.addAll(statementsOf("PublisherPolicy"));
            case "collector" -> statements.addAll(statementsOf("CollectorPolicy"));
            case "auditor" -> statements.addAll(statementsOf("AuditorPolicy"));
            default -> {}
        }

        assertThat(allows(statements, action, key, condition)).isEqualTo(allowed);
    }

    /** S3 allows or denies a listing for the bucket, not for a key. */
    @ParameterizedTest
    @CsvSource({"CollectorPolicy", "AuditorPolicy", "PublisherPolicy"})
    void whoeverAsksWhatIsThereMayListTheBucket(String policy) {
        assertThat(statementsOf(policy)).anySatisfy(statement -> {
            assertThat(statement).containsEntry("Effect", "Allow");
            assertThat(list(statement.get("Action"))).contains("s3:ListBucket");
            assertThat(list(statement.get("Resource")))
                    .contains(Map.of("Fn::Sub", "arn:${AWS::Partition}:s3:::${BucketName}"));
        });
    }

    @Test
    void nothingIsDoneWithoutEncryption() {
        assertThat(statementsOf("BucketPolicy")).anySatisfy(statement -> assertThat(statement)
                .containsEntry("Effect", "Deny")
                .containsEntry("Principal", "*")
                .containsEntry("Action", "s3:*")
                .containsEntry("Condition", Map.of("Bool", Map.of("aws:SecureTransport", "false"))));
    }

    /** As IAM decides: a denial wins, and what nobody allows is denied. The connection is encrypted, the CDN ours. */
    private static boolean allows(List<Map<String, Object>> statements, String action, String key, String condition) {
        List<String> effects = statements.stream()
                .filter(statement ->
                        list(statement.get("Action")).stream().anyMatch(one -> matches((String) one, action)))
                .filter(statement -> list(statement.get("Resource")).stream()
                        .anyMatch(one -> matches(
                                inFolder((String) map(one).get("Fn::Sub"), key),
                                "arn:${AWS::Partition}:s3:::${BucketName}/" + key)))
                .filter(statement -> isMet(map(statement.getOrDefault("Condition", Map.of())), condition))
                .map(statement -> (String) statement.get("Effect"))
                .toList();
        return effects.contains("Allow") && !effects.contains("Deny");
    }

    /** The parameter as it is set where keys begin with {@code p/}, or not set. */
    private static String inFolder(String resource, String key) {
        return resource.replace("${Prefix}", key.startsWith("p/") ? "p/" : "");
    }

    private static boolean isMet(Map<String, Object> condition, String header) {
        if (condition.containsKey("Bool")) {
            return false;
        }
        return map(condition.getOrDefault("Null", Map.of())).keySet().stream()
                .noneMatch(name -> !header.isEmpty() && name.equals("s3:if-" + header));
    }

    private static boolean matches(String pattern, String text) {
        String expression = Pattern.compile("\\*")
                .splitAsStream(pattern)
                .map(Pattern::quote)
                .collect(Collectors.joining(".*"));
        return text.matches(pattern.endsWith("*") ? expression + ".*" : expression);
    }

    private static List<Map<String, Object>> statementsOf(String resource) {
        return list(map(properties(resource).get("PolicyDocument")).get("Statement")).stream()
                .map(DeploymentTemplateTest::map)
                .toList();
    }

    private static Map<String, Object> properties(String resource) {
        return map(map(map(template.get("Resources")).get(resource)).get("Properties"));
    }

    private static void collectReferences(Object node, List<String> used) {
        if (node instanceof Map<?, ?> fields) {
            fields.forEach((name, value) -> {
                if (name.equals("Ref")) {
                    used.add((String) value);
                } else if (name.equals("Fn::GetAtt")) {
                    used.add((String) list(value).get(0));
                } else if (name.equals("Fn::Sub")) {
                    Matcher variable = VARIABLE.matcher((String) value);
                    while (variable.find()) {
                        used.add(variable.group(1));
                    }
                }
                collectReferences(value, used);
            });
        } else if (node instanceof List<?> items) {
            items.forEach(item -> collectReferences(item, used));
        }
    }

    private static Set<String> conditionsUsedIn(Object node) {
        Set<String> used = new HashSet<>();
        if (node instanceof Map<?, ?> fields) {
            fields.forEach((name, value) -> {
                if (name.equals("Fn::If")) {
                    used.add((String) list(value).get(0));
                }
                used.addAll(conditionsUsedIn(value));
            });
        } else if (node instanceof List<?> items) {
            items.forEach(item -> used.addAll(conditionsUsedIn(item)));
        }
        return used;
    }

    @SuppressWarnings("unchecked")
    private static Map<String, Object> map(Object node) {
        return (Map<String, Object>) node;
    }

    private static List<Object> list(Object node) {
        return node instanceof List<?> items ? new ArrayList<>(items) : List.of(node);
    }
}
