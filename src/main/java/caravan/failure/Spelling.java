package caravan.failure;

import java.util.Collection;
import java.util.Comparator;

/** What somebody probably meant who wrote a name that is not known: for hints, never for a decision. */
public final class Spelling {

    private Spelling() {}

    /**
     * The one of {@code names} that is written most like {@code written}; the first of several.
     *
     * @throws java.util.NoSuchElementException if there is no name
     */
    public static String nearest(String written, Collection<String> names) {
        return names.stream()
                .min(Comparator.comparingInt(name -> distance(written, name)))
                .orElseThrow();
    }

    /** How many characters must be put in, taken out or changed to make {@code b} of {@code a} (Levenshtein). */
    public static int distance(String a, String b) {
        int[] row = new int[b.length() + 1];
        for (int j = 0; j <= b.length(); j++) {
            row[j] = j;
        }
        for (int i = 1; i <= a.length(); i++) {
            int diagonal = row[0];
            row[0] = i;
            for (int j = 1; j <= b.length(); j++) {
                int replaced = diagonal + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.min(replaced, 1 + Math.min(row[j], row[j - 1]));
            }
        }
        return row[b.length()];
    }
}
