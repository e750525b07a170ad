package caravan.doctor;

import caravan.failure.CaravanException;
import caravan.failure.DamagedException;
import caravan.failure.FailedException;
import caravan.restore.source.AttemptFailure;
import caravan.restore.source.HttpSource;
import caravan.restore.source.ObjectRequest;
import caravan.restore.source.ObjectStream;
import caravan.signature.SignedNote;
import caravan.snapshot.BucketPaths;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;

/** Whether the public address gives people what the bucket has. */
public final class PublicCheck implements Examination {

    private static final Duration PATIENCE = Duration.ofSeconds(10);

    private final BucketPointer latest;

    private final URI base;

    private final List<Path> authorities;

    private final Clock clock;

    /**
     * Asks for {@code latest} below {@code base}.
     *
     * @param authorities PEM files of certificates to trust instead of the platform's
     */
    public PublicCheck(BucketPointer latest, URI base, List<Path> authorities, Clock clock) {
        this.latest = latest;
        this.base = base;
        this.authorities = List.copyOf(authorities);
        this.clock = clock;
    }

    @Override
    public String subject() {
        return "public";
    }

    @Override
    public String about() {
        return latest.database().value();
    }

    @Override
    public void examine(Findings findings) throws CaravanException {
        URI bare = URI.create(base.toString().replaceFirst("/+$", ""));
        String path = BucketPaths.latest(latest.database());
        try (HttpSource source = new HttpSource(bare, 1, PATIENCE, authorities);
                ObjectStream served = source.open(ObjectRequest.atMost(path, SignedNote.MAX_BYTES))) {
            ServedPointer.compare(served.readAllBytes(), served.name(), latest, clock, findings);
        } catch (AttemptFailure e) {
            if (e.kind() != AttemptFailure.Kind.UNAVAILABLE && latest.isAbsent()) {
                findings.ok("nothing is published yet: " + e.getMessage());
                return;
            }
            throw explained(e);
        } catch (IOException e) {
            throw new FailedException("read " + path + " at " + bare + ": " + e, FailedException.REPORT, e);
        }
    }

    private static CaravanException explained(AttemptFailure failure) {
        String hint = failure.verdict(1).hint();
        if (failure.kind() == AttemptFailure.Kind.DAMAGED) {
            return new DamagedException(
                    failure.getMessage(), hint.isEmpty() ? "look at the CDN's settings for this path" : hint, failure);
        }
        return new FailedException(
                failure.getMessage(),
                "people restore from there: caravan.public-url must lead to the bucket's prefix, and be open to all; "
                        + "docs/operations.md, \"Serving rules\"",
                failure);
    }
}
