package caravan.publish;

import java.security.SecureRandom;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.HexFormat;

/** Names for runs, unique among all runs of all publishers: the time, and enough chance. */
final class RunIds {

    private static final int SALT_BYTES = 8;

    private final SecureRandom random = new SecureRandom();

    String next(Instant startedAt) {
        byte[] salt = new byte[SALT_BYTES];
        random.nextBytes(salt);
        String time = startedAt.truncatedTo(ChronoUnit.SECONDS).toString().replaceAll("[-:]", "");
        return time + "-" + HexFormat.of().formatHex(salt);
    }
}
