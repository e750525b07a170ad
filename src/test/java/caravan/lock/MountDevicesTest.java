package caravan.lock;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

class MountDevicesTest {

    private final MountDevices mounts = MountDevices.parse(List.of(
            "27 1 252:1 / / rw,relatime - ext4 /dev/vda1 rw",
            "44 27 0:43 / /srv/chain rw,relatime shared:1 - btrfs /dev/loop1 rw,subvol=/",
            "45 27 8:17 / /srv/a\\040b\\134c rw - xfs /dev/sdb1 rw",
            "46 27 0:50 / /tmp rw - tmpfs tmpfs rw",
            "47 27 0:51 / /tmp rw - tmpfs tmpfs rw",
            "rubbish"));

    @Test
    void theNearestMountAboveAFileHasItsDevice() {
        assertThat(mounts.of(Path.of("/srv/chain/db/lock"))).contains("00:2b");
        assertThat(mounts.of(Path.of("/srv/chains/db/lock"))).contains("fc:01");
    }

    @Test
    void namesAreReadAsTheKernelWritesThem() {
        assertThat(mounts.of(Path.of("/srv/a b\\c/lock"))).contains("08:11");
    }

    @Test
    void whatIsMountedLaterCoversWhatWasThere() {
        assertThat(mounts.of(Path.of("/tmp/lock"))).contains("00:33");
    }

    @Test
    void withoutAListNothingIsKnown() {
        assertThat(MountDevices.parse(List.of()).of(Path.of("/srv"))).isEmpty();
    }
}
