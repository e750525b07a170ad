package caravan.app.command;

import java.lang.reflect.Proxy;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What a process does when it is told to stop, by {@code SIGTERM} or Ctrl-C: at the first signal it stops in order, at
 * the second it ends at once.
 *
 * <p>The Java machine's own way, shutdown hooks, knows neither a second signal nor an exit status other than 143. Where
 * its signals cannot be handled, a shutdown hook stands in.
 */
final class StopSignals {

    private static final Logger LOG = LoggerFactory.getLogger(StopSignals.class);

    /** timeout(1) and terminals send to the process and to its group, which is one wish to stop and not two. */
    private static final Duration ONE_SIGNAL = Duration.ofSeconds(1);

    /** As a shell counts it: 128 and the number of SIGTERM. */
    private static final int KILLED = 128 + 15;

    /** A supervisor's patience is 45 seconds and more; what is not cleaned up by then, the next run cleans up. */
    private static final long LONGEST_SECONDS = 42;

    private static final int TRY_AGAIN = 75;

    /** When the first came; 0 before that. */
    private final AtomicLong first = new AtomicLong();

    private final Runnable stop;

    private StopSignals(Runnable stop) {
        this.stop = stop;
    }

    /** Runs {@code stop} at the first signal, in a thread of its own. It must bring the process to its end, in time. */
    static void install(Runnable stop) {
        StopSignals signals = new StopSignals(stop);
        try {
            handle("TERM", signals);
            handle("INT", signals);
        } catch (ReflectiveOperationException | IllegalArgumentException e) {
            LOG.debug("signals cannot be handled; a shutdown hook stands in", e);
            Runtime.getRuntime().addShutdownHook(new Thread(stop, "stop"));
        }
    }

    /** By reflection, because {@code sun.misc.Signal} is there in every JDK and in no specification. */
    private static void handle(String name, StopSignals signals) throws ReflectiveOperationException {
        Class<?> signal = Class.forName("sun.misc.Signal");
        Class<?> handler = Class.forName("sun.misc.SignalHandler");
        Object onSignal = Proxy.newProxyInstance(
                StopSignals.class.getClassLoader(),
                new Class<?>[] {handler},
                (proxy, method, arguments) -> switch (method.getName()) {
                    case "handle" -> {
                        signals.received(name);
                        yield null;
                    }
                    case "hashCode" -> System.identityHashCode(proxy);
                    case "equals" -> proxy == arguments[0];
                    default -> "stop on " + name;
                });
        signal.getMethod("handle", signal, handler)
                .invoke(null, signal.getConstructor(String.class).newInstance(name), onSignal);
    }

    private void received(String name) {
        long now = System.nanoTime();
        boolean isFirst = first.compareAndSet(0, now);
        if (!isFirst && now - first.get() < ONE_SIGNAL.toNanos()) {
            return;
        }
        if (!isFirst) {
            LOG.warn("told to stop again (SIG{}): ending at once; the next run cleans up", name);
            Runtime.getRuntime().halt(KILLED);
        }
        LOG.info("told to stop (SIG{}); once more ends it at once", name);
        Thread stopping = new Thread(stop, "stop");
        stopping.setDaemon(true);
        stopping.start();
        Thread deadline = new Thread(StopSignals::endInTime, "stop-deadline");
        deadline.setDaemon(true);
        deadline.start();
    }

    private static void endInTime() {
        try {
            TimeUnit.SECONDS.sleep(LONGEST_SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        LOG.warn("could not stop in order within {} s: ending now; the next run cleans up", LONGEST_SECONDS);
        Runtime.getRuntime().halt(TRY_AGAIN);
    }
}
