package caravan.drill;

import static java.util.Objects.requireNonNull;

import java.nio.file.Path;
import java.util.List;

/** What a drill found, by where it has to be put right. */
public sealed interface Verdict {

    /** Whether anybody may restore the snapshot. */
    default boolean isGood() {
        return this instanceof Good;
    }

    /** What to do about it: one line, empty if nothing. */
    String hint();

    /** It is what it should be. */
    record Good() implements Verdict {

        @Override
        public String hint() {
            return "";
        }
    }

    /**
     * It is exactly what was published, and no good database: its files are in doubt, and so are those of the node that
     * they were captured from.
     *
     * @param suspects files that were found damaged, relative to the root of the database; none if it is not known
     *     which
     */
    record BadFiles(List<Path> suspects) implements Verdict {

        /** Copies the list. */
        public BadFiles {
            suspects = List.copyOf(suspects);
        }

        @Override
        public String hint() {
            return "latest stays as it is, and the next publication reads the files in question anew; if they are"
                    + " damaged in the node's own directory, repair the node first (docs/operations.md)";
        }
    }

    /**
     * It is not what was published: something that is stored or served is not what its name or signature says. Files of
     * the node have nothing to do with it.
     *
     * @param objects their paths below the public address; none if it is not known which
     * @param hint what to do about it
     */
    record BadObjects(List<String> objects, String hint) implements Verdict {

        /** Copies the list. */
        public BadObjects {
            objects = List.copyOf(objects);
            requireNonNull(hint, "hint");
        }
    }
}
