package caravan.app.routing;

import caravan.drill.CanaryCommand;
import java.util.List;

/**
 * What is to be drilled of one database.
 *
 * @param gate whether {@code latest} moves only to snapshots that passed a drill
 * @param schedule when to drill what is published, as a Quartz cron expression; empty for never
 * @param canary one, or none
 */
public record DrillPlan(boolean gate, String schedule, List<CanaryCommand> canary) {

    /** Copies the list. */
    public DrillPlan {
        canary = List.copyOf(canary);
    }

    /** Whether there is a drill at all. */
    public boolean isAny() {
        return gate || !schedule.isEmpty();
    }
}
