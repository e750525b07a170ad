package caravan.restore.target;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TargetTreeTest {

    private static final int RACES = "long".equals(System.getProperty("caravan.test.form")) ? 10_000 : 1_000;

    @TempDir
    Path directory;

    private Path outside;
    private TargetTree tree;

    @BeforeEach
    void open() throws IOException {
        outside = Files.createDirectory(directory.resolve("outside"));
        tree = TargetTree.open(Files.createDirectory(directory.resolve("root")));
    }

    @AfterEach
    void close() throws IOException {
        tree.close();
    }

    @Test
    void makesDirectoriesAndFilesOfItsOwn() throws Exception {
        tree.makeDirectories("a/b/c");
        write("a/b/c/file", 1);

        assertThat(tree.root().resolve("a/b/c/file")).hasBinaryContent(new byte[] {1});
        assertThatThrownBy(() -> tree.create("a/b/c/file")).isInstanceOf(FileAlreadyExistsException.class);
    }

    @Test
    void followsNoLinkAtTheEndOfAPathOrWithinIt() throws Exception {
        Path secret = Files.writeString(outside.resolve("secret"), "s");
        Files.createSymbolicLink(tree.root().resolve("link"), secret);
        Files.createSymbolicLink(tree.root().resolve("way"), outside);

        assertThatThrownBy(() -> tree.read("link")).isInstanceOf(IOException.class);
        assertThatThrownBy(() -> tree.write("link")).isInstanceOf(IOException.class);
        assertThatThrownBy(() -> tree.read("way/secret")).isInstanceOf(IOException.class);
        assertThatThrownBy(() -> tree.create("way/new")).isInstanceOf(IOException.class);
        assertThatThrownBy(() -> tree.makeDirectories("way/new")).isInstanceOf(IOException.class);
        assertThatThrownBy(() -> tree.move("link", "way/new")).isInstanceOf(IOException.class);
        assertThatThrownBy(() -> tree.deleteIfThere("way/secret")).isInstanceOf(IOException.class);
        assertThat(tree.look("way/secret")).isEmpty();

        assertThat(outside).isDirectoryContaining(path -> path.equals(secret));
        assertThat(outside.toFile().list()).hasSize(1);
        assertThat(secret).hasContent("s");
    }

    @Test
    void removesItsOwnDirectoryWithWhatIsInItAndFollowsNoLinkThere() throws Exception {
        Path secret = Files.writeString(outside.resolve("secret"), "s");
        tree.makeDirectories("a");
        Path parts = Files.createDirectories(tree.root().resolve(".caravan/parts/deep"));
        Files.writeString(parts.resolve("1"), "x");
        Files.createSymbolicLink(parts.resolve("way"), outside);
        Files.createSymbolicLink(tree.root().resolve(".caravan/way"), outside);

        tree.deleteScriptParts();
        assertThat(tree.root().resolve(".caravan")).exists();
        assertThat(tree.root().resolve(".caravan/parts")).doesNotExist();
        tree.deleteWorkDirectory();

        assertThat(tree.root().toFile().list()).containsExactly("a");
        assertThat(secret).hasContent("s");
    }

    @Test
    void aLinkInThePlaceOfWhatTheScriptLeftIsRemovedAlone() throws Exception {
        Path secret = Files.writeString(outside.resolve("secret"), "s");
        tree.makeDirectories("a");
        Files.createSymbolicLink(tree.root().resolve(".caravan/parts"), outside);

        tree.deleteScriptParts();

        assertThat(tree.root().resolve(".caravan/parts")).doesNotExist();
        assertThat(secret).hasContent("s");
    }

    @Test
    void whoSwapsADirectoryForALinkMeanwhileGainsNothing() throws Exception {
        Files.createDirectory(tree.root().resolve("real"));
        Path name = tree.root().resolve("name");
        AtomicBoolean ended = new AtomicBoolean();
        Thread swapper = new Thread(() -> swap(name, ended));
        swapper.start();
        int written = 0;
        try {
            for (int race = 0; race < RACES; race++) {
                try {
                    tree.makeDirectories("name/d" + race);
                    write("name/f" + race, race);
                    written++;
                } catch (IOException e) {
                    LockSupport.parkNanos(1_000);
                }
            }
        } finally {
            ended.set(true);
            swapper.join();
        }

        assertThat(outside).isEmptyDirectory();
        assertThat(written).isPositive();
    }

    /** The name is, in turn, a directory, nothing, and a link that leads outside. */
    private void swap(Path name, AtomicBoolean ended) {
        Path aside = tree.root().resolve("real");
        for (int round = 0; !ended.get(); round++) {
            try {
                Files.move(aside, name);
                LockSupport.parkNanos(200_000);
                Files.move(name, aside);
                Files.createSymbolicLink(name, outside);
                LockSupport.parkNanos(50_000);
                Files.delete(name);
            } catch (IOException e) {
                // the writer made a directory of its own under the name
                putAside(name, round);
            }
        }
    }

    private void putAside(Path name, int round) {
        try {
            Files.move(name, tree.root().resolve("made-" + round));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void write(String path, int content) throws IOException {
        try (FileChannel file = tree.create(path)) {
            file.write(ByteBuffer.wrap(new byte[] {(byte) content}));
        }
    }
}
