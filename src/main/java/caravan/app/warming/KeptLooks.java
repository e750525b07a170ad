package caravan.app.warming;

import caravan.failure.CaravanException;
import caravan.failure.FailedException;
import caravan.manifest.WarmJobFormat;
import caravan.warm.WarmJob;
import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Keeps what is to be looked at later in a directory, one small file for each region and time, so that it outlives the
 * program. The name of a file says when it is due. Safe for use by many threads.
 */
final class KeptLooks {

    /** When it is due, and how long after the warm-up that is; the rest makes it the only one. */
    private static final Pattern NAME = Pattern.compile("(\\d{1,15})-(\\d{1,10})-[0-9a-f-]{36}\\.json");

    /** Late by more than this, or by as much as it is after the warm-up, it says nothing about that time. */
    private static final Duration LATEST = Duration.ofMinutes(10);

    private final Path directory;

    /**
     * One of them.
     *
     * @param file that holds what is to be looked at
     * @param at when it is due
     * @param after how long after the warm-up that is
     */
    record Look(Path file, Instant at, Duration after) {

        boolean isTooLate(Instant now) {
            return now.isAfter(at.plus(after.compareTo(LATEST) > 0 ? after : LATEST));
        }
    }

    /** Those in {@code directory}, which need not exist. */
    KeptLooks(Path directory) {
        this.directory = directory;
    }

    /** All of them, by when they are due. */
    List<Look> all() throws CaravanException {
        List<Path> files = new ArrayList<>();
        if (Files.isDirectory(directory)) {
            try (DirectoryStream<Path> found = Files.newDirectoryStream(directory, "*.json")) {
                found.forEach(files::add);
            } catch (DirectoryIteratorException e) {
                throw failure("look again at what was warmed", e.getCause());
            } catch (IOException e) {
                throw failure("look again at what was warmed", e);
            }
        }
        Collections.sort(files);
        List<Look> looks = new ArrayList<>();
        for (Path file : files) {
            Matcher name = NAME.matcher(file.getFileName().toString());
            if (name.matches()) {
                looks.add(new Look(
                        file,
                        Instant.ofEpochSecond(Long.parseLong(name.group(1))),
                        Duration.ofSeconds(Long.parseLong(name.group(2)))));
            }
        }
        return looks;
    }

    /** Keeps {@code sample}, to be looked at when {@code after} has passed since {@code now}. */
    void add(WarmJob sample, Duration after, Instant now) throws IOException {
        Files.createDirectories(directory);
        long due = now.plus(after).getEpochSecond() + 1;
        Path file = directory.resolve(due + "-" + after.toSeconds() + "-" + sample.id() + ".json");
        Path fresh = directory.resolve(file.getFileName() + ".new");
        Files.writeString(fresh, WarmJobFormat.write(sample));
        Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE);
    }

    /**
     * What is to be looked at.
     *
     * @throws CaravanException if the file holds something else
     */
    WarmJob read(Look look) throws IOException, CaravanException {
        return WarmJobFormat.job(Files.readString(look.file()));
    }

    /** Removes {@code look}; whether it was there. */
    boolean remove(Look look) throws IOException {
        return Files.deleteIfExists(look.file());
    }

    /** What to say when {@code tried} failed here. */
    FailedException failure(String tried, IOException e) {
        return new FailedException(
                tried + " in " + directory + ": " + e, "the state directory must be writable and have space", e);
    }
}
