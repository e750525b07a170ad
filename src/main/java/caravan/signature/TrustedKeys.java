package caravan.signature;

import static java.util.Objects.requireNonNull;

import caravan.failure.WrongUsageException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** Whose signatures are believed. Immutable. */
public final class TrustedKeys {

    private static final Pattern FINGERPRINT = Pattern.compile("SHA256:[A-Za-z0-9+/]{43}");

    private static final long MAX_BYTES = 1 << 20;

    private final List<Trust> trusted;

    private TrustedKeys(List<Trust> trusted) {
        this.trusted = List.copyOf(trusted);
    }

    /** Trusts the given keys for everything and for all time. */
    public static TrustedKeys of(TrustedKey... keys) {
        return new TrustedKeys(Arrays.stream(keys)
                .map(key -> Trust.unlimited(key.fingerprint()))
                .toList());
    }

    /**
     * Reads an allowed-signers file of OpenSSH or a {@code .pub} file. Options {@code namespaces}, {@code valid-after}
     * and {@code valid-before} are kept to; principals may be any.
     *
     * @throws WrongUsageException if it cannot be read, trusts nobody, or has a line that is not understood or not
     *     supported; nothing is skipped in silence
     */
    public static TrustedKeys load(Path file) throws WrongUsageException {
        requireNonNull(file, "file");
        try {
            if (Files.size(file) > MAX_BYTES) {
                throw new IllegalArgumentException("it is larger than " + MAX_BYTES + " bytes");
            }
            List<Trust> trusted = AllowedSigners.parse(Files.readAllLines(file, StandardCharsets.UTF_8));
            if (trusted.isEmpty()) {
                throw new IllegalArgumentException("it has no key");
            }
            return new TrustedKeys(trusted);
        } catch (IOException e) {
            throw new WrongUsageException(
                    "cannot read the trusted keys in " + file + ": "
                            + e.getClass().getSimpleName(),
                    "give the publisher's .pub file, an allowed-signers file, or SHA256:<fingerprint>",
                    e);
        } catch (IllegalArgumentException e) {
            throw new WrongUsageException(
                    "cannot use the trusted keys in " + file + ": " + e.getMessage(),
                    "each line is a public key as in a .pub file, or: name [options] ssh-ed25519 <base64>",
                    e);
        }
    }

    /**
     * Reads what a user gives as {@code --key}: {@code SHA256:<fingerprint>}, or the path of a file for
     * {@link #load}.
     *
     * @throws WrongUsageException if it is neither
     */
    public static TrustedKeys parseOption(String keyOption) throws WrongUsageException {
        if (FINGERPRINT.matcher(keyOption).matches()) {
            return new TrustedKeys(List.of(Trust.unlimited(keyOption)));
        }
        if (keyOption.startsWith("SHA256:")) {
            throw new WrongUsageException(
                    "cannot use the key " + keyOption + ": a fingerprint has 43 characters after SHA256:",
                    "ssh-keygen -l -f FILE.pub shows the fingerprint of a key");
        }
        return load(Path.of(keyOption));
    }

    /** Trusts whom this or {@code other} trusts. */
    public TrustedKeys and(TrustedKeys other) {
        return new TrustedKeys(
                Stream.concat(trusted.stream(), other.trusted.stream()).toList());
    }

    /** Why that key is not believed for such a note now, one reason for each entry about it; empty if it is. */
    String faultWith(String fingerprint, NoteKind kind, Instant now) {
        List<String> faults = new ArrayList<>();
        for (Trust trust : trusted) {
            if (trust.fingerprint().equals(fingerprint)) {
                String fault = trust.faultWith(kind, now);
                if (fault.isEmpty()) {
                    return "";
                }
                faults.add(fault);
            }
        }
        return faults.isEmpty() ? "the key is not trusted" : String.join("; ", faults);
    }
}
