package caravan.warm;

import static org.assertj.core.api.Assertions.assertThat;

import caravan.pace.RateLimit;
import caravan.pace.Waiting;
import caravan.snapshot.ChunkRef;
import caravan.snapshot.DatabaseName;
import caravan.snapshot.Digest;
import caravan.snapshot.SnapshotId;
import java.io.ByteArrayInputStream;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** How several regions share one origin: each in an order of its own, all together at one rate. */
class RegionOrderTest {

    private static final int OBJECTS = 200;

    private static final int BYTES = 2000;

    @TempDir
    Path directory;

    private final Waiting time = new Waiting() {

        private long now = 1;

        @Override
        public long nanoTime() {
            return now;
        }

        @Override
        public void sleep(long nanos) {
            now += nanos;
        }
    };

    @Test
    void everyRegionAsksForEachObjectOnceInAnOrderOfItsOwn() throws Exception {
        WarmRun run = run("us-east-1", "sa-east-1", "eu-central-1");
        List<List<Long>> orders = new ArrayList<>();
        for (RegionWarming region : run.regions()) {
            List<Long> order = new ArrayList<>();
            region.nextRound().forEachRemaining(task -> order.add(task.index()));
            assertThat(order)
                    .containsExactlyInAnyOrderElementsOf(
                            LongStream.range(0, OBJECTS).boxed().toList());
            orders.add(order);
        }
        orders.add(LongStream.range(0, OBJECTS).boxed().toList());
        assertThat(orders).doesNotHaveDuplicates();
        List<Long> begun = orders.stream().map(order -> order.get(0)).distinct().toList();
        assertThat(begun).as("not all begin with the same one").hasSizeGreaterThan(1);
    }

    @Test
    void allRegionsTogetherReadNotFasterThanTheRate() throws Exception {
        BodyCheck check = new BodyCheck(RateLimit.of(1000, time));
        WarmRun run = run("us-east-1", "sa-east-1");
        List<Iterator<WarmTask>> rounds =
                run.regions().stream().map(RegionWarming::nextRound).toList();
        long begin = time.nanoTime();
        for (int number = 0; number < 5; number++) {
            for (Iterator<WarmTask> round : rounds) {
                WarmTask task = round.next();
                check.read(
                        task,
                        200,
                        new EdgeAnswer(EdgeAnswer.Cache.MISS, ""),
                        new ByteArrayInputStream(new byte[BYTES]),
                        System.nanoTime());
            }
        }
        // The last amount is paid by whoever is next.
        assertThat(time.nanoTime() - begin)
                .isBetween(TimeUnit.MILLISECONDS.toNanos(17_900), TimeUnit.MILLISECONDS.toNanos(18_000));
        assertThat(run.regions()).allMatch(region -> region.report().cold().objects() == 5);
    }

    private WarmRun run(String... regions) throws Exception {
        WarmPlan plan = WarmPlan.create(directory);
        for (int number = 0; number < OBJECTS; number++) {
            plan.add(ChunkRef.plain(
                    Digest.of(ByteBuffer.allocate(4).putInt(number).array()), BYTES));
        }
        return new WarmRun(
                new DatabaseName("demo"),
                SnapshotId.parse("20261122T083300Z-1"),
                URI.create("http://cdn.example.org"),
                plan.complete(),
                List.of(regions).stream()
                        .map(name -> new Region(name, new Vantage.Direct()))
                        .toList(),
                new WarmRules(1, 0, Duration.ofDays(1), 10, Duration.ofMillis(1), Duration.ofMillis(1), false),
                7,
                time,
                new TaskListener() {});
    }
}
