package caravan.capture.rocksdb;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import caravan.failure.DamagedException;
import caravan.failure.RefusedException;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.rocksdb.EnvOptions;
import org.rocksdb.FlushOptions;
import org.rocksdb.IngestExternalFileOptions;
import org.rocksdb.Options;
import org.rocksdb.SstFileWriter;
import org.rocksdb.Transaction;
import org.rocksdb.TransactionDB;
import org.rocksdb.TransactionDBOptions;
import org.rocksdb.TxnDBWritePolicy;
import org.rocksdb.WriteOptions;

/**
 * Sequence numbers that are in no log although no log is missing: of files that were put in as a whole, of transactions
 * that were only prepared, of what a crash cut off. And of writes that the node keeps in memory alone, which no capture of a
 * running node has.
 */
class UnloggedWritesTest {

    @TempDir
    Path base;

    private int captures;

    @Test
    void filePutInAsAWholeIsInNoLogAndNothingIsMissing() throws Exception {
        try (SmallDatabase node = SmallDatabase.open(base.resolve("node"))) {
            ingest(node.write(20));
            assertWhole(node);
            assertWhole(node.write(10));
            assertWhole(node.flush(1).write(10));
            ingest(node);
            ingest(node);
            assertWhole(node.flush(2).write(3));

            Files.delete(base.resolve("node/000009.log"));

            assertThatThrownBy(() -> capture(node.directory())).isInstanceOf(DamagedException.class);
        }
    }

    @Test
    void databaseThatBeginsWithFilesPutInAsAWholeIsWhole() throws Exception {
        try (SmallDatabase node = SmallDatabase.open(base.resolve("node"))) {
            ingest(node);
            ingest(node);
            capture(node.directory());
            assertWhole(node.write(10));
        }
    }

    @Test
    void whatIsInMemoryAloneIsCapturedOnlyOfANodeThatHasEnded() throws Exception {
        Path directory = base.resolve("node");
        try (SmallDatabase node = SmallDatabase.open(directory)) {
            node.write(20).writeUnlogged(1).write(5);
            assertRefused(directory, false);
            assertRefused(directory, true);
        }

        assertWhole(directory, 26);
    }

    @Test
    void tablesOfDifferentMomentsAreNotTakenForOneAlthoughNoLogIsMissing() throws Exception {
        Path directory = base.resolve("node");
        try (SmallDatabase node = SmallDatabase.open(directory)) {
            node.writeUnlogged(20).flush().writeUnlogged(5).flush(1).writeUnlogged(5);
            assertRefused(directory, false);
        }

        assertThatThrownBy(() -> capture(directory)).isInstanceOf(RefusedException.class);
        assertThat(new StillRocksDb(directory, Set.of(), true).read(true)).isPresent();
        assertThat(SmallDatabase.verifiedHead(directory)).isEqualTo(30);
    }

    @Test
    void tablesThatAreWrittenAllAtOnceAreOfOneMomentWithoutALog() throws Exception {
        Path directory = base.resolve("node");
        try (SmallDatabase node = SmallDatabase.open(directory, options -> options.setAtomicFlush(true))) {
            node.writeUnlogged(20).flush().writeUnlogged(5).flush().writeUnlogged(5);
            capture(directory);
        }

        assertThat(SmallDatabase.verifiedHead(base.resolve("copy-1"))).isEqualTo(25);
    }

    @Test
    void transactionsThatWerePreparedTakeNoNumbersAndNothingIsMissing() throws Exception {
        for (TxnDBWritePolicy policy : List.of(TxnDBWritePolicy.WRITE_COMMITTED, TxnDBWritePolicy.WRITE_PREPARED)) {
            Path directory = base.resolve(policy.name());
            for (int opening = 0; opening < 2; opening++) {
                writeTransactions(directory, policy);
            }
        }
    }

    @Test
    void recordThatACrashCutOffIsNotMissedInALogThatIsKeptAfterIt() throws Exception {
        Path directory = base.resolve("node");
        try (SmallDatabase node = SmallDatabase.open(directory)) {
            node.write(20);
        }
        Path log = directory.resolve("000004.log");
        try (FileChannel file = FileChannel.open(log, StandardOpenOption.WRITE)) {
            file.truncate(file.size() - 5);
        }

        try (SmallDatabase node = SmallDatabase.open(directory, options -> options.setAvoidFlushDuringRecovery(true))) {
            assertThat(node.head()).isEqualTo(19);
            capture(directory);
            assertWhole(node.write(10));
        }
        assertThat(log).exists();
    }

    private void writeTransactions(Path directory, TxnDBWritePolicy policy) throws Exception {
        // So that it holds still while it is open.
        try (Options options = new Options().setCreateIfMissing(true).setDisableAutoCompactions(true);
                TransactionDBOptions transactions = new TransactionDBOptions().setWritePolicy(policy);
                WriteOptions write = new WriteOptions();
                FlushOptions flush = new FlushOptions();
                TransactionDB node = TransactionDB.open(options, transactions, directory.toString())) {
            assertStillWhole(directory);
            for (int i = 0; i < 5; i++) {
                node.put(write, key("a" + i), key("x"));
                try (Transaction committed = prepared(node, write, "t" + i)) {
                    committed.commit();
                }
            }
            assertStillWhole(directory);
            try (Transaction open = prepared(node, write, "open")) {
                node.flush(flush);
                node.put(write, key("b"), key("x"));
                assertStillWhole(directory);
                open.commit();
            }
            assertStillWhole(directory);
            node.flush(flush);
            assertStillWhole(directory);
        }
    }

    private static Transaction prepared(TransactionDB node, WriteOptions write, String name) throws Exception {
        Transaction transaction = node.beginTransaction(write);
        transaction.setName(name);
        transaction.put(key(name + "k"), key("v"));
        transaction.put(key(name + "l"), key("v"));
        transaction.prepare();
        return transaction;
    }

    private static void assertStillWhole(Path directory) throws Exception {
        Optional<RocksDbCopy> copy = new StillRocksDb(directory, Set.of(), false).read(true);

        // What commits one is in no table, so the log that an opening names cannot be told from one that is missing.
        assertThat(copy).hasValueSatisfying(found -> assertThat(found.notes())
                .allMatch(note -> note.matches("write-ahead log .* needs, .*|the write-ahead logs begin at .*")));
    }

    /** Its keys enclose one that the database has, so that it must get a sequence number of its own. */
    private void ingest(SmallDatabase node) throws Exception {
        Path file = base.resolve("file.sst");
        try (Options options = new Options();
                EnvOptions environment = new EnvOptions();
                SstFileWriter writer = new SstFileWriter(environment, options);
                IngestExternalFileOptions how = new IngestExternalFileOptions()) {
            writer.open(file.toString());
            writer.put(key("a"), key("1"));
            writer.put(key("i"), key("1"));
            writer.finish();
            node.database().ingestExternalFile(List.of(file.toString()), how);
        }
    }

    private static byte[] key(String text) {
        return text.getBytes(UTF_8);
    }

    private void assertRefused(Path directory, boolean nodeEnded) throws Exception {
        assertThatThrownBy(() -> new StillRocksDb(directory, Set.of(), nodeEnded).read(false))
                .isInstanceOf(RefusedException.class)
                .hasMessageContaining("without its log");
        assertThatThrownBy(() -> capture(directory))
                .isInstanceOfSatisfying(RefusedException.class, refusal -> assertThat(refusal.hint())
                        .contains("capture=stop"));
    }

    private void assertWhole(SmallDatabase node) throws Exception {
        assertWhole(node.directory(), node.head());
    }

    private void assertWhole(Path directory, long head) throws Exception {
        capture(directory);
        assertThat(SmallDatabase.verifiedHead(base.resolve("copy-" + captures))).isEqualTo(head);
    }

    private void capture(Path directory) throws Exception {
        captures++;
        Path copy = Files.createDirectory(base.resolve("copy-" + captures));
        Path hold = Files.createDirectory(base.resolve("hold-" + captures));
        new RocksDbCapture().capture(new RocksDbSource(directory.toRealPath(), Set.of()), copy, hold, 0);
        assertEmpty(hold);
    }

    private static void assertEmpty(Path directory) throws IOException {
        try (DirectoryStream<Path> files = Files.newDirectoryStream(directory)) {
            assertThat(files).isEmpty();
        }
    }
}
