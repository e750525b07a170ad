package caravan.capture.node;

import java.io.IOException;

/** Called between the steps of a pause, so that a test can let something happen there. Nothing happens otherwise. */
public interface PauseSteps {

    /** Steps at which nothing happens. */
    PauseSteps NONE = new PauseSteps() {};

    /** The watchdog waits for the order; the node runs. */
    default void armed() throws IOException {}

    /** The order was carried out; it is not known yet that every thread stands still. */
    default void ordered() throws IOException {}

    /** The node stands still. */
    default void still() throws IOException {}

    /** What had to be taken is taken; the node still stands still. */
    default void taken() throws IOException {}

    /** The node was told to go on. */
    default void released() throws IOException {}
}
