package caravan.capture.rocksdb;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.Comparator;
import java.util.Set;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.rocksdb.DBOptions;

class OptionsRulesTest {

    private static final Path DATABASE = Path.of("/data/chains/demo/db/full");

    @TempDir
    Path directory;

    @Test
    void whatTheEngineWritesByDefaultBreaksNoRule() throws Exception {
        OptionsFile options = writtenByTheEngine(settings -> {});

        assertThat(options.database())
                .containsEntry("recycle_log_file_num", "0")
                .containsKey("wal_recovery_mode");
        assertThat(options.columnFamilies()).hasSize(SmallDatabase.COLUMNS);
        assertThat(OptionsRules.firstBroken(options, Set.of(directory))).isEmpty();
    }

    @Test
    void theEnginesOwnSpellingOfEachUnfitSettingIsUnderstood() throws Exception {
        assertThat(OptionsRules.firstBroken(
                        writtenByTheEngine(settings -> settings.setRecycleLogFileNum(4)), Set.of(directory)))
                .hasValue("recycle_log_file_num=4");
        assertThat(OptionsRules.firstBroken(
                        writtenByTheEngine(settings -> settings.setManualWalFlush(true)), Set.of(directory)))
                .hasValue("manual_wal_flush=true");
        assertThat(OptionsRules.firstBroken(
                        writtenByTheEngine(
                                settings -> settings.setUnorderedWrite(true).setAllowConcurrentMemtableWrite(true)),
                        Set.of(directory)))
                .hasValue("unordered_write=true");
        assertThat(OptionsRules.firstBroken(
                        writtenByTheEngine(settings -> settings.setAllowMmapWrites(true)), Set.of(directory)))
                .hasValue("allow_mmap_writes=true");
        assertThat(OptionsRules.firstBroken(
                        writtenByTheEngine(settings -> settings.setAllow2pc(true)), Set.of(directory)))
                .hasValue("allow_2pc=true");
        Path elsewhere = directory.resolveSibling("wal");
        assertThat(OptionsRules.firstBroken(
                        writtenByTheEngine(settings -> settings.setWalDir(elsewhere.toString())), Set.of(directory)))
                .hasValue("wal_dir=" + elsewhere);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "recycle_log_file_num=1",
                "wal_dir=/other",
                "allow_mmap_writes=true",
                "manual_wal_flush=true",
                "unordered_write=true",
                "allow_2pc=true",
                "two_write_queues=true",
                "db_paths={path=/other;target_size=100}"
            })
    void eachSettingOfTheDatabaseThatBreaksARuleIsNamed(String line) throws Exception {
        assertThat(OptionsRules.firstBroken(
                        OptionsFile.parse("[DBOptions]\n  max_open_files=512\n  " + line + "\n"), Set.of(DATABASE)))
                .hasValue(line);
    }

    @ParameterizedTest
    @ValueSource(strings = {"cf_paths={path=/other;target_size=100}", "enable_blob_direct_write=true"})
    void eachSettingOfAColumnFamilyThatBreaksARuleIsNamed(String line) throws Exception {
        assertThat(OptionsRules.firstBroken(
                        OptionsFile.parse("[DBOptions]\n[CFOptions \"default\"]\nx=1\n[CFOptions \"col1\"]\n" + line),
                        Set.of(DATABASE)))
                .hasValue(line);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "recycle_log_file_num=0",
                "wal_dir=",
                "wal_dir=/data/chains/demo/db/full",
                "wal_dir=/data/chains/demo/./db/full/",
                "db_paths={}",
                "db_paths=",
                "unordered_write=false",
                "setting_of_a_later_release=true",
                "# manual_wal_flush=true"
            })
    void otherSettingsAreFit(String line) throws Exception {
        assertThat(OptionsRules.firstBroken(OptionsFile.parse("[DBOptions]\n" + line), Set.of(DATABASE)))
                .isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"", "[Version]\n", "a=b\n[DBOptions]\n", "[DBOptions]\nnonsense\n", "[DBOptions]\n[DBOptions]\n"
            })
    void aFileThatIsNotOptionsIsToldFromOne(String text) {
        assertThatThrownBy(() -> OptionsFile.parse(text)).isInstanceOf(BadFormatException.class);
    }

    private OptionsFile writtenByTheEngine(Consumer<DBOptions> settings) throws Exception {
        try (SmallDatabase database = SmallDatabase.open(directory, settings)) {
            database.write(1);
            Path file = SourceListing.of(directory).stream()
                    .filter(entry -> entry.kind() == EngineFile.Kind.OPTIONS)
                    .max(Comparator.comparingLong(EngineFile::number))
                    .map(entry -> directory.resolve(entry.name()))
                    .orElseThrow();
            return OptionsFile.read(file);
        }
    }
}
