package caravan.alert;

import static java.util.Objects.requireNonNull;

import java.time.Instant;

/**
 * Something that a person should know. Its texts are written in {@code routes/80-alert.camel.yaml} from these fields.
 * None of them may hold a secret.
 *
 * @param event kind, in kebab case, for example {@code publication-failed}; texts are chosen by it
 * @param severity how much it matters
 * @param lasts when the trouble counts as over
 * @param database which it is about; empty if it is about none
 * @param source the part that is in trouble, for example a route, or a route and what it works on; empty if the event
 *     says it all
 * @param what one line: what was tried, on what, what came back
 * @param hint what to do next; may be empty
 * @param runId of the publication; empty if there was none yet
 * @param at when it happened
 */
public record Alert(
        String event,
        Severity severity,
        Lasts lasts,
        String database,
        String source,
        String what,
        String hint,
        String runId,
        Instant at) {

    private static final int LONGEST_LINE = 1000;

    /** When the trouble that an alert tells of is over. */
    public enum Lasts {
        /** It is a message, and tells of no trouble that lasts. */
        NOT,
        /** When the next publication of the database succeeds without it. */
        UNTIL_A_RUN_WITHOUT_IT,
        /** When {@link Alerts#over} or {@link Alerts#worksAgain} says so. */
        UNTIL_SAID
    }

    public Alert {
        requireNonNull(event, "event");
        requireNonNull(severity, "severity");
        requireNonNull(lasts, "lasts");
        requireNonNull(at, "at");
        database = line(database);
        source = line(source);
        what = line(what);
        hint = line(hint);
        runId = line(runId);
    }

    /** Equal for alerts about the same trouble; people hear of it once, and then once a day. */
    public String key() {
        return event + "/" + database + "/" + source;
    }

    /** What to say when the operator's own text cannot be made. */
    public String plainText() {
        return severity + " " + event + (database.isEmpty() ? "" : " of " + database) + ": " + what
                + (hint.isEmpty() ? "" : "\nHINT: " + hint);
    }

    /** One line without control characters, of a length that channels take. */
    private static String line(String text) {
        String line = requireNonNull(text, "text of an alert")
                .replaceAll("[\\s\\p{Cntrl}]+", " ")
                .strip();
        return line.length() <= LONGEST_LINE ? line : line.substring(0, LONGEST_LINE) + "…";
    }
}
