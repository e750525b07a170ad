package caravan.capture.rocksdb;

import static java.util.Objects.requireNonNull;

import java.util.List;
import java.util.Optional;

/** Whether a copy of a database is whole, as far as its structure shows. */
public sealed interface Verdict {

    /**
     * Every table and blob file is there in its size, and the write-ahead logs are one unbroken history.
     *
     * @param lastSequence of the last record; recovery ends there
     * @param notes what could not be checked, or is worth knowing
     */
    record Sound(long lastSequence, List<String> notes) implements Verdict {

        /** Copies the notes. */
        public Sound {
            notes = List.copyOf(notes);
        }
    }

    /**
     * The oldest write-ahead log that recovery may need is not there, or does not begin early enough, and the MANIFEST
     * does not tell whether there ever was one. That is also the only sign of a copy that lacks it: capture again, and
     * accept what comes of it only if it says the same although nothing can have been deleted.
     */
    record RequiredLogAbsent(String reason, Sound otherwise) implements Verdict {

        /** Checks that nothing is missing. */
        public RequiredLogAbsent {
            requireNonNull(reason, "reason");
            requireNonNull(otherwise, "otherwise");
        }
    }

    /**
     * The copy was made in the middle of a change, or a log is missing that certainly had records: capture again. Never
     * acceptable as it is.
     */
    record Unsettled(String reason) implements Verdict {

        /** Checks that nothing is missing. */
        public Unsettled {
            requireNonNull(reason, "reason");
        }
    }

    /**
     * The node writes some of its data to no log: what of that is not in a table is in its memory alone, and not in the
     * copy. A node that has ended properly has put everything into tables.
     *
     * @param otherwise what the copy is if the node has ended; none if something is certainly missing
     */
    record Unlogged(String reason, Optional<Sound> otherwise) implements Verdict {

        /** Checks that nothing is missing. */
        public Unlogged {
            requireNonNull(reason, "reason");
            requireNonNull(otherwise, "otherwise");
        }
    }

    /** Not a copy of any moment of the database. */
    record Damaged(String reason) implements Verdict {

        /** Checks that nothing is missing. */
        public Damaged {
            requireNonNull(reason, "reason");
        }
    }
}
