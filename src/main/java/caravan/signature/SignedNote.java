package caravan.signature;

import caravan.failure.DamagedException;
import caravan.snapshot.Digest;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/**
 * One object that holds a statement and the signatures on it: line 1 is compact JSON, then follow one or more armored
 * SSHSIG signatures over line 1 with its newline. {@code head -n 1} gives the signed bytes, and
 * {@code ssh-keygen -Y verify} checks them.
 */
public final class SignedNote {

    /** Largest note, in bytes. */
    public static final int MAX_BYTES = 64 << 10;

    /** Most signatures on one note. */
    public static final int MAX_SIGNATURES = 8;

    private static final byte NEWLINE = '\n';

    private SignedNote() {}

    /**
     * The note with one signature of each key. The same line and keys give the same bytes.
     *
     * @param line JSON without a newline
     * @throws IllegalArgumentException if the line is empty or has a newline, there is no key or too many, or the note
     *     would be too large
     */
    public static byte[] sign(byte[] line, NoteKind kind, SigningKey... keys) {
        if (line.length == 0 || indexOfNewline(line) >= 0) {
            throw new IllegalArgumentException("a note says something, in one line");
        }
        if (keys.length == 0 || keys.length > MAX_SIGNATURES) {
            throw new IllegalArgumentException("a note has 1 to " + MAX_SIGNATURES + " signatures, not " + keys.length);
        }
        byte[] signed = withNewline(line);
        ByteArrayOutputStream note = new ByteArrayOutputStream();
        note.writeBytes(signed);
        for (SigningKey key : keys) {
            note.writeBytes(SshSignature.sign(signed, kind, key).armored().getBytes(StandardCharsets.US_ASCII));
        }
        if (note.size() > MAX_BYTES) {
            throw new IllegalArgumentException("a note has at most " + MAX_BYTES + " bytes, not " + note.size());
        }
        return note.toByteArray();
    }

    /** As {@link #verify(byte[], NoteKind, TrustedKeys, String, Instant)}, with the system's time. */
    public static VerifiedNote verify(byte[] note, NoteKind kind, TrustedKeys trusted, String what)
            throws DamagedException {
        return verify(note, kind, trusted, what, Instant.now());
    }

    /**
     * The signed line, if a trusted key signed it as a note of that kind. The line is not looked into. Signatures of
     * keys that are not trusted are passed over; one that claims to be of a trusted key must be good.
     *
     * @param what the URL or path of the note, for messages
     * @param now decides on {@code valid-after} and {@code valid-before} of a key
     * @throws DamagedException if no trusted key signed it, or it is not in the form that {@link #sign} gives
     */
    public static VerifiedNote verify(byte[] note, NoteKind kind, TrustedKeys trusted, String what, Instant now)
            throws DamagedException {
        try {
            if (note.length > MAX_BYTES) {
                throw new IllegalArgumentException("it has more than " + MAX_BYTES + " bytes");
            }
            int end = indexOfNewline(note);
            if (end < 1) {
                throw new IllegalArgumentException("it has no line that could be signed");
            }
            byte[] signed = Arrays.copyOf(note, end + 1);
            String armored = new String(note, end + 1, note.length - end - 1, StandardCharsets.ISO_8859_1);
            List<String> fingerprints = signersOf(signed, blocksOf(armored), kind, trusted, now);
            return new VerifiedNote(Arrays.copyOf(note, end), fingerprints, Digest.of(signed));
        } catch (IllegalArgumentException e) {
            throw new DamagedException(
                    "cannot believe " + what + ": " + e.getMessage(),
                    "if the publisher has a new key, get its fingerprint from the publisher and give it as a trusted"
                            + " key; else this was damaged or forged on its way",
                    e);
        }
    }

    /**
     * Fingerprints of the keys that signed a note of that kind, whoever they are; none if it is not whole. Nothing is
     * to be believed because of it.
     */
    public static Set<String> signers(byte[] note, NoteKind kind) {
        int end = note.length > MAX_BYTES ? -1 : indexOfNewline(note);
        if (end < 1) {
            return Set.of();
        }
        byte[] signed = Arrays.copyOf(note, end + 1);
        Set<String> signers = new TreeSet<>();
        try {
            for (SshSignature signature :
                    blocksOf(new String(note, end + 1, note.length - end - 1, StandardCharsets.ISO_8859_1))) {
                if (!signature.faultWith(signed, kind).isEmpty()) {
                    return Set.of();
                }
                signers.add(signature.fingerprint());
            }
        } catch (IllegalArgumentException e) {
            return Set.of();
        }
        return signers;
    }

    private static List<String> signersOf(
            byte[] signed, List<SshSignature> signatures, NoteKind kind, TrustedKeys trusted, Instant now) {
        List<String> signers = new ArrayList<>();
        List<String> faults = new ArrayList<>();
        for (SshSignature signature : signatures) {
            String fingerprint = signature.fingerprint();
            String fault = trusted.faultWith(fingerprint, kind, now);
            if (!fault.isEmpty()) {
                faults.add(fingerprint + " (" + fault + ")");
                continue;
            }
            String mismatch = signature.faultWith(signed, kind);
            if (!mismatch.isEmpty()) {
                throw new IllegalArgumentException("its signature by " + fingerprint + " is wrong: " + mismatch);
            }
            signers.add(fingerprint);
        }
        if (signers.isEmpty()) {
            throw new IllegalArgumentException("no trusted key has signed it, only " + String.join(", ", faults));
        }
        return signers;
    }

    private static List<SshSignature> blocksOf(String armored) {
        List<SshSignature> blocks = new ArrayList<>();
        for (int at = 0; at < armored.length(); ) {
            if (blocks.size() == MAX_SIGNATURES) {
                throw new IllegalArgumentException("it has more than " + MAX_SIGNATURES + " signatures");
            }
            try {
                int end = Armor.SIGNATURE.endOf(armored, at);
                blocks.add(SshSignature.parse(armored.substring(at, end)));
                at = end;
            } catch (IllegalArgumentException e) {
                throw new IllegalArgumentException(
                        "its signature " + (blocks.size() + 1) + " cannot be read: " + e.getMessage(), e);
            }
        }
        if (blocks.isEmpty()) {
            throw new IllegalArgumentException("it has no signature");
        }
        return blocks;
    }

    private static byte[] withNewline(byte[] line) {
        byte[] signed = Arrays.copyOf(line, line.length + 1);
        signed[line.length] = NEWLINE;
        return signed;
    }

    private static int indexOfNewline(byte[] bytes) {
        for (int at = 0; at < bytes.length; at++) {
            if (bytes[at] == NEWLINE) {
                return at;
            }
        }
        return -1;
    }
}
