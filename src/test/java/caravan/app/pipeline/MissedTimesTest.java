package caravan.app.pipeline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZonedDateTime;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.apache.camel.CamelContext;
import org.apache.camel.builder.RouteBuilder;
import org.apache.camel.component.quartz.QuartzEndpoint;
import org.apache.camel.impl.DefaultCamelContext;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.quartz.JobKey;

/** Real schedules, whose times are months away, so that nothing starts but what is made up for. */
@Timeout(60)
class MissedTimesTest {

    private static final ZoneId HERE = ZoneId.systemDefault();

    private final Instant passed = ZonedDateTime.now(HERE)
            .plusMonths(6)
            .withNano(0)
            .withDayOfMonth(12)
            .withHour(3)
            .withMinute(30)
            .withSecond(0)
            .toInstant();

    private final List<String> started = Collections.synchronizedList(new ArrayList<>());

    private final CamelContext camel = new DefaultCamelContext();

    @BeforeEach
    void startRoutes() throws Exception {
        String cron = cronAt(passed, HERE);
        String elsewhere = cronAt(passed, ZoneId.of("Pacific/Auckland"));
        camel.addRoutes(new RouteBuilder() {
            @Override
            public void configure() {
                from("quartz://caravan/watch?stateful=true&cron=" + cron)
                        .routeId("watch")
                        .process(exchange -> started.add("watch"));
                from("quartz://caravan/elsewhere?trigger.timeZone=Pacific/Auckland&cron=" + elsewhere)
                        .routeId("elsewhere")
                        .process(exchange -> started.add("elsewhere"));
                from("direct:other").routeId("other").process(exchange -> started.add("other"));
            }
        });
        camel.start();
    }

    @AfterEach
    void stop() {
        camel.stop();
    }

    @Test
    void scheduleWhoseTimePassedIsStartedOnce() throws Exception {
        MissedTimes.makeUpFor(camel, passed.minusMillis(300), id -> passed.plusMillis(700));

        await().atMost(Duration.ofSeconds(30)).until(() -> started.size() == 2);
        assertNothingElseIsUnderWay();
        assertThat(started).containsExactlyInAnyOrder("watch", "elsewhere");
    }

    @Test
    void severalTimesThatPassedAreMadeUpForOnce() throws Exception {
        MissedTimes.makeUpFor(camel, passed.minus(Duration.ofDays(3000)), id -> passed);

        await().atMost(Duration.ofSeconds(30)).until(() -> started.size() == 2);
        assertNothingElseIsUnderWay();
        assertThat(started).containsExactlyInAnyOrder("watch", "elsewhere");
    }

    @Test
    void scheduleWhoseTimeHasYetToComeIsNotStarted() throws Exception {
        MissedTimes.makeUpFor(camel, passed, id -> passed.plus(Duration.ofDays(20)));
        MissedTimes.makeUpFor(camel, passed.minus(Duration.ofDays(20)), id -> passed.minusMillis(1));

        assertNothingElseIsUnderWay();
        assertThat(started).isEmpty();
    }

    @Test
    void timeThatARouteWasThereToHearIsNotMadeUpForAlthoughOthersStartedLater() throws Exception {
        MissedTimes.makeUpFor(
                camel,
                passed.minusMillis(300),
                id -> id.equals("watch") ? passed.minusMillis(1) : passed.plusMillis(700));

        await().atMost(Duration.ofSeconds(30)).until(() -> !started.isEmpty());
        assertNothingElseIsUnderWay();
        assertThat(started).containsExactly("elsewhere");
    }

    @Test
    void scheduleOfSecondsComesByItself() throws Exception {
        String often = "0/2+*+*+*+" + passed.atZone(HERE).getMonthValue() + "+?";
        camel.addRoutes(new RouteBuilder() {
            @Override
            public void configure() {
                from("quartz://caravan/often?stateful=true&cron=" + often)
                        .routeId("often")
                        .process(exchange -> started.add("often"));
            }
        });
        MissedTimes.makeUpFor(camel, passed.minusSeconds(10), id -> passed.minusSeconds(5));

        assertNothingElseIsUnderWay("often");
        assertThat(started).isEmpty();
    }

    @Test
    void routeBeginsToHearItsTimesWhenItIsStarted() throws Exception {
        RouteStarts starts = RouteStarts.in(camel);
        Instant before = Instant.now();
        camel.getRouteController().stopRoute("watch");
        camel.getRouteController().startRoute("watch");
        Instant after = Instant.now();

        assertThat(starts.of("watch")).isBetween(before, after);
        assertThat(starts.of("elsewhere")).isAfterOrEqualTo(after);
    }

    /** A start that was asked for is a trigger of its own, until it is over. */
    private void assertNothingElseIsUnderWay() throws Exception {
        assertNothingElseIsUnderWay("watch", "elsewhere");
    }

    private void assertNothingElseIsUnderWay(String... names) throws Exception {
        for (String name : names) {
            QuartzEndpoint endpoint = (QuartzEndpoint) camel.getRoute(name).getEndpoint();
            await().atMost(Duration.ofSeconds(30))
                    .until(() -> endpoint.getComponent()
                                    .getScheduler()
                                    .getTriggersOfJob(new JobKey(name, "caravan"))
                                    .size()
                            == 1);
        }
    }

    private static String cronAt(Instant time, ZoneId zone) {
        ZonedDateTime there = time.atZone(zone);
        return "0+" + there.getMinute() + "+" + there.getHour() + "+" + there.getDayOfMonth() + "+"
                + there.getMonthValue() + "+?";
    }
}
