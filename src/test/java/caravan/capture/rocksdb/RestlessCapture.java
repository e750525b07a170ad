package caravan.capture.rocksdb;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;

/** A capture whose window never holds, because the database's CURRENT is replaced in each. */
public final class RestlessCapture {

    private RestlessCapture() {}

    /** One of the database in {@code directory}, which stays what it is. */
    public static RocksDbCapture make(Path directory) {
        WindowHooks restless = new WindowHooks() {
            @Override
            public void closing() throws IOException {
                Path current = directory.resolve("CURRENT");
                Path next = Files.copy(current, directory.resolve("000777.dbtmp"), StandardCopyOption.REPLACE_EXISTING);
                Files.move(next, current, StandardCopyOption.ATOMIC_MOVE);
            }
        };
        return new RocksDbCapture(Files::createLink, restless, new FakeClock());
    }
}
