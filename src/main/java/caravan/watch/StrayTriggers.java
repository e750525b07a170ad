package caravan.watch;

import static java.util.Objects.requireNonNull;

import caravan.failure.Spelling;
import caravan.snapshot.DatabaseName;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * Notices what lies in the directory for triggers and will never be taken: a misspelt name, or no file. Whoever put it
 * there waits for a publication that does not come. It looks and touches nothing. Safe for many threads.
 */
public final class StrayTriggers {

    private final Triggers triggers;

    private final Set<String> databases = new TreeSet<>();

    private final Set<String> seen = new HashSet<>();

    private final Set<String> told = new HashSet<>();

    /** Looks for what is no trigger of any of {@code databases}, of which there is at least one. */
    public StrayTriggers(Triggers triggers, Collection<DatabaseName> databases) {
        this.triggers = requireNonNull(triggers, "triggers");
        databases.forEach(name -> this.databases.add(name.value()));
    }

    /**
     * Something that asks for nothing.
     *
     * @param words which file, and why it is no trigger
     * @param hint what to do about it
     */
    public record Stray(String words, String hint) {}

    /**
     * What was there at the last look already, and is told for the first time. A file that is on its way to its right
     * name is gone by then. One that went away and came again is told again.
     */
    public synchronized List<Stray> news() {
        Map<String, Stray> here = look();
        List<Stray> news = new ArrayList<>();
        told.retainAll(here.keySet());
        here.forEach((name, stray) -> {
            if (seen.contains(name) && told.add(name)) {
                news.add(stray);
            }
        });
        seen.clear();
        seen.addAll(here.keySet());
        return news;
    }

    /** All that is there now, told or not. */
    public List<Stray> all() {
        return List.copyOf(look().values());
    }

    private Map<String, Stray> look() {
        Map<String, Stray> strays = new TreeMap<>();
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(triggers.directory())) {
            for (Path entry : entries) {
                String name = entry.getFileName().toString();
                if (databases.contains(name)) {
                    // One that is gone meanwhile was taken.
                    if (!Files.isRegularFile(entry) && Files.exists(entry)) {
                        strays.put(
                                name,
                                new Stray(
                                        entry + " is no trigger, because it is not a file",
                                        "delete it, then: touch " + entry));
                    }
                } else if (databases.stream().noneMatch(known -> name.equals(Triggers.acceptedName(known)))) {
                    strays.put(name, misspelt(entry, name));
                }
            }
        } catch (IOException e) {
            strays.put(
                    "",
                    new Stray(
                            "cannot look for trigger files in " + triggers.directory() + ": " + e,
                            "no trigger is noticed while that is so; run caravan run again, which makes the directory"));
        }
        return strays;
    }

    private Stray misspelt(Path entry, String name) {
        return new Stray(
                "trigger file " + entry + " asks for nothing, because no database has that name; there are "
                        + String.join(", ", databases),
                "did you mean " + triggers.directory().resolve(Spelling.nearest(name, databases))
                        + "? Rename or delete it");
    }
}
