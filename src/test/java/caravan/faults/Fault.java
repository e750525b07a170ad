package caravan.faults;

import java.time.Duration;

/** What goes wrong with one request through a {@link FaultProxy}; made by the methods. */
public sealed interface Fault {

    /** Half of an exchange. */
    enum Side {
        REQUEST,
        ANSWER
    }

    /** What happens to a body at some byte, counted from 0. */
    enum Harm {
        /** One bit of that byte changes. */
        FLIP,
        /** The connection breaks before that byte. */
        CUT,
        /** The connection stands, and from that byte on nothing moves. */
        STALL
    }

    record None() implements Fault {}

    record Answer(int status, String header) implements Fault {}

    record LoseAnswer(boolean hangUp) implements Fault {}

    record DropHeader(Side side, String name) implements Fault {}

    record Body(Side side, Harm harm, long at) implements Fault {}

    record Delay(Duration time) implements Fault {}

    record Header(Side side, String line) implements Fault {}

    record Gzip() implements Fault {}

    record Drip(Duration each) implements Fault {}

    /** The request is passed on and its answer comes back, both unchanged. */
    static Fault none() {
        return new None();
    }

    /** The server never sees the request; this status comes back, with XML like that of S3. */
    static Fault answer(int status) {
        return new Answer(status, "");
    }

    /** As {@link #answer(int)}, with one more header line, like {@code Retry-After: 3}. */
    static Fault answer(int status, String header) {
        return new Answer(status, header);
    }

    /** The server does what it was asked for, and the connection breaks before it can say so. */
    static Fault loseAnswer() {
        return new LoseAnswer(true);
    }

    /** The server does what it was asked for, the connection stands, and no answer comes. */
    static Fault withholdAnswer() {
        return new LoseAnswer(false);
    }

    /** The header does not get to the other side. */
    static Fault dropHeader(Side side, String name) {
        return new DropHeader(side, name);
    }

    /** The body suffers harm at byte {@code at}. */
    static Fault body(Side side, Harm harm, long at) {
        return new Body(side, harm, at);
    }

    /** Everything is right, and late. */
    static Fault delay(Duration time) {
        return new Delay(time);
    }

    /** This header line takes the place of those with its name: a lie about the length, for example. */
    static Fault header(Side side, String line) {
        return new Header(side, line);
    }

    /** The answer's body is compressed, and says so, though nobody asked for it. */
    static Fault gzip() {
        return new Gzip();
    }

    /** The answer's body comes byte by byte, with such a pause before each. */
    static Fault drip(Duration each) {
        return new Drip(each);
    }
}
