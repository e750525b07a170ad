package caravan.capture;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MountIdentityTest {

    private static final List<String> MOUNTS = List.of(
            "22 1 259:1 / / rw,relatime shared:1 - ext4 /dev/root rw",
            "40 22 0:35 / /data/my\\040chain rw - nfs4 server:/export rw",
            "41 22 252:3 / /data rw,noatime shared:9 master:1 - xfs /dev/mapper/vg-data rw",
            "42 22 252:9 / /twice rw - ext4 /dev/old rw",
            "43 22 252:10 / /twice rw - xfs /dev/new rw",
            "half a line");

    @TempDir
    Path temporary;

    @Test
    void isThatOfTheDeepestMountAroundTheDirectory() throws Exception {
        assertThat(of("/data/polkadot")).isEqualTo("mount xfs /dev/mapper/vg-data /data");
        assertThat(of("/database")).isEqualTo("mount ext4 /dev/root /");
        assertThat(of("/data/my chain/db")).isEqualTo("mount nfs4 server:/export /data/my chain");
    }

    @Test
    void aLaterMountCoversAnEarlierOneOnTheSamePoint() throws Exception {
        assertThat(of("/twice/a")).isEqualTo("mount xfs /dev/new /twice");
    }

    @Test
    void isTheUuidWhereTheSystemKnowsIt() throws Exception {
        Path device = Files.createFile(temporary.resolve("nvme1n1"));
        Path byUuid = Files.createDirectory(temporary.resolve("by-uuid"));
        Files.createSymbolicLink(byUuid.resolve("1234-abcd"), device);
        List<String> before = List.of("41 22 252:3 / /data rw - xfs " + device + " rw");
        List<String> elsewhere = List.of("41 22 252:7 / /mnt rw - xfs " + device + " rw");

        assertThat(MountIdentity.of(Path.of("/data/a"), before, byUuid).text()).isEqualTo("uuid 1234-abcd");
        assertThat(MountIdentity.of(Path.of("/mnt/a"), elsewhere, byUuid).text())
                .isEqualTo("uuid 1234-abcd");
    }

    @Test
    void failsWhereNothingIsMounted() {
        assertThatThrownBy(() -> MountIdentity.of(Path.of("/a"), List.of(), temporary))
                .isInstanceOf(IOException.class);
    }

    @Test
    void theMachineKnowsTheMountOfADirectory() throws Exception {
        assertThat(MountIdentity.of(temporary)).isEqualTo(MountIdentity.of(temporary.getParent()));
    }

    private String of(String directory) throws IOException {
        return MountIdentity.of(Path.of(directory), MOUNTS, temporary).text();
    }
}
