package caravan.signature;

import static java.util.Objects.requireNonNull;

import caravan.snapshot.Digest;

/** The signed line of a note whose signature was found good. Only {@link SignedNote} makes one. */
public final class VerifiedNote {

    private final byte[] line;
    private final String fingerprint;
    private final Digest lineDigest;

    VerifiedNote(byte[] line, String fingerprint, Digest lineDigest) {
        this.line = line.clone();
        this.fingerprint = requireNonNull(fingerprint, "fingerprint");
        this.lineDigest = requireNonNull(lineDigest, "lineDigest");
    }

    /** The JSON, without the newline. */
    public byte[] line() {
        return line.clone();
    }

    /** The trusted key that signed it: {@code SHA256:} and 43 characters. */
    public String fingerprint() {
        return fingerprint;
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
