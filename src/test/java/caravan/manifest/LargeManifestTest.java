package caravan.manifest;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LargeManifestTest {

    @TempDir
    Path directory;

    @Test
    void manifestOf200000FilesIsWrittenReadAndExportedIn32MegabytesOfHeap() throws Exception {
        Path output = directory.resolve("output");

        Process process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xmx32m",
                        "-cp",
                        System.getProperty("java.class.path"),
                        LargeManifest.class.getName(),
                        directory.resolve("manifest.jsonl").toString(),
                        "200000")
                .redirectErrorStream(true)
                .redirectOutput(output.toFile())
                .start();
        boolean ended = process.waitFor(120, TimeUnit.SECONDS);
        process.destroyForcibly();

        assertThat(ended).isTrue();
        assertThat(Files.readString(output)).startsWith("200000 files, 200000 chunks\n");
        assertThat(process.exitValue()).isZero();
    }
}
