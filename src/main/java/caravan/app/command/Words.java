package caravan.app.command;

import caravan.snapshot.DatabaseName;
import caravan.snapshot.SnapshotId;
import caravan.snapshot.SnapshotRecord;
import java.time.Duration;
import java.util.Locale;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Things that several commands speak of, said the same way. */
final class Words {

    private Words() {}

    /** For example {@code snapshot 20261122T083300Z-23456789 of polkadot}. */
    static String of(SnapshotRecord record) {
        return of(record.snapshot(), record.database());
    }

    /** The same. */
    static String of(SnapshotId snapshot, DatabaseName database) {
        return "snapshot " + snapshot + " of " + database;
    }

    /** What is known of several things, separated by commas: those that are empty are left out. */
    static String known(String... texts) {
        return Stream.of(texts).filter(text -> !text.isBlank()).collect(Collectors.joining(", "));
    }

    /** For example {@code 12.3 s}. */
    static String seconds(Duration took) {
        return String.format(Locale.ROOT, "%.1f s", took.toMillis() / 1000.0);
    }

    /** A time that is not known exactly: {@code 40 s}, {@code 12 min}, {@code 3 h 20 min}, {@code 2 d 4 h}. */
    static String roughly(double seconds) {
        long whole = Math.max(1, Math.round(seconds));
        if (whole < 90) {
            return whole + " s";
        }
        long minutes = Math.round(whole / 60.0);
        if (minutes < 90) {
            return minutes + " min";
        }
        long hours = minutes / 60;
        return hours < 48 ? hours + " h " + minutes % 60 + " min" : hours / 24 + " d " + hours % 24 + " h";
    }

    /** For example {@code 1 file}, {@code 3 files}. */
    static String count(long number, String one, String several) {
        return number + " " + (number == 1 ? one : several);
    }
}
