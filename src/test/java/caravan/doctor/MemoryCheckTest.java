package caravan.doctor;

import java.util.OptionalLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class MemoryCheckTest {

    @Test
    void aHeapThatDoesNotFitIntoTheMachineIsWrong() throws Exception {
        told(384L << 20, 512L << 20, OptionalLong.of(65_536))
                .wrong(1, "may take 640.0 MiB of memory, and this machine or container has 512.0 MiB", "-Xmx")
                .wrongInAll(1);
    }

    @Test
    void fewOpenFilesAreWrong() throws Exception {
        told(384L << 20, 4L << 30, OptionalLong.of(256))
                .wrong(1, "only 256 files open", "LimitNOFILE")
                .wrongInAll(1);
    }

    @Test
    void enoughOfBothIsWellAndSoIsWhatIsNotKnown() throws Exception {
        told(384L << 20, 4L << 30, OptionalLong.of(1024)).onlyOk().ok("memory 4.0 GiB");
        told(384L << 20, 4L << 30, OptionalLong.empty()).onlyOk();
    }

    private static Told told(long heap, long memory, OptionalLong openFiles) throws InterruptedException {
        return Told.by(new MemoryCheck(heap, memory, openFiles));
    }
}
