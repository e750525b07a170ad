package caravan.app.pipeline;

import caravan.app.routing.RouteFault;
import caravan.app.settings.Settings;
import caravan.doctor.Examination;
import caravan.doctor.Findings;
import caravan.failure.CaravanException;
import caravan.store.StoreAbilities;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;

/** Whether the routes load and keep to the rules. They are loaded as a daemon does it, and begin nothing. */
final class RoutesCheck implements Examination {

    private static final StoreAbilities ASSUMED = new StoreAbilities(true, true, true, true);

    private final Installation installation;

    private final Settings settings;

    private final PipelineBeans beans;

    RoutesCheck(Installation installation, Settings settings, PipelineBeans beans) {
        this.installation = installation;
        this.settings = settings;
        this.beans = beans;
    }

    @Override
    public String subject() {
        return "routes";
    }

    @Override
    public Duration limit() {
        return Duration.ofMinutes(1);
    }

    @Override
    public void examine(Findings findings) throws CaravanException {
        AtomicInteger faults = new AtomicInteger();
        try {
            Pipeline.load(installation, settings, beans, ASSUMED, true, fault -> {
                        faults.incrementAndGet();
                        say(fault, findings);
                    })
                    .close();
            findings.ok("all of " + installation.routes() + " can be run");
        } catch (CaravanException e) {
            // What was said of each fault is not said of all of them once more.
            if (faults.get() == 0) {
                throw e;
            }
        }
    }

    private static void say(RouteFault fault, Findings findings) {
        findings.wrong(
                fault.unsafe() ? Findings.REFUSED : Findings.WRONG_SETTING,
                fault.line(),
                "correct that file; docs/operations.md, \"Editing routes while it runs\". A daemon that is at work keeps the"
                        + " routes from before");
    }
}
