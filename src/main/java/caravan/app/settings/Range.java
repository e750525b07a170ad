package caravan.app.settings;

import static java.util.Objects.requireNonNull;

/**
 * Between which values a number, size or duration may be. What is outside would start and fail later, in the middle of
 * the work.
 *
 * @param least smallest value, as an operator writes it; inclusive
 * @param most largest value, as an operator writes it; inclusive
 * @param orZero whether 0, too, is allowed and says "none"
 */
record Range(String least, String most, boolean orZero) {

    Range {
        requireNonNull(least, "least");
        requireNonNull(most, "most");
    }

    static Range of(String least, String most) {
        return new Range(least, most, false);
    }

    static Range zeroOr(String least, String most) {
        return new Range(least, most, true);
    }

    /**
     * Throws {@link IllegalArgumentException} if {@code text} is not in this range.
     *
     * @param text of the form of {@code kind}
     */
    void require(Kind kind, String text) {
        long value = amount(kind, text);
        if (orZero && value == 0) {
            return;
        }
        if (value < amount(kind, least) || value > amount(kind, most)) {
            throw new IllegalArgumentException(this + " is expected");
        }
    }

    @Override
    public String toString() {
        return least + " to " + most + (orZero ? ", or 0 for none" : "");
    }

    private static long amount(Kind kind, String text) {
        return switch (kind) {
            case COUNT -> Long.parseLong(text);
            case SIZE -> Units.size(text);
            case DURATION, DURATIONS -> Units.duration(text).toMillis();
            default -> throw new IllegalArgumentException("no number: " + kind);
        };
    }
}
