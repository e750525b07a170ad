package caravan.restore;

import caravan.disk.PrivateFiles;
import caravan.failure.CaravanException;
import caravan.failure.RefusedException;
import caravan.restore.target.LocalFailures;
import caravan.snapshot.DatabaseName;
import caravan.snapshot.Pointer;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;

/**
 * The highest sequence this client has accepted, by signer and database. Who serves an old pointer again, or burns the
 * numbers with a stolen key, is found out by it.
 */
final class SequenceMemory {

    private static final String FORM = "caravan-seen-1";

    /** One signature a minute for almost two years. */
    private static final long LONGEST_JUMP = 1_000_000;

    private final ClientState state;

    SequenceMemory(ClientState state) {
        this.state = state;
    }

    /**
     * Remembers nothing.
     *
     * @param signers the trusted keys that signed the pointer
     * @throws RefusedException if the pointer's sequence is lower than one that was accepted before of one of them
     */
    void requireNotBehind(Pointer pointer, List<String> signers, String what) throws CaravanException {
        for (String signer : signers) {
            Path file = fileOf(signer, pointer.database());
            try {
                requireNotBelow(seen(file), pointer, what, file);
            } catch (IOException e) {
                throw LocalFailures.of("reading " + file, e);
            }
        }
    }

    /**
     * Accepts a pointer that {@code signers} signed, and remembers it for each of them.
     *
     * @throws RefusedException if its sequence is lower than one that was accepted before of one of them, or far higher
     */
    void accept(Pointer pointer, List<String> signers, String what) throws CaravanException {
        state.makeDirectory("sequences");
        for (String signer : signers) {
            state.makeDirectory("sequences/" + directoryOf(signer));
        }
        state.exclusively(() -> {
            for (String signer : signers) {
                requireNext(pointer, fileOf(signer, pointer.database()), what);
            }
            for (String signer : signers) {
                Path file = fileOf(signer, pointer.database());
                if (pointer.sequence() > seen(file)) {
                    PrivateFiles.replace(
                            file, (FORM + " " + pointer.sequence() + "\n").getBytes(StandardCharsets.US_ASCII));
                }
            }
            return null;
        });
    }

    private void requireNext(Pointer pointer, Path file, String what) throws IOException, CaravanException {
        long seen = seen(file);
        requireNotBelow(seen, pointer, what, file);
        if (seen > 0 && pointer.sequence() - seen > LONGEST_JUMP) {
            throw new RefusedException(
                    what + " has sequence " + pointer.sequence() + ", more than " + LONGEST_JUMP + " above the " + seen
                            + " that was accepted last",
                    "the publisher's key may have been stolen; ask the publisher, and if it is right remove " + file);
        }
    }

    private static void requireNotBelow(long seen, Pointer pointer, String what, Path file) throws RefusedException {
        if (pointer.sequence() < seen) {
            throw new RefusedException(
                    what + " has sequence " + pointer.sequence() + ", but " + seen + " was already accepted",
                    "somebody serves an old pointer again; try another network, and tell the publisher. If the"
                            + " publisher began anew with this key, remove " + file);
        }
    }

    private long seen(Path file) throws IOException, CaravanException {
        String text = state.read(file);
        if (text.isEmpty()) {
            return 0;
        }
        if (!text.matches(FORM + " \\d{1,16}\n")) {
            throw new RefusedException(
                    "what was remembered in " + file + " cannot be read", "remove it if you know why it is damaged");
        }
        return Long.parseLong(text.substring(FORM.length() + 1).trim());
    }

    private Path fileOf(String signer, DatabaseName database) {
        return state.at("sequences").resolve(directoryOf(signer)).resolve(database.value());
    }

    private static String directoryOf(String signer) {
        return signer.replace(':', '-').replace('/', '_').replace('+', '-');
    }
}
