package caravan.capture.rocksdb;

import static java.nio.charset.StandardCharsets.US_ASCII;

import caravan.capture.rocksdb.Cut.HeldFile;
import caravan.failure.RefusedException;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Set;

/**
 * Makes a database directory of a {@link Cut}: files that the engine goes on changing are copied by the length they had
 * in the window, and of the linked tables exactly the live ones stay. Afterwards nothing in the copy is shared with the
 * node but files that are never written again.
 */
final class CopyBuilder {

    private final Path source;
    private final Path copy;
    private final Path hold;
    private final long freeSpaceFloorBytes;

    private final List<StagedFile> files = new ArrayList<>();

    /**
     * @param copy where the tables are linked already
     * @param hold where all other files are linked; it is emptied
     */
    CopyBuilder(Path source, Path copy, Path hold, long freeSpaceFloorBytes) {
        this.source = source;
        this.copy = copy;
        this.hold = hold;
        this.freeSpaceFloorBytes = freeSpaceFloorBytes;
    }

    /**
     * Builds the copy and proves it.
     *
     * @param settle whether to leave off at once, before logs are copied, if the oldest one that recovery may need was
     *     not there, and the opening of the database does not explain that
     * @throws BadFormatException if it is damaged
     */
    Verdict build(Cut cut, Set<String> linkedTables, boolean settle)
            throws IOException, BadFormatException, UnsupportedFormatException, RefusedException {
        copyHeld(cut.manifest());
        ManifestReader.Result manifest =
                StructureCheck.readManifest(copy.resolve(cut.manifest().name()));
        if (manifest instanceof ManifestReader.Result.CutOff cutOff) {
            return new Verdict.Unsettled(cutOff.reason());
        }
        ManifestState state = ((ManifestReader.Result.Complete) manifest).state();

        long required = state.requiredLog();
        boolean namedByAnOpening = state.level().log() >= required;
        if (settle && required > 0 && !namedByAnOpening && !cut.logs().containsKey(required)) {
            return new Verdict.Unsettled("write-ahead log " + EngineFile.logName(required) + " is not there");
        }
        Collection<HeldFile> neededLogs =
                cut.logs().tailMap(state.minLogNumberToKeep(), true).values();
        requireSpaceFor(neededLogs);
        for (HeldFile log : neededLogs) {
            copyHeld(log);
        }
        for (HeldFile file : cut.small()) {
            copyHeld(file);
        }
        clearHold();
        keepOnly(state.liveFiles().keySet(), linkedTables);
        Verdict verdict = StructureCheck.verify(copy, state);
        return verdict instanceof Verdict.Damaged
                ? verdict
                : addTables(state.liveFiles().keySet(), verdict);
    }

    /** Every file of the copy; complete after {@link #build}. */
    List<StagedFile> files() {
        return files;
    }

    /** Content of IDENTITY in the copy; empty if there is none or it is not one short line. */
    String databaseIdentity() throws IOException {
        return identityIn(copy);
    }

    static String identityIn(Path directory) throws IOException {
        Path identity = directory.resolve("IDENTITY");
        if (!Files.exists(identity) || Files.size(identity) > 256) {
            return "";
        }
        String text = new String(Files.readAllBytes(identity), US_ASCII).strip();
        return text.chars().allMatch(character -> character > 0x20 && character < 0x7F) ? text : "";
    }

    private void requireSpaceFor(Collection<HeldFile> logs) throws IOException, RefusedException {
        long needed = logs.stream().mapToLong(log -> log.stat().size()).sum();
        long free = Files.getFileStore(copy).getUsableSpace();
        if (free - needed < freeSpaceFloorBytes) {
            throw new RefusedException(
                    "copying " + needed + " bytes of write-ahead logs to " + copy + " would leave less than "
                            + freeSpaceFloorBytes + " bytes free: there are " + free,
                    "free some space on that file system, or lower the floor");
        }
    }

    private void copyHeld(HeldFile held) throws IOException, BadFormatException {
        long length = held.stat().size();
        try (FileChannel from = FileChannel.open(hold.resolve(held.name()), StandardOpenOption.READ);
                FileChannel to = FileChannel.open(
                        copy.resolve(held.name()), StandardOpenOption.WRITE, StandardOpenOption.CREATE_NEW)) {
            for (long done = 0; done < length; ) {
                long more = from.transferTo(done, length - done, to);
                if (more <= 0) {
                    throw new BadFormatException(held.name() + " is shorter than it was in the window (" + done + " of "
                            + length + " bytes): it is not only appended to");
                }
                done += more;
            }
        }
        files.add(StagedFile.of(held.name(), held.stat(), false));
    }

    private void clearHold() throws IOException {
        try (DirectoryStream<Path> links = Files.newDirectoryStream(hold)) {
            for (Path link : links) {
                Files.delete(link);
            }
        }
    }

    private void keepOnly(Set<String> live, Set<String> linkedTables) throws IOException {
        for (String table : linkedTables) {
            if (!live.contains(table)) {
                Files.deleteIfExists(copy.resolve(table));
            }
        }
    }

    /** A table whose name in the source means another file was linked before a restart that did not replace CURRENT. */
    private Verdict addTables(Set<String> live, Verdict verdict) throws IOException {
        for (String table : live) {
            FileStat held = FileStat.of(copy.resolve(table));
            if (isReplaced(table, held)) {
                return new Verdict.Unsettled("live file " + table + " was replaced while it was linked");
            }
            files.add(StagedFile.of(table, held, true));
        }
        return verdict;
    }

    private boolean isReplaced(String table, FileStat held) throws IOException {
        try {
            return !FileStat.of(source.resolve(table)).isSameFileAs(held);
        } catch (NoSuchFileException e) {
            // The node has deleted it since the window was closed; the link keeps it.
            return false;
        }
    }
}
