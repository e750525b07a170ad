package caravan.capture;

import caravan.failure.CaravanException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/** Which way of taking is right for a store whose node stands still. */
interface Takings {

    /**
     * Refuses a store that cannot be taken safely, and changes nothing.
     *
     * @return remarks
     */
    List<String> check(StoreLocation store, CaptureRequest request) throws CaravanException;

    /** Bytes that the copy of {@code store} will take in the stage. */
    long bytesFor(StoreLocation store) throws IOException;

    /** Whether what is taken keeps space of files that the node deletes later. */
    boolean pins();

    /** A taking of {@code store} into {@code stage}, the {@code number}th of this capture. */
    StoreTaking taking(CaptureRequest request, StoreLocation store, StageDirectory stage, int number, String mode)
            throws IOException, CaravanException;

    /** What a stage calls the directory of the {@code number}th store. */
    static Path directoryIn(StageDirectory stage, int number) throws IOException {
        return stage.newDirectory("store-" + number);
    }
}
