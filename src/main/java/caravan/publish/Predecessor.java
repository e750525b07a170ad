package caravan.publish;

import static java.util.Objects.requireNonNull;

import caravan.snapshot.Pointer;

/** What {@code latest} was when a publication began. */
sealed interface Predecessor {

    /** Sequence of the next pointer. */
    long nextSequence();

    /**
     * Nothing is published under this name.
     *
     * @param nextSequence 1, or more if this publisher remembers a pointer that is gone
     */
    record None(long nextSequence) implements Predecessor {}

    /**
     * A snapshot is published.
     *
     * @param pointer verified
     * @param etag version of the object {@code latest}
     */
    record Published(Pointer pointer, String etag) implements Predecessor {

        public Published {
            requireNonNull(pointer, "pointer");
            requireNonNull(etag, "etag");
        }

        @Override
        public long nextSequence() {
            return pointer.sequence() + 1;
        }
    }
}
