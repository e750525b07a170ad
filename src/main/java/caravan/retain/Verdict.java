package caravan.retain;

import caravan.snapshot.DatabaseName;
import caravan.snapshot.SnapshotId;
import java.time.Instant;
import java.util.Optional;

/**
 * What is to become of one snapshot.
 *
 * @param reason why
 * @param retainUntil what was promised; nothing where there is no record
 * @param bytes of its files; 0 where there is no record
 */
public record Verdict(
        DatabaseName database, SnapshotId snapshot, Reason reason, Optional<Instant> retainUntil, long bytes) {

    ListedDatabase.Name name() {
        return new ListedDatabase.Name(database, snapshot);
    }

    /** Why a snapshot is kept or goes; of several reasons to keep it the first. */
    public enum Reason {
        /** {@code latest} leads to it. */
        LATEST("latest leads to it"),
        /** Nothing says that it was or will be published. */
        NO_LATEST("its database has no latest"),
        /** It may be about to become the latest, or was kept from that. */
        NEWER_THAN_LATEST("it is newer than latest"),
        /** Somebody wants it. */
        PINNED("it is pinned"),
        /** The promise that was signed is not over. */
        PROMISED("it is promised"),
        /** It is one of the last ones. */
        AMONG_LAST("it is one of the last"),
        /** It has no record, and may be about to get one. */
        UNFINISHED("it is being published, or its publication ended early not long ago"),
        /** It was kept as long as was promised. */
        EXPIRED("its promise is over"),
        /** It has no record, and nobody who could make one is at work any more. */
        ABANDONED("its publication ended early");

        private final String words;

        Reason(String words) {
            this.words = words;
        }

        /** For people. */
        public String words() {
            return words;
        }

        /** Whether the snapshot stays. */
        public boolean keeps() {
            return this != EXPIRED && this != ABANDONED;
        }
    }
}
