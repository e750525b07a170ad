package caravan.capture.rocksdb;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import caravan.capture.rocksdb.ManifestState.ColumnFamily;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Databases as releases of RocksDB from 8 to the program's own wrote them, read without RocksDB. */
class OtherReleasesTest {

    /** The release that the program comes with. */
    private static final String OWN = "own";

    private static final int SHORTEST_RECORD = 8;

    @TempDir
    Path made;

    @ParameterizedTest
    @ValueSource(strings = {"8.11.4", "9.8.4", "9.11.2", "10.0.1", OWN})
    void manifestSaysWhatItsOwnEngineSays(String release) throws Exception {
        Path database = databaseOf(release);
        List<String> told = Files.readAllLines(database.resolve("engine.txt"), UTF_8);

        ManifestState state = stateOf(Files.readAllBytes(manifestIn(database)));

        List<String> read = new ArrayList<>();
        state.liveFiles().forEach((name, size) -> read.add("file " + name + " " + size));
        state.columnFamilies().forEach(column -> read.add("column " + column.name()));
        Collections.sort(read);
        assertThat(read)
                .isEqualTo(told.stream()
                        .filter(line -> !line.startsWith("sequence"))
                        .toList());
        assertThat(state.columnFamilies())
                .extracting(ColumnFamily::comparator)
                .containsOnly("leveldb.BytewiseComparator", "rocksdb.ReverseBytewiseComparator");
        assertThat(state.databaseId())
                .isEqualTo(Files.readString(database.resolve("IDENTITY"), UTF_8).strip());
    }

    @ParameterizedTest
    @ValueSource(strings = {"8.11.4", "9.8.4", "9.11.2", "10.0.1", OWN})
    void wholeDatabaseIsSoundAndItsLogsEndWhereTheEngineDid(String release) throws Exception {
        Path database = databaseOf(release);
        List<String> told = Files.readAllLines(database.resolve("engine.txt"), UTF_8);

        Verdict verdict = StructureCheck.verify(database);

        assertThat(verdict).isInstanceOf(Verdict.Sound.class);
        assertThat(told).contains("sequence " + ((Verdict.Sound) verdict).lastSequence());
    }

    @ParameterizedTest
    @ValueSource(strings = {"8.11.4", "9.8.4", "9.11.2", "10.0.1", OWN})
    void manifestThatIsCutAtAnyByteOfItsLastRecordIsToldFromAWholeOne(String release) throws Exception {
        byte[] whole = Files.readAllBytes(manifestIn(databaseOf(release)));
        int cut = 0;
        for (int length = whole.length - 1; readCut(whole, length) instanceof ManifestReader.Result.CutOff; length--) {
            cut++;
        }
        assertThat(cut).as("bytes of the last record, less one").isGreaterThan(SHORTEST_RECORD);
        // One byte less than that is the end of the record before: a whole MANIFEST of an earlier moment.
        assertThat(readCut(whole, whole.length - 1 - cut)).isInstanceOf(ManifestReader.Result.Complete.class);
    }

    private ManifestReader.Result readCut(byte[] manifest, int length) throws Exception {
        return ManifestReader.read(Files.write(made.resolve("MANIFEST-cut"), Arrays.copyOf(manifest, length)));
    }

    private ManifestState stateOf(byte[] manifest) throws Exception {
        ManifestReader.Result result = readCut(manifest, manifest.length);
        assertThat(result).isInstanceOf(ManifestReader.Result.Complete.class);
        return ((ManifestReader.Result.Complete) result).state();
    }

    private Path databaseOf(String release) throws Exception {
        if (!release.equals(OWN)) {
            return Path.of("src/test/resources/rocksdb").resolve(release);
        }
        Path own = Files.createDirectories(made.resolve("own"));
        FixtureDatabase.write(own);
        return own;
    }

    private static Path manifestIn(Path database) throws Exception {
        try (Stream<Path> files = Files.list(database)) {
            return files.filter(file -> file.getFileName().toString().startsWith("MANIFEST"))
                    .findFirst()
                    .orElseThrow();
        }
    }
}
