package caravan.store;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import caravan.failure.RefusedException;
import caravan.failure.TransientException;
import caravan.failure.WrongUsageException;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class StoreProbeTest {

    private final InMemoryObjectStore store = new InMemoryObjectStore();

    @Test
    void leavesAFixedSetOfKeysHoweverOftenItRuns() throws Exception {
        for (int run = 0; run < 50; run++) {
            new StoreProbe(store, new Random(run)).probe();
        }

        assertThat(store.objects().keySet())
                .hasSizeLessThanOrEqualTo(9)
                .contains(StoreProbe.MARK)
                .allMatch(key -> key.startsWith("_control/probe/"));
        assertThat(store.objects().get(StoreProbe.MARK)).isEqualTo("caravan\n".getBytes(UTF_8));
    }

    @Test
    void probesAtOnceDoNotMisleadEachOther() throws Exception {
        ExecutorService threads = Executors.newFixedThreadPool(4);
        try {
            List<Callable<List<StoreAbilities>>> publishers = new ArrayList<>();
            for (int publisher = 0; publisher < 4; publisher++) {
                Random random = new Random(publisher);
                publishers.add(() -> {
                    List<StoreAbilities> found = new ArrayList<>();
                    for (int run = 0; run < 50; run++) {
                        try {
                            found.add(new StoreProbe(store, random).probe());
                        } catch (TransientException e) {
                            // Four times in a row in company: it says "try again", which is right.
                            assertThat(e).hasMessageContaining("other probes");
                        }
                    }
                    return found;
                });
            }

            for (Future<List<StoreAbilities>> found : threads.invokeAll(publishers)) {
                assertThat(found.get()).isNotEmpty().containsOnly(new StoreAbilities(true, true, true, true));
            }
        } finally {
            threads.shutdownNow();
        }
    }

    @Test
    void lookingAtABucketOfNoPublisherOrOfOneChangesNothing() throws Exception {
        StoreProbe.look(store);
        assertThat(store.objects()).isEmpty();

        new StoreProbe(store, new Random(1)).probe();
        int objects = store.objects().size();
        StoreProbe.look(store);
        assertThat(store.objects()).hasSize(objects);
    }

    @Test
    void whatGivesTheSamePageForEveryNameIsNoBucket() throws Exception {
        store.put(
                StoreProbe.MARK, Content.of("<html>Welcome</html>".getBytes(UTF_8), "text/html", CachePolicy.MUTABLE));

        assertThatThrownBy(() -> StoreProbe.look(store))
                .isInstanceOf(WrongUsageException.class)
                .hasMessageContaining("read _control/probe/mark: what came back was never written there");
    }

    @Test
    void failureOfTheStoreIsPassedOn() {
        store.failing((operation, key) ->
                operation.equals("create") ? InMemoryObjectStore.Verdict.FAIL : InMemoryObjectStore.Verdict.PASS);

        assertThatThrownBy(() -> new StoreProbe(store, new Random(1)).probe())
                .isInstanceOf(TransientException.class)
                .hasMessageContaining("create");
    }

    @Test
    void storeThatDoesAllNeedsNoWords() {
        assertThat(new StoreAbilities(true, true, true, true).consequences()).isEmpty();
    }

    @Test
    void everyMissingAbilityHasItsConsequence() {
        assertThat(new StoreAbilities(false, false, false, false).consequences())
                .hasSize(4)
                .anyMatch(line -> line.contains("If-None-Match"))
                .anyMatch(line -> line.contains("If-Match"))
                .anyMatch(line -> line.contains("read back"));
    }

    @ParameterizedTest
    @CsvSource({"false, true, If-None-Match", "true, false, If-Match", "false, false, If-None-Match and If-Match"})
    void storeOnWhichPublishersCanHarmEachOtherIsRefusedUnlessDeclaredSafe(
            boolean createOnly, boolean compareAndReplace, String named) {
        StoreAbilities abilities = new StoreAbilities(createOnly, compareAndReplace, true, true);

        assertThatThrownBy(() -> abilities.requireSafe(false))
                .isInstanceOf(RefusedException.class)
                .hasMessageContaining("ignores " + named + ",")
                .extracting(e -> ((RefusedException) e).hint())
                .asString()
                .contains("caravan.s3.single-writer=true");
        assertThatCode(() -> abilities.requireSafe(true)).doesNotThrowAnyException();
    }

    @Test
    void missingChecksumsAreNoReasonToRefuse() {
        assertThatCode(() -> new StoreAbilities(true, true, false, false).requireSafe(false))
                .doesNotThrowAnyException();
    }
}
