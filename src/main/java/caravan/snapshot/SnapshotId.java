package caravan.snapshot;

import static java.util.Objects.requireNonNull;

import java.time.DateTimeException;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.temporal.ChronoUnit;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Identity of one snapshot within its database, for example {@code 20261122T083300Z-23456789}.
 *
 * @param createdAt when the capture began, in whole seconds
 * @param height finalized block that the snapshot has at least; 0 if unknown
 */
public record SnapshotId(Instant createdAt, long height) {

    private static final Pattern FORM = Pattern.compile("(\\d{8}T\\d{6}Z)-(0|[1-9]\\d{0,17})");

    private static final DateTimeFormatter TIME =
            DateTimeFormatter.ofPattern("uuuuMMdd'T'HHmmss'Z'", Locale.ROOT).withZone(ZoneOffset.UTC);

    /** Drops what is finer than a second. */
    public SnapshotId {
        requireNonNull(createdAt, "createdAt");
        createdAt = createdAt.truncatedTo(ChronoUnit.SECONDS);
        if (height < 0) {
            throw new IllegalArgumentException("a height is not negative: " + height);
        }
    }

    /**
     * Reads the form that {@link #toString} writes.
     *
     * @throws IllegalArgumentException if {@code text} is anything else
     */
    public static SnapshotId parse(String text) {
        Matcher matcher = FORM.matcher(text);
        if (!matcher.matches()) {
            throw new IllegalArgumentException("a snapshot is named <UTC time>-<height>, as 20261122T083300Z-23456789");
        }
        try {
            SnapshotId id =
                    new SnapshotId(TIME.parse(matcher.group(1), Instant::from), Long.parseLong(matcher.group(2)));
            if (!id.toString().equals(text)) {
                throw new IllegalArgumentException("no such time: " + matcher.group(1));
            }
            return id;
        } catch (DateTimeException e) {
            throw new IllegalArgumentException("no such time: " + matcher.group(1), e);
        }
    }

    @Override
    public String toString() {
        return TIME.format(createdAt) + "-" + height;
    }
}
