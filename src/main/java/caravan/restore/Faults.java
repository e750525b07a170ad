package caravan.restore;

import java.util.ArrayList;
import java.util.List;

/** Counts what is wrong and keeps the first few, so that a wholly broken thing costs no memory. Thread safe. */
final class Faults {

    private static final int KEPT = 20;

    private final List<String> first = new ArrayList<>();
    private long count;

    synchronized void add(String fault) {
        count++;
        if (first.size() < KEPT) {
            first.add(fault);
        }
    }

    synchronized long count() {
        return count;
    }

    synchronized List<String> first() {
        return List.copyOf(first);
    }
}
