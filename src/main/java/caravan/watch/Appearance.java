package caravan.watch;

import static java.util.Objects.requireNonNull;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Optional;

/**
 * How a database's files looked at one moment, as far as it takes to tell whether something was written since. Two that
 * have equal {@link #marks} are of the same content; it says nothing about what that content is.
 *
 * @param seenAt when
 * @param marks one line for each thing that moves when the engine writes: names, sizes and times of a few files
 */
public record Appearance(Instant seenAt, List<String> marks) {

    private static final String FORMAT = "caravan-appearance-1";

    /** Copies the marks. */
    public Appearance {
        requireNonNull(seenAt, "seenAt");
        marks = List.copyOf(marks);
    }

    /** Whether nothing was written between {@code other} and this one. */
    public boolean looksLike(Appearance other) {
        return marks.equals(other.marks);
    }

    /** The form in which it is kept between runs. */
    public byte[] toBytes() {
        return (FORMAT + "\n" + seenAt.truncatedTo(ChronoUnit.MILLIS) + "\n" + String.join("\n", marks) + "\n")
                .getBytes(StandardCharsets.UTF_8);
    }

    /** Reads what {@link #toBytes} wrote; nothing if it is anything else, since a wrong memory is worse than none. */
    public static Optional<Appearance> of(byte[] bytes) {
        List<String> lines = new String(bytes, StandardCharsets.UTF_8).lines().toList();
        if (lines.size() < 2 || !lines.get(0).equals(FORMAT)) {
            return Optional.empty();
        }
        try {
            return Optional.of(new Appearance(Instant.parse(lines.get(1)), lines.subList(2, lines.size())));
        } catch (DateTimeParseException e) {
            return Optional.empty();
        }
    }
}
