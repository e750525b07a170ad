package caravan.signature;

import static java.util.Objects.requireNonNull;

import caravan.snapshot.Digest;
import java.util.List;

/** The signed line of a note whose signature was found good. Only {@link SignedNote} makes one. */
public final class VerifiedNote {

    private final byte[] line;
    private final List<String> fingerprints;
    private final Digest lineDigest;

    VerifiedNote(byte[] line, List<String> fingerprints, Digest lineDigest) {
        this.line = line.clone();
        this.fingerprints = List.copyOf(fingerprints);
        this.lineDigest = requireNonNull(lineDigest, "lineDigest");
    }

    /** The JSON, without the newline. */
    public byte[] line() {
        return line.clone();
    }

    /** The first trusted key that signed it: {@code SHA256:} and 43 characters. */
    public String fingerprint() {
        return fingerprints.get(0);
    }

    /** All trusted keys that signed it, at least one, in the order of their signatures. */
    public List<String> fingerprints() {
        return fingerprints;
    }

    /** SHA-256 of the signed bytes, which are the line with its newline. */
    public Digest lineDigest() {
        return lineDigest;
    }

    /** Number of signed bytes, which are the line with its newline. */
    public long lineSize() {
        return line.length + 1L;
    }
}
