package caravan.capture;

import caravan.failure.DamagedException;
import caravan.failure.RefusedException;
import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;

/** What belongs to a ParityDB. */
final class ParityDbFiles {

    private static final Pattern PART =
            Pattern.compile("metadata|index_\\d\\d_\\d\\d|table_\\d\\d_[0-9a-f]{2}|refcount_\\d\\d_\\d\\d|log\\d+");
    private static final Pattern ENGINE_LIKE = Pattern.compile("(metadata|index|table|refcount|log)[._-]?[0-9_].*");
    private static final Set<String> NOT_PART = Set.of("lock", "stats.txt", "lost+found");

    private ParityDbFiles() {}

    /** A directory's files that a copy needs, and remarks about those that it does not. */
    record Listing(List<String> names, List<String> notes) {}

    static Listing of(Path directory) throws IOException, RefusedException {
        List<String> names = new ArrayList<>();
        List<String> notes = new ArrayList<>();
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(directory)) {
            for (Path entry : entries) {
                String name = entry.getFileName().toString();
                if (PART.matcher(name).matches()) {
                    if (!Files.isRegularFile(entry, LinkOption.NOFOLLOW_LINKS)) {
                        throw new RefusedException(
                                "capturing " + directory + ": " + name + " is not a regular file",
                                "a database whose files are links or devices cannot be captured");
                    }
                    names.add(name);
                } else if (ENGINE_LIKE.matcher(name).matches()) {
                    throw new RefusedException(
                            "capturing " + directory + ": it is not known what the file " + name + " is for",
                            "if it is not the engine's, move it elsewhere; if it is, use a release that knows it");
                } else if (!NOT_PART.contains(name)) {
                    notes.add("left out: " + name + ", which is no part of a ParityDB");
                }
            }
        } catch (DirectoryIteratorException e) {
            throw e.getCause();
        }
        return new Listing(names, notes);
    }

    static DamagedException damaged(String reason) {
        return new DamagedException(
                "the copy of a ParityDB is not whole: " + reason,
                "nothing was published. If it happens again the node's own database is damaged");
    }
}
