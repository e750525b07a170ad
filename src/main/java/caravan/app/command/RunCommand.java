package caravan.app.command;

import caravan.app.pipeline.Daemon;
import caravan.app.pipeline.DaemonLock;
import caravan.app.pipeline.Installation;
import caravan.app.pipeline.PipelineBeans;
import caravan.app.pipeline.Worker;
import caravan.app.settings.Settings;
import caravan.failure.CaravanException;
import caravan.lock.ExclusiveLock;
import java.io.IOException;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine.Command;

/** {@code caravan run}. */
@Command(
        name = "run",
        mixinStandardHelpOptions = true,
        description = {
            "The daemon: publish each database that has a schedule, until it is told to stop.",
            "Without a database, but with caravan.warm.worker.queues: a worker that warms its region for publishers."
        })
public final class RunCommand implements Callable<Integer> {

    private static final Logger LOG = LoggerFactory.getLogger(RunCommand.class);

    @Override
    public Integer call() throws CaravanException, InterruptedException {
        Installation installation = Installation.ofThisProcess();
        Settings settings = installation.settings();
        CountDownLatch stopped = new CountDownLatch(1);
        if (Worker.isMeant(settings)) {
            Worker worker = Worker.start(installation, settings);
            StopSignals.install(() -> {
                worker.close();
                LOG.info("stopped");
                stopped.countDown();
            });
            LOG.info("running as a worker for {}", settings.text("caravan.warm.worker.queues"));
            stopped.await();
            return 0;
        }
        PipelineBeans beans = new PipelineBeans(installation, settings);
        beans.requireState();
        ExclusiveLock only = DaemonLock.take(installation.stateDirectory(settings));
        Daemon daemon = Daemon.load(installation, settings, beans, beans.probe());
        StopSignals.install(() -> {
            daemon.stop();
            daemon.close();
            daemon.abandon();
            beans.close();
            LOG.info("stopped");
            stopped.countDown();
        });
        daemon.begin();
        LOG.info("running with {} databases", beans.databases().size());
        stopped.await();
        giveBack(only);
        return 0;
    }

    private static void giveBack(ExclusiveLock only) {
        try {
            only.close();
        } catch (IOException e) {
            LOG.debug("the lock of this daemon goes with its process", e);
        }
    }
}
