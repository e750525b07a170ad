package caravan.retain;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/**
 * Lets several actors go on by turns, one step of one of them at a time, in an order that a seed decides. The same seed is
 * the same order.
 */
final class Turns {

    private static final long LONGEST_STEP_SECONDS = 60;

    /** Of one actor in a row: what takes long for one is often short for another. */
    private static final int MEAN_STEPS = 6;

    private final Random random;

    private final List<Actor> actors = new ArrayList<>();

    Turns(Random random) {
        this.random = random;
    }

    /** What an actor does; it ends by returning or throwing. */
    @FunctionalInterface
    interface Part {
        void play(TurnedStore.Turn turn) throws Exception;
    }

    private static final class Actor {
        private final Semaphore mayGo = new Semaphore(0);
        private final Semaphore waits = new Semaphore(0);
        private volatile boolean ended;
        private volatile Error failure;
    }

    void add(Part part) {
        Actor actor = new Actor();
        Thread thread = new Thread(() -> {
            try {
                await(actor.mayGo);
                part.play(() -> {
                    actor.waits.release();
                    await(actor.mayGo);
                });
            } catch (Exception e) {
                // It ended early, as one that is killed or refused does.
                actor.ended = true;
            } catch (Error e) {
                actor.failure = e;
            } finally {
                actor.ended = true;
                actor.waits.release();
            }
        });
        thread.setDaemon(true);
        thread.start();
        actors.add(actor);
    }

    /** Returns when all have ended. */
    void play() {
        List<Actor> playing = new ArrayList<>(actors);
        Actor next = playing.get(0);
        while (!playing.isEmpty()) {
            if (next.ended || random.nextInt(MEAN_STEPS) == 0) {
                next = playing.get(random.nextInt(playing.size()));
            }
            next.mayGo.release();
            await(next.waits);
            if (next.failure != null) {
                throw next.failure;
            }
            playing.removeIf(actor -> actor.ended);
        }
    }

    private static void await(Semaphore semaphore) {
        try {
            if (!semaphore.tryAcquire(LONGEST_STEP_SECONDS, TimeUnit.SECONDS)) {
                throw new IllegalStateException("an actor stands still");
            }
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }
}
