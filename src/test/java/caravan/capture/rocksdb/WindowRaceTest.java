package caravan.capture.rocksdb;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import caravan.capture.rocksdb.EngineFile.Kind;
import caravan.failure.CaravanException;
import caravan.failure.DamagedException;
import caravan.failure.RefusedException;
import caravan.failure.TransientException;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Comparator;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.rocksdb.FlushOptions;
import org.rocksdb.RocksDBException;

/** The engine acts at exactly the worst moment of a capture, once; the capture must notice, or be right all the same. */
class WindowRaceTest {

    @TempDir
    Path base;

    private final FakeClock clock = new FakeClock();

    private SmallDatabase database;
    private Path copy;
    private Path hold;

    @BeforeEach
    void openDatabase() throws Exception {
        copy = Files.createDirectory(base.resolve("copy"));
        hold = Files.createDirectory(base.resolve("hold"));
        database = SmallDatabase.open(base.resolve("db"));
        database.write(30).flush().write(30).flush().write(30);
    }

    @AfterEach
    void closeDatabase() {
        database.close();
    }

    @Test
    void aFlushThatDeletesLogsWhileTheWindowIsOpen() throws Exception {
        RocksDbCopy captured = capture(new WindowHooks() {
            @Override
            public void opened() throws IOException {
                once(() -> database.flush().write(10));
            }
        });

        assertThat(captured.retries()).isEqualTo(1);
        assertWholeUpTo(100);
    }

    @Test
    void aFlushBetweenTwoLogs() throws Exception {
        database.flush(1).write(5).flush(2).write(5);
        RocksDbCopy captured = capture(new WindowHooks() {
            @Override
            public void logLinked(long number) throws IOException {
                once(() -> database.flush().write(10));
            }
        });

        assertThat(captured.retries()).isEqualTo(1);
        assertWholeUpTo(110);
    }

    @Test
    void aCompactionThatDeletesTables() throws Exception {
        RocksDbCopy captured = capture(new WindowHooks() {
            @Override
            public void opened() throws IOException {
                once(() -> database.compact());
            }
        });

        assertThat(captured.retries()).isEqualTo(1);
        assertWholeUpTo(90);
    }

    @Test
    void aCompactionJustBeforeTheWindowCloses() throws Exception {
        RocksDbCopy captured = capture(new WindowHooks() {
            @Override
            public void closing() throws IOException {
                once(() -> database.compact());
            }
        });

        assertThat(captured.retries()).isEqualTo(1);
        assertWholeUpTo(90);
    }

    @Test
    void aCompactionBeforeTheWindowOpensNeedsNoRetry() throws Exception {
        RocksDbCopy captured = capture(new WindowHooks() {
            @Override
            public void preLinked() throws IOException {
                once(() -> database.compact());
            }
        });

        assertThat(captured.retries()).isZero();
        assertWholeUpTo(90);
    }

    @Test
    void everythingTheEngineDoesAfterTheWindowIsLeftOut() throws Exception {
        RocksDbCopy captured = capture(new WindowHooks() {
            @Override
            public void held() throws IOException {
                once(() -> database.write(50).flush().write(50).compact().write(50));
            }
        });

        assertThat(captured.retries()).isZero();
        assertWholeUpTo(90);
        assertThat(database.head()).isEqualTo(240);
    }

    @Test
    void aNewManifestReplacesTheOld() throws Exception {
        database.close();
        database = SmallDatabase.open(base.resolve("db"), options -> options.setMaxManifestFileSize(1));
        database.write(10);
        RocksDbCopy captured = capture(new WindowHooks() {
            @Override
            public void tablesLinked() throws IOException {
                once(() -> database.flush().write(10));
            }
        });

        assertThat(captured.retries()).isEqualTo(1);
        assertWholeUpTo(110);
    }

    @Test
    void aNewLogWithoutAnEditIsLeftOutAndTheCopyIsWhole() throws Exception {
        RocksDbCopy captured = capture(new WindowHooks() {
            @Override
            public void tablesLinked() throws IOException {
                once(() -> {
                    database.database().pauseBackgroundWork();
                    try (FlushOptions later = new FlushOptions().setWaitForFlush(false)) {
                        database.database().flush(later);
                    }
                    database.write(10);
                });
            }

            @Override
            public void held() throws IOException {
                continueWork();
            }
        });

        assertThat(captured.retries()).isZero();
        assertWholeUpTo(90);
    }

    @Test
    void writesDuringTheWindowNeedNoRetry() throws Exception {
        RocksDbCopy captured = capture(new WindowHooks() {
            @Override
            public void tablesLinked() throws IOException {
                once(() -> database.write(7));
            }

            @Override
            public void closing() throws IOException {
                database.head();
            }
        });

        assertThat(captured.retries()).isZero();
        assertWholeUpTo(97);
    }

    @Test
    void aRestartOfTheNode() throws Exception {
        RocksDbCopy captured = capture(new WindowHooks() {
            @Override
            public void opened() throws IOException {
                once(() -> {
                    database.close();
                    database = SmallDatabase.open(base.resolve("db"));
                    database.write(10);
                });
            }
        });

        assertThat(captured.retries()).isEqualTo(1);
        // Until its first flush the MANIFEST names a log that was never created.
        assertThat(captured.notes()).isEmpty();
        assertWholeUpTo(100);
    }

    @Test
    void aRestartAfterTablesWereLinkedMakesThemBeLinkedAnew() throws Exception {
        Path still = stillCopyOfTheDatabase();
        Path table = anyTable(still);
        RocksDbCopy captured = capture(still, new WindowHooks() {
            @Override
            public void preLinked() throws IOException {
                once(() -> {
                    replaceByAnotherFile(table);
                    replaceByAnotherFile(still.resolve("CURRENT"));
                });
            }
        });

        assertThat(captured.retries()).isZero();
        assertThat(inodeOf(copy.resolve(table.getFileName()))).isEqualTo(inodeOf(table));
        assertWholeUpTo(90);
    }

    @Test
    void aTableThatWasReplacedIsNoticedThoughCurrentIsTheSame() throws Exception {
        Path still = stillCopyOfTheDatabase();
        Path table = anyTable(still);
        RocksDbCopy captured = capture(still, new WindowHooks() {
            @Override
            public void preLinked() throws IOException {
                once(() -> replaceByAnotherFile(table));
            }
        });

        assertThat(captured.retries()).isEqualTo(1);
        assertThat(inodeOf(copy.resolve(table.getFileName()))).isEqualTo(inodeOf(table));
        assertWholeUpTo(90);
    }

    @Test
    void aLogThatTheListingMissedMakesItTryAgain() throws Exception {
        Path still = stillCopyOfTheDatabase();
        RocksDbCopy captured = capture(still, new WindowHooks() {
            @Override
            public void tablesLinked() throws IOException {
                once(() -> Files.createFile(still.resolve("000001.log")));
            }
        });

        assertThat(captured.retries()).isEqualTo(1);
        assertThat(copy.resolve("000001.log")).doesNotExist();
        assertWholeUpTo(90);
    }

    @Test
    void settingsThatARestartMadeUnfitAreNoticed() throws Exception {
        Path still = stillCopyOfTheDatabase();

        assertThatThrownBy(() -> capture(still, new WindowHooks() {
                    @Override
                    public void preLinked() throws IOException {
                        String options = Files.readString(options(still), UTF_8);
                        Files.writeString(
                                still.resolve("OPTIONS-999999"),
                                options.replace("manual_wal_flush=false", "manual_wal_flush=true"),
                                UTF_8);
                    }
                }))
                .isInstanceOf(RefusedException.class)
                .hasMessageContaining("manual_wal_flush=true");
    }

    @Test
    void givesUpAfterFourHundredTriesWithGrowingPauses() throws Exception {
        Path still = stillCopyOfTheDatabase();

        assertThatThrownBy(() -> capture(still, growingManifest(still)))
                .isInstanceOf(TransientException.class)
                .hasMessageContaining("400 tries");

        assertThat(clock.pauses).hasSize(399);
        assertThat(clock.pauses.subList(0, 3)).containsExactly(200_000L, 400_000L, 800_000L);
        assertThat(clock.pauses).isSortedAccordingTo(Comparator.naturalOrder()).endsWith(20_000_000L);
    }

    @Test
    void givesUpAfterAMinute() throws Exception {
        Path still = stillCopyOfTheDatabase();
        FakeClock slow = new FakeClock(1_000_000_000);

        assertThatThrownBy(() -> capture(still, growingManifest(still), slow))
                .isInstanceOf(TransientException.class)
                .hasMessageContaining("it changed during each of");

        assertThat(slow.pauses).hasSizeLessThan(60);
    }

    @Test
    void anInterruptEndsItAndStaysVisible() throws Exception {
        Path still = stillCopyOfTheDatabase();
        Thread.currentThread().interrupt();
        try {
            assertThatThrownBy(() -> capture(still, growingManifest(still))).isInstanceOf(TransientException.class);
            assertThat(Thread.currentThread().isInterrupted()).isTrue();
        } finally {
            Thread.interrupted();
        }
    }

    @Test
    void aRequiredLogThatStaysAbsentIsAcceptedWithANote() throws Exception {
        Path still = stillCopyOfTheDatabase();
        Files.delete(logOf(still));

        RocksDbCopy captured = capture(still, WindowHooks.NONE);

        assertThat(captured.retries()).isEqualTo(CaptureRun.MAX_ROUNDS - 1);
        assertThat(captured.notes()).singleElement().asString().contains("is not there");
        assertThat(SmallDatabase.verifiedHead(copy)).isEqualTo(60);
    }

    @Test
    void aRequiredLogThatIsThereTheSecondTimeLeavesNoNote() throws Exception {
        Path still = stillCopyOfTheDatabase();
        Path log = logOf(still);
        Path aside = base.resolve("aside");
        Files.move(log, aside);

        RocksDbCopy captured = capture(still, new WindowHooks() {
            @Override
            public void held() throws IOException {
                once(() -> Files.move(aside, log));
            }
        });

        assertThat(captured.retries()).isEqualTo(1);
        assertThat(captured.notes()).isEmpty();
        assertWholeUpTo(90);
    }

    @Test
    void aManifestThatStaysCutOffIsDamage() throws Exception {
        Path still = stillCopyOfTheDatabase();
        Files.write(manifestOf(still), new byte[] {1, 2, 3}, StandardOpenOption.APPEND);

        assertThatThrownBy(() -> capture(still, WindowHooks.NONE))
                .isInstanceOf(DamagedException.class)
                .hasMessageContaining("incomplete");
    }

    @Test
    void aDatabaseThatLacksATableIsDamage() throws Exception {
        Path still = stillCopyOfTheDatabase();
        Files.delete(anyTable(still));

        assertThatThrownBy(() -> capture(still, WindowHooks.NONE))
                .isInstanceOf(DamagedException.class)
                .hasMessageContaining("missing from the directory");
    }

    private interface Act {
        void run() throws IOException, RocksDBException;
    }

    private final AtomicBoolean acted = new AtomicBoolean();

    private void once(Act act) throws IOException {
        if (acted.getAndSet(true)) {
            return;
        }
        try {
            act.run();
        } catch (RocksDBException e) {
            throw new IllegalStateException(e);
        }
    }

    private void continueWork() {
        try {
            database.database().continueBackgroundWork();
        } catch (RocksDBException e) {
            throw new IllegalStateException(e);
        }
    }

    private RocksDbCopy capture(WindowHooks hooks) throws CaravanException, IOException {
        return capture(database.directory(), hooks);
    }

    private RocksDbCopy capture(Path source, WindowHooks hooks) throws CaravanException, IOException {
        return capture(source, hooks, clock);
    }

    private RocksDbCopy capture(Path source, WindowHooks hooks, RetryClock time) throws CaravanException, IOException {
        return new RocksDbCapture(Files::createLink, hooks, time)
                .capture(new RocksDbSource(source.toRealPath(), Set.of()), copy, hold, 0);
    }

    private void assertWholeUpTo(long head) throws Exception {
        assertThat(hold).isEmptyDirectory();
        assertThat(StructureCheck.verify(copy)).isNotInstanceOf(Verdict.Damaged.class);
        assertThat(SmallDatabase.verifiedHead(copy)).isEqualTo(head);
    }

    private Path stillCopyOfTheDatabase() throws IOException {
        database.close();
        Path still = Files.createDirectory(base.resolve("still"));
        try (DirectoryStream<Path> files = Files.newDirectoryStream(database.directory())) {
            for (Path file : files) {
                Files.copy(file, still.resolve(file.getFileName()));
            }
        }
        return still;
    }

    private static WindowHooks growingManifest(Path directory) {
        return new WindowHooks() {
            @Override
            public void opened() throws IOException {
                Files.write(manifestOf(directory), new byte[1], StandardOpenOption.APPEND);
            }
        };
    }

    private static void replaceByAnotherFile(Path file) throws IOException {
        Path other = file.resolveSibling("000099.dbtmp");
        Files.copy(file, other);
        Files.move(other, file, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.ATOMIC_MOVE);
    }

    private static long inodeOf(Path file) throws IOException {
        return FileStat.of(file).inode();
    }

    private static Path anyTable(Path directory) throws IOException {
        return newest(directory, Kind.TABLE);
    }

    private static Path manifestOf(Path directory) throws IOException {
        return newest(directory, Kind.MANIFEST);
    }

    private static Path logOf(Path directory) throws IOException {
        return newest(directory, Kind.WAL);
    }

    private static Path options(Path directory) throws IOException {
        return newest(directory, Kind.OPTIONS);
    }

    private static Path newest(Path directory, Kind kind) throws IOException {
        return SourceListing.of(directory).stream()
                .filter(file -> file.kind() == kind)
                .max(Comparator.comparingLong(EngineFile::number))
                .map(file -> directory.resolve(file.name()))
                .orElseThrow();
    }
}
