package caravan.capture;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import caravan.failure.RefusedException;
import java.nio.file.Path;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class MountRulesTest {

    private static final Path DIRECTORY = Path.of("/data/db");

    @ParameterizedTest
    @ValueSource(strings = {"ext4", "xfs", "btrfs", "zfs", "tmpfs", "overlay"})
    void localFileSystemsAreFit(String type) {
        assertThatCode(() -> MountRules.requireLocal(DIRECTORY, type)).doesNotThrowAnyException();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "nfs",
                "nfs4",
                "cifs",
                "smb3",
                "fuse",
                "fuse.sshfs",
                "fuse.mergerfs",
                "fuseblk",
                "9p",
                "ceph",
                "glusterfs"
            })
    void othersAreRefusedByName(String type) {
        assertThatThrownBy(() -> MountRules.requireLocal(DIRECTORY, type))
                .isInstanceOf(RefusedException.class)
                .hasMessageContaining(DIRECTORY + " is on a file system of type " + type);
    }
}
