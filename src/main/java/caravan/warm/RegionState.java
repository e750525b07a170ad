package caravan.warm;

import java.util.Arrays;

/** How the warm-up of a region stands. */
public enum RegionState {
    /** It is not over yet. */
    GOING("going"),
    /** Every object came whole, and the second look found nothing wrong. */
    OK("ok"),
    /** Some objects did not come, or something wrong was found. */
    PARTIAL("partial"),
    /** None came. */
    FAILED("failed"),
    /** Another place answered than the one that was meant. */
    WRONG_POP("wrong-pop");

    private final String wireName;

    RegionState(String wireName) {
        this.wireName = wireName;
    }

    /** The word in {@code regions.json}. */
    public String wireName() {
        return wireName;
    }

    /**
     * Reads {@link #wireName}.
     *
     * @throws IllegalArgumentException if there is no such state
     */
    public static RegionState of(String wireName) {
        return Arrays.stream(values())
                .filter(state -> state.wireName.equals(wireName))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("no state of a region is called \"" + wireName + "\""));
    }
}
