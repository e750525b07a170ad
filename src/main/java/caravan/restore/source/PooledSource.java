package caravan.restore.source;

import caravan.restore.source.SourceReport.State;
import java.util.function.LongSupplier;

/** One of several sources, and what is known about it. Safe for use by many threads. */
final class PooledSource {

    /** A cache may hold one damaged object; who sends three is not asked again. */
    private static final int MOST_LIES = 3;

    /** Answers that stay the same however often one asks: a redirect, a certificate that is not trusted. */
    private static final int MOST_FINAL = 3;

    /** Objects in a row that it does not have. */
    private static final int MOST_ABSENT = 20;

    /** Transfers that were given up for another source. */
    private static final int MOST_SLOW = 2;

    private static final int FAILURES_BEFORE_REST = 3;

    private static final long FIRST_REST = 15_000_000_000L;
    private static final long LONGEST_REST = 300_000_000_000L;

    /** How much of what was measured before still counts. */
    private static final double MEMORY = 0.7;

    private final ObjectSource source;
    private final String name;
    private final LongSupplier nanoTime;

    private long bytes;
    private long objects;
    private long failures;
    private int underWay;
    private double recentBytes;
    private double recentNanos;
    private int lies;
    private int finals;
    private int absent;
    private int slow;
    private int unavailable;
    private long rest;
    private long restsUntil;
    private boolean resting;
    private boolean dropped;
    private String remark = "";
    private String lastFailure = "";

    PooledSource(ObjectSource source, String name, LongSupplier nanoTime) {
        this.source = source;
        this.name = name;
        this.nanoTime = nanoTime;
    }

    ObjectSource source() {
        return source;
    }

    String name() {
        return name;
    }

    synchronized void begin() {
        underWay++;
    }

    synchronized void end() {
        underWay--;
    }

    synchronized int underWay() {
        return underWay;
    }

    /** Bytes came, in so many nanoseconds of waiting, whole or not. */
    synchronized void gave(long count, long nanos) {
        bytes += count;
        recentBytes = MEMORY * recentBytes + count;
        recentNanos = MEMORY * recentNanos + nanos;
    }

    /** An object came whole and nobody complained. */
    synchronized void succeeded() {
        objects++;
        absent = 0;
        unavailable = 0;
        rest = 0;
        if (resting && !dropped) {
            resting = false;
            remark = "";
        }
    }

    /**
     * An attempt failed.
     *
     * @param others whether another source is left, so that this one can be done without
     */
    synchronized void failed(AttemptFailure failure, boolean others) {
        failures++;
        lastFailure = failure.getMessage();
        switch (failure.kind()) {
            case DAMAGED -> dropIf(others && ++lies >= MOST_LIES, "sends wrong bytes: " + failure.getMessage());
            case FINAL -> dropIf(others && ++finals >= MOST_FINAL, failure.getMessage());
            case MISSING -> {
                // A directory may hold a part of the objects, and to look there costs nothing.
            }
            case ABSENT ->
                dropIf(others && ++absent >= MOST_ABSENT, "has not what is asked for: " + failure.getMessage());
            case UNAVAILABLE -> restIfOften(failure.getMessage());
        }
    }

    /** A transfer was given up because another source is so much faster. */
    synchronized void wasSlow(String comparison, boolean others) {
        dropIf(others && ++slow >= MOST_SLOW, comparison);
    }

    private void dropIf(boolean condition, String reason) {
        if (condition) {
            drop(reason);
        }
    }

    synchronized void drop(String reason) {
        if (!dropped) {
            dropped = true;
            remark = reason;
        }
    }

    /** Says something about it that does not keep it from being asked; what was said first stays. */
    synchronized void remark(String text) {
        if (remark.isEmpty()) {
            remark = text;
        }
    }

    private void restIfOften(String reason) {
        unavailable++;
        if (unavailable >= FAILURES_BEFORE_REST) {
            rest(reason);
        }
    }

    /** Is asked no more for a while, longer each time. */
    synchronized void rest(String reason) {
        rest = Math.min(LONGEST_REST, Math.max(FIRST_REST, 2 * rest));
        restsUntil = nanoTime.getAsLong() + rest;
        resting = true;
        remark(reason);
    }

    synchronized boolean isDropped() {
        return dropped;
    }

    synchronized boolean isResting() {
        return resting && nanoTime.getAsLong() - restsUntil < 0;
    }

    /** Bytes a second on one connection of late; 0 if nothing was measured. */
    synchronized double rate() {
        return recentNanos > 0 ? recentBytes * 1e9 / recentNanos : 0;
    }

    synchronized SourceReport report() {
        State state = dropped ? State.DROPPED : isResting() ? State.RESTING : State.USED;
        String known = remark.isEmpty() ? lastFailure : remark;
        return new SourceReport(name, bytes, objects, failures, (long) rate(), state, known);
    }
}
