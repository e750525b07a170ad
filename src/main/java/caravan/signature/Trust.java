package caravan.signature;

import static java.util.Objects.requireNonNull;

import java.time.Instant;

/**
 * One reason to believe a signature: a key, what it may sign and when it may be used.
 *
 * @param fingerprint of the key
 * @param namespaces list of patterns as in an allowed-signers file; {@code *} for everything
 * @param validAfter first moment of use
 * @param validBefore last moment of use
 */
record Trust(String fingerprint, String namespaces, Instant validAfter, Instant validBefore) {

    Trust {
        requireNonNull(fingerprint, "fingerprint");
        requireNonNull(namespaces, "namespaces");
        if (!validBefore.isAfter(validAfter)) {
            throw new IllegalArgumentException("valid-before is not after valid-after");
        }
    }

    static Trust unlimited(String fingerprint) {
        return new Trust(fingerprint, "*", Instant.MIN, Instant.MAX);
    }

    /** Why a note of that kind is not to be believed now although this key signed it; empty if it is. */
    String faultWith(NoteKind kind, Instant now) {
        if (!PatternList.matches(namespaces, kind.namespace())) {
            return "the key is not trusted for " + kind.namespace();
        }
        if (now.isBefore(validAfter)) {
            return "the key is trusted only from " + validAfter + " on";
        }
        if (now.isAfter(validBefore)) {
            return "the key was trusted only until " + validBefore;
        }
        return "";
    }
}
