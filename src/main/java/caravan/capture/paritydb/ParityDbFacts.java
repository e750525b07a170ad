package caravan.capture.paritydb;

import java.util.List;

/**
 * What the files of a ParityDB say that are whole as far as can be seen without its engine.
 *
 * @param version of the format
 * @param columns how many it has
 * @param tables files with values
 * @param records in logs, to be carried out by who opens it
 * @param notes what could not be seen, and what an opening will drop
 */
public record ParityDbFacts(long version, int columns, int tables, long records, List<String> notes) {

    /** Copies the list. */
    public ParityDbFacts {
        notes = List.copyOf(notes);
    }

    /** In words. */
    public String text() {
        return "version " + version + ", " + columns + " columns, " + tables + " tables, " + records
                + " records in logs" + (notes.isEmpty() ? "" : ", " + String.join(", ", notes));
    }
}
