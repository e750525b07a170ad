package caravan.app.pipeline;

import java.text.ParseException;
import java.time.Duration;
import java.time.Instant;
import java.util.Date;
import java.util.Map;
import java.util.TimeZone;
import java.util.function.Function;
import org.apache.camel.CamelContext;
import org.apache.camel.Route;
import org.apache.camel.component.quartz.QuartzEndpoint;
import org.quartz.CronExpression;
import org.quartz.JobKey;
import org.quartz.SchedulerException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Times of schedules that passed while no route was there to hear them. */
final class MissedTimes {

    private static final Logger LOG = LoggerFactory.getLogger(MissedTimes.class);

    /** What comes by itself in this time is not made up for. */
    private static final Duration NEAR = Duration.ofMinutes(1);

    private MissedTimes() {}

    /**
     * Starts each route of {@code camel} once whose schedule has a time after {@code since} and not after {@code
     * until}, unless its next time is near. Returns at once; the scheduler does it, with what holds for any other time.
     *
     * @param until when a route began to hear its times, by its id
     */
    static void makeUpFor(CamelContext camel, Instant since, Function<String, Instant> until) {
        for (Route route : camel.getRoutes()) {
            if (route.getEndpoint() instanceof QuartzEndpoint schedule
                    && schedule.getCron() != null
                    && hasTime(schedule, since, until.apply(route.getId()))) {
                start(route, schedule);
            }
        }
    }

    private static boolean hasTime(QuartzEndpoint schedule, Instant since, Instant until) {
        try {
            CronExpression times = new CronExpression(schedule.getCron());
            Map<String, Object> parameters = schedule.getTriggerParameters();
            if (parameters != null && parameters.get("timeZone") instanceof String zone) {
                times.setTimeZone(TimeZone.getTimeZone(zone));
            }
            Date next = times.getNextValidTimeAfter(Date.from(since));
            if (next == null || next.toInstant().isAfter(until)) {
                return false;
            }
            Date comes = times.getNextValidTimeAfter(Date.from(until));
            return comes == null || comes.toInstant().isAfter(until.plus(NEAR));
        } catch (ParseException e) {
            throw new IllegalStateException("Quartz took " + schedule.getCron() + " before", e);
        }
    }

    private static void start(Route route, QuartzEndpoint schedule) {
        LOG.info("route {}: its time passed while the routes were replaced, so it is started now", route.getId());
        try {
            schedule.getComponent()
                    .getScheduler()
                    .triggerJob(new JobKey(schedule.getTriggerName(), schedule.getGroupName()));
        } catch (SchedulerException e) {
            LOG.warn("route {} missed its time: {}", route.getId(), e.toString());
        }
    }
}
