package caravan.price;

/**
 * What a month costs, in dollars.
 *
 * @param storage of what is kept
 * @param egress of what is served
 * @param requests in which it is served
 */
public record MonthlyCost(double storage, double egress, double requests) {

    /** All together. */
    public double total() {
        return storage + egress + requests;
    }
}
