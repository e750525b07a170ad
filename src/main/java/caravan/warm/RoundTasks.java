package caravan.warm;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Iterator;
import java.util.NoSuchElementException;

/**
 * The tasks of one round, as long as its region's time is not over. Asked by one thread after the other; nothing is
 * read ahead.
 */
final class RoundTasks implements Iterator<WarmTask> {

    private final RegionWarming region;

    private final Rounds.Round round;

    private long place;

    RoundTasks(RegionWarming region, Rounds.Round round) {
        this.region = region;
        this.round = round;
    }

    @Override
    public synchronized boolean hasNext() {
        return place < round.size() && region.isGoing();
    }

    @Override
    public synchronized WarmTask next() {
        if (place >= round.size()) {
            throw new NoSuchElementException();
        }
        long index = round.indexes().at(place++);
        try {
            return new WarmTask(region, index, region.run().plan().read(index), round.again());
        } catch (IOException e) {
            throw new UncheckedIOException(
                    "cannot read the plan of " + region.run().snapshot(), e);
        }
    }
}
