package caravan.capture;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

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
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What belongs to a ParityDB, and what can be said of a copy without its engine. That is little: it keeps no checksums of
 * its tables, and opens a torn copy without a word. How the copy was made is the only guarantee there is.
 */
final class ParityDbFiles {

    private static final Pattern PART =
            Pattern.compile("metadata|index_\\d\\d_\\d\\d|table_\\d\\d_(\\d\\d|ff)|refcount_\\d\\d_\\d\\d|log\\d+");
    private static final Pattern INDEX = Pattern.compile("index_\\d\\d_(\\d\\d)");
    private static final Pattern ENGINE_LIKE = Pattern.compile("(metadata|index|table|refcount|log)[._-]?[0-9_].*");
    private static final Set<String> NOT_PART = Set.of("lock", "stats.txt", "lost+found");

    private static final long INDEX_HEADER = 16 << 10;
    private static final long INDEX_PAGE = 512;

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

    /** Checks what can be checked of a file that was taken: what metadata says, how large an index is. */
    static void check(String name, Path staged, long size) throws IOException, DamagedException {
        if (name.equals("metadata")) {
            String text = Files.readString(staged, ISO_8859_1);
            if (!text.contains("version=") || !text.contains("salt=")) {
                throw damaged(name + " is not that of a ParityDB");
            }
        }
        Matcher index = INDEX.matcher(name);
        if (index.matches() && size != 0) {
            int bits = Integer.parseInt(index.group(1));
            long expected = bits > 48 ? -1 : INDEX_HEADER + (INDEX_PAGE << bits);
            if (size != expected) {
                throw damaged(name + " has " + size + " bytes, an index of " + bits + " bits has " + expected);
            }
        }
    }

    static DamagedException damaged(String reason) {
        return new DamagedException(
                "the copy of a ParityDB is not whole: " + reason,
                "nothing was published. If it happens again the node's own database is damaged");
    }
}
