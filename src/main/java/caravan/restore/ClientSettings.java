package caravan.restore;

import static java.util.Objects.requireNonNull;

import caravan.pace.RateLimit;
import caravan.restore.source.Retries;
import caravan.signature.TrustedKeys;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;

/**
 * How this client works.
 *
 * @param trusted whose signatures it believes
 * @param stateDirectory where it remembers sequences and manifests; made if missing
 * @param parallel most chunks under way at a time, at least 1
 * @param rate brake on what is fetched
 * @param authorities PEM files of certificates to trust instead of the platform's; usually none
 * @param patience how long a transfer may stand still
 * @param retries owner of second attempts
 * @param mirrors what else publishes the same objects, beside the URL that is asked for
 */
public record ClientSettings(
        TrustedKeys trusted,
        Path stateDirectory,
        int parallel,
        RateLimit rate,
        List<Path> authorities,
        Duration patience,
        Retries retries,
        List<PublishedBase> mirrors) {

    /** Most chunks under way at a time if nobody says otherwise. */
    public static final int DEFAULT_PARALLEL = 32;

    private static final int MOST_READERS = 8;

    /** Checks the numbers. */
    public ClientSettings {
        requireNonNull(trusted, "trusted");
        requireNonNull(stateDirectory, "stateDirectory");
        requireNonNull(rate, "rate");
        authorities = List.copyOf(authorities);
        requireNonNull(patience, "patience");
        requireNonNull(retries, "retries");
        mirrors = List.copyOf(mirrors);
        if (parallel < 1 || parallel > 256) {
            throw new IllegalArgumentException("between 1 and 256 chunks are fetched at a time, not " + parallel);
        }
    }

    /** The usual, for {@code trusted} keys. */
    public static ClientSettings of(TrustedKeys trusted, Path stateDirectory) {
        return new ClientSettings(
                trusted,
                stateDirectory,
                DEFAULT_PARALLEL,
                RateLimit.unlimited(),
                List.of(),
                Duration.ofSeconds(20),
                new Retries(Duration.ofSeconds(1), Duration.ofSeconds(60), () -> ThreadLocalRandom.current()
                        .nextDouble()),
                List.of());
    }

    /** The same with another memory. */
    public ClientSettings withStateDirectory(Path other) {
        return new ClientSettings(trusted, other, parallel, rate, authorities, patience, retries, mirrors);
    }

    /** How many files are hashed at a time: more do not make a disk faster. */
    int readers() {
        return Math.min(parallel, MOST_READERS);
    }

    /** The same with another number of chunks at a time. */
    public ClientSettings withParallel(int number) {
        return new ClientSettings(trusted, stateDirectory, number, rate, authorities, patience, retries, mirrors);
    }

    /** The same with another brake. */
    public ClientSettings withRate(RateLimit other) {
        return new ClientSettings(trusted, stateDirectory, parallel, other, authorities, patience, retries, mirrors);
    }

    /** The same with other authorities. */
    public ClientSettings withAuthorities(List<Path> others) {
        return new ClientSettings(trusted, stateDirectory, parallel, rate, others, patience, retries, mirrors);
    }

    /** The same with other ideas of how long to wait. */
    public ClientSettings withPatience(Duration other, Retries otherRetries) {
        return new ClientSettings(trusted, stateDirectory, parallel, rate, authorities, other, otherRetries, mirrors);
    }

    /** The same with other mirrors. */
    public ClientSettings withMirrors(List<PublishedBase> others) {
        return new ClientSettings(trusted, stateDirectory, parallel, rate, authorities, patience, retries, others);
    }
}
