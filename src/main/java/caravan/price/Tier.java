package caravan.price;

/**
 * One step of a price that falls with the volume.
 *
 * @param upToGb end of the step, in GB of a month; infinite for the last
 * @param perGb dollars for each GB in it
 */
public record Tier(double upToGb, double perGb) {

    /** Checks the numbers. */
    public Tier {
        if (!(upToGb > 0) || !(perGb >= 0) || Double.isInfinite(perGb)) {
            throw new IllegalArgumentException("a step has an end above 0 and a price that is not negative");
        }
    }
}
