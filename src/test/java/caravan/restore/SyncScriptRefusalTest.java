package caravan.restore;

import static caravan.restore.Bucket.DATABASE;
import static caravan.restore.Bucket.snapshot;
import static org.assertj.core.api.Assertions.assertThat;

import caravan.manifest.PointerFormat;
import caravan.manifest.RecordFormat;
import caravan.samplenode.Profile;
import caravan.samplenode.RunningSampleNode;
import caravan.signature.NoteKind;
import caravan.signature.SignedNote;
import caravan.signature.SigningKey;
import caravan.snapshot.Digest;
import caravan.snapshot.ManifestHeader;
import caravan.snapshot.ObjectRef;
import caravan.snapshot.Pointer;
import caravan.snapshot.SnapshotRecord;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Whom {@code sync.sh} believes and what it refuses to write to: as {@code caravan fetch}. */
@Timeout(180)
class SyncScriptRefusalTest {

    @AutoClose
    private final DemoDatabase demo = DemoDatabase.signedToday(Bucket.oneStore(1000));

    private final Instant now = demo.now();
    private final Bucket bucket = demo.bucket();
    private final FaultServer server = demo.server();
    private final SyncScript script = demo.script();
    private final Path target = demo.target();
    private final SigningKey stranger = SigningKey.generate();
    private final Bucket.Tree tree =
            new Bucket.Tree().file("db/full/CURRENT", "MANIFEST-000004\n").file("db/full/1.sst", Trees.bytes(2500, 1));

    @Test
    void onlyTheTrustedKeyIsBelieved() throws Exception {
        new Bucket(bucket.root(), stranger, now).point(demo.publish(tree, 1), 1);
        refused(3, "cannot believe", "demo/latest", stranger.fingerprint());
        assertThat(server.requests())
                .hasSize(2)
                .allMatch(path -> path.matches("demo/latest(\\?caravan-retry=[0-9]+)?"));

        demo.publishLatest(tree, 1);
        String text = new String(bucket.get("demo/latest"), StandardCharsets.UTF_8);
        put("demo/latest", text.replaceFirst("\"sequence\":1", "\"sequence\":2"));
        refused(3, "does not match the signed line");

        put("demo/latest", text.substring(0, text.indexOf('\n') + 1));
        refused(3, "it has no signature");

        put("demo/latest", text.replace("-----END", "x-----END"));
        refused(3, "signature");

        put("demo/latest", text + "x");
        refused(3, "cannot believe");

        put("demo/latest", "<!DOCTYPE html><p>Please log in");
        refused(3, "a web page came back");
    }

    @Test
    void aSignatureIsGoodForItsOwnPurposeAndItsOwnDatabaseOnly() throws Exception {
        SnapshotRecord record = demo.publish(tree, 1);
        byte[] line = PointerFormat.write(pointer(record, 1, now.plus(Duration.ofDays(1))));
        bucket.put("demo/latest", SignedNote.sign(line, NoteKind.RECORD, demo.key()));
        refused(3, "for another purpose than caravan-pointer");

        bucket.point(record, 1);
        bucket.put("other/latest", bucket.get("demo/latest"));
        script.run(server.base() + "/other", target).refusedWith(3, "is the pointer of demo, not of other");

        bucket.putRecord(snapshot(2), record);
        script.run(demo.url(2), target).refusedWith(3, "is the record of snapshot " + snapshot(1));

        new Bucket(bucket.root(), demo.key(), now.plusSeconds(60))
                .publish(tree, snapshot(1), false, Bucket.oneStore(1000));
        refused(3, "is not the record that the pointer names");
    }

    @Test
    void ofSeveralSignaturesOneThatIsTrustedIsEnoughAndNoneOfItMayBeWrong() throws Exception {
        SnapshotRecord record = demo.publish(tree, 1);
        byte[] line = PointerFormat.write(pointer(record, 1, now.plus(Duration.ofDays(1))));
        byte[] both = SignedNote.sign(line, NoteKind.POINTER, stranger, demo.key());
        bucket.put("demo/latest", both);
        script.run(demo.url(), demo.directory().resolve("disk2")).done();

        byte[] other = SignedNote.sign(
                PointerFormat.write(pointer(record, 2, now.plus(Duration.ofDays(1)))), NoteKind.POINTER, demo.key());
        String wrong = new String(other, StandardCharsets.UTF_8);
        put("demo/latest", new String(both, StandardCharsets.UTF_8) + wrong.substring(wrong.indexOf('\n') + 1));
        refused(3, "does not match the signed line");
    }

    @Test
    void aLowerSequenceAnExpiredPointerAndOneFarAheadAreRefused() throws Exception {
        SnapshotRecord record = demo.publish(tree, 1);
        bucket.point(record, 7);
        script.run(demo.url(), demo.directory().resolve("disk2")).done();

        bucket.point(record, 6);
        refused(4, "sequence 6", "7 was already accepted");
        bucket.point(record, 7 + 1_000_001);
        refused(4, "1000008");
        bucket.point(record, 8, now.minusSeconds(1));
        refused(4, "expired at");
        // What the Java client has seen counts too.
        bucket.point(record, 9);
        demo.fetchInto(demo.directory().resolve("disk3"));
        bucket.point(record, 8);
        refused(4, "9 was already accepted");
        assertThat(Files.readString(demo.state()
                        .resolve("sequences")
                        .resolve(demo.key()
                                .fingerprint()
                                .replace(':', '-')
                                .replace('/', '_')
                                .replace('+', '-'))
                        .resolve("demo")))
                .isEqualTo("caravan-seen-1 9\n");
    }

    @Test
    void whatIsWantedMustBeWhatTheRecordSays() throws Exception {
        demo.publishLatest(tree, 1);

        script.run(demo.url(), target, "--expect", "chain=polkadot")
                .refusedWith(4, "has chain \"testnet\", expected \"polkadot\"");
    }

    @Test
    void aListThatIsNotTheSignedOneIsRefused() throws Exception {
        demo.publishLatest(tree, 1);
        String name = "demo/" + snapshot(1) + "/chunks.tsv";
        String list = new String(bucket.get(name), StandardCharsets.UTF_8);

        put(name, list.replace("db/full/1.sst", "db/full/2.sst"));
        refused(3, "chunks.tsv does not match what was signed about it");
        put(name, list + list);
        refused(3, "chunks.tsv sent more than the expected");
        put(name, list.substring(10));
        refused(3, "chunks.tsv");
        Files.delete(bucket.root().resolve(name));
        refused(1, "chunks.tsv answered 404");
    }

    @Test
    void anEscapeIsRefusedThoughItIsSigned() throws Exception {
        for (String path : List.of("../../evil", "/etc/evil", ".caravan/lock")) {
            SnapshotRecord good = demo.publish(tree, 1);
            byte[] manifest = bucket.get("demo/" + snapshot(1) + "/manifest.jsonl");
            String list = new String(bucket.get("demo/" + snapshot(1) + "/chunks.tsv"), StandardCharsets.UTF_8);
            bucket.point(
                    bucket.publish(
                            snapshot(1),
                            manifest,
                            list.replace("db/full/1.sst", path).getBytes(StandardCharsets.UTF_8),
                            good.totals(),
                            new ManifestHeader(DATABASE, snapshot(1), List.of(Bucket.oneStore(1000)))),
                    1);

            refused(3, "chunks.tsv: line ", "\"" + path + "\"");
        }
        assertThat(demo.directory().resolve("evil")).doesNotExist();
    }

    @Test
    void aPlantedLinkIsNeverFollowed() throws Exception {
        demo.publishLatest(tree, 1);
        script.run(demo.url(), target).done();
        Path outside = Files.writeString(demo.directory().resolve("outside"), "mine");
        Files.delete(target.resolve("db/full/1.sst"));
        Files.createSymbolicLink(target.resolve("db/full/1.sst"), outside);
        List<String> before = Trees.print(target);
        script.run(demo.url(), target).refusedWith(4, "db/full/1.sst is a link");
        assertThat(outside).hasContent("mine");
        assertThat(Trees.print(target)).isEqualTo(before);

        Files.delete(target.resolve("db/full/1.sst"));
        Path elsewhere = Files.createDirectory(demo.directory().resolve("elsewhere"));
        Files.move(target.resolve("db"), elsewhere.resolve("db"));
        Files.createSymbolicLink(target.resolve("db"), elsewhere.resolve("db"));
        List<String> untouched = Trees.print(elsewhere);
        script.run(demo.url(), target).refusedWith(4, "db is a link");
        assertThat(Trees.print(elsewhere)).isEqualTo(untouched);

        Path fresh = demo.disk().resolve("fresh");
        Path stage = Files.createDirectory(demo.disk().resolve("fresh.caravan-incomplete"));
        Files.createDirectory(stage.resolve("db"));
        Files.createSymbolicLink(stage.resolve("db/full"), elsewhere);
        script.run(demo.url(), fresh).refusedWith(4, "db/full is a link");
        Files.delete(stage.resolve("db/full"));
        Files.delete(stage.resolve("db"));
        Files.createSymbolicLink(stage.resolve(".caravan"), elsewhere);
        script.run(demo.url(), fresh).refusedWith(4, "is a link");
        Files.delete(stage.resolve(".caravan"));
        Files.delete(stage);
        Files.createSymbolicLink(stage, elsewhere);
        script.run(demo.url(), fresh).refusedWith(4, "in the way");
        assertThat(Trees.print(elsewhere)).isEqualTo(untouched);
        assertThat(fresh).doesNotExist();
    }

    @Test
    void aDirectoryOfOtherThingsIsRefusedAndUntouched() throws Exception {
        demo.publishLatest(tree, 1);
        Files.createDirectories(target.resolve("db"));
        Files.writeString(target.resolve("letter.txt"), "dear");
        List<String> before = Trees.print(target);

        script.run(demo.url(), target).refusedWith(4, "holds no database", "letter.txt");
        script.run(demo.url(), target.resolveSibling("not/mounted")).refusedWith(4, "does not exist");
        script.run(demo.url(), target.resolve("letter.txt")).refusedWith(4, "is not a directory");

        assertThat(Trees.print(target)).isEqualTo(before);
        assertThat(Trees.list(demo.disk())).containsExactly("data");
    }

    @Test
    void aDatabaseThatAProcessHoldsIsRefused() throws Exception {
        demo.publishLatest(tree, 1);
        script.run(demo.url(), target).done();
        Files.writeString(target.resolve("db/full/1.sst"), "differs");
        try (LockHolder holder = LockHolder.start(target.resolve("db/full/LOCK"))) {
            List<String> before = Trees.print(target);

            script.run(demo.url(), target).refusedWith(4, "target in use: process " + holder.pid(), "db/full/LOCK");

            assertThat(Trees.print(target)).isEqualTo(before);
        }
        Files.delete(target.resolve("db/full/LOCK"));
        script.run(demo.url(), target).done();
        Trees.assertExact(target, tree);
    }

    @Test
    void aRunningNodeIsNotedAndLeftAlone() throws Exception {
        demo.publishLatest(tree, 1);
        try (RunningSampleNode node = RunningSampleNode.start(demo.directory().resolve("node"), Profile.TORTURE)) {
            script.run(demo.url(), node.databaseRoot()).refusedWith(4, "target in use: process " + node.pid());

            assertThat(node.isAlive()).isTrue();
            assertThat(node.databaseRoot().resolve(".caravan")).doesNotExist();
            assertThat(node.fullStore().resolve("CURRENT")).content().startsWith("MANIFEST-");
        }
    }

    @Test
    void theCommandLineIsChecked() throws Exception {
        for (List<String> wrong : List.of(
                List.<String>of(),
                List.of(demo.url()),
                List.of(demo.url(), "data", "more", "--key", "SHA256:x"),
                List.of(demo.url(), "data"),
                List.of(demo.url(), "data", "--key"),
                List.of(demo.url(), "data", "--key", "SHA256:short"),
                List.of(demo.url(), "data", "--key", "/does/not/exist"),
                List.of(demo.url(), "data", "--key", demo.key().fingerprint(), "--insecure"),
                List.of(demo.url(), "data", "--key", demo.key().fingerprint(), "--parallel", "0"),
                List.of(demo.url(), "data", "--key", demo.key().fingerprint(), "--parallel", "8; id"),
                List.of(demo.url(), "data", "--key", demo.key().fingerprint(), "--limit-rate", "fast"),
                List.of(demo.url(), "data", "--key", demo.key().fingerprint(), "--expect", "color=red"),
                List.of(demo.url(), "data", "--key", demo.key().fingerprint(), "--expect", "chain=a,chain=b"),
                List.of("ftp://127.0.0.1/demo", "data", "--key", demo.key().fingerprint()),
                List.of("file:///etc/demo", "data", "--key", demo.key().fingerprint()),
                List.of(
                        "http://user:secret@127.0.0.1/demo",
                        "data",
                        "--key",
                        demo.key().fingerprint()),
                List.of("http://127.0.0.1/x?y/demo", "data", "--key", demo.key().fingerprint()),
                List.of("http://127.0.0.1/\"x/demo", "data", "--key", demo.key().fingerprint()),
                List.of("http://127.0.0.1/Demo", "data", "--key", demo.key().fingerprint()),
                List.of("http://127.0.0.1/chunks", "data", "--key", demo.key().fingerprint()))) {
            SyncScript.Ended ended = SyncScript.end(script.command(wrong)).refusedWith(2);
            assertThat(ended.output()).doesNotContain("secret");
        }
        assertThat(server.requests()).isEmpty();
        assertThat(SyncScript.end(script.command(List.of("--help"))).done().output())
                .contains("--key", "Exit status", "Examples");
        assertThat(SyncScript.end(script.command(List.of("--version"))).done().output())
                .startsWith("sync.sh ");
    }

    @Test
    void keysAreTakenFromFilesOfEveryForm() throws Exception {
        demo.publishLatest(tree, 1);
        String open = demo.key().publicKey().toOpenSsh();
        String other = stranger.publicKey().toOpenSsh();
        List<String> good = List.of(
                open + "\n",
                "# ours\n\n" + open + " a comment\n",
                "demo@example.org " + open,
                other + "\n* " + open + "\n",
                "demo@example.org namespaces=\"caravan-*\" " + open + "\n",
                "\"with space\" namespaces=\"caravan-pointer,caravan-record\",valid-after=\"20200101\","
                        + "valid-before=\"29991231235959Z\" " + open + "\n");
        int number = 0;
        for (String keys : good) {
            Path file = Files.writeString(demo.directory().resolve("keys"), keys);
            SyncScript.Ended ended = new SyncScript(demo.state(), file.toString())
                    .run(demo.url(), demo.directory().resolve("copy" + number++), "--dry-run");
            assertThat(ended.done().output())
                    .as(keys)
                    .contains("signed by " + demo.key().fingerprint());
        }
        List<String> untrusted = List.of(
                other + "\n",
                "x namespaces=\"file\" " + open + "\n",
                "x namespaces=\"caravan-*,!caravan-pointer\" " + open + "\n",
                "x valid-after=\"29990101\" " + open + "\n",
                "x valid-before=\"20200101Z\" " + open + "\n");
        for (String keys : untrusted) {
            Path file = Files.writeString(demo.directory().resolve("keys"), keys);
            new SyncScript(demo.state(), file.toString())
                    .run(demo.url(), target)
                    .refusedWith(3, "trusted");
        }
        List<String> unusable = List.of(
                "",
                "# nobody\n",
                open + "\nrubbish\n",
                "x cert-authority " + open + "\n",
                "x no-such-option=\"1\" " + open + "\n",
                "x valid-after=\"yesterday\" " + open + "\n",
                open.substring(0, open.length() - 4) + "\n",
                "ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAAAgQC7\n");
        for (String keys : unusable) {
            Path file = Files.writeString(demo.directory().resolve("keys"), keys);
            new SyncScript(demo.state(), file.toString())
                    .run(demo.url(), target)
                    .refusedWith(2, "trusted keys in");
        }
    }

    @Test
    void aRecordOrPointerThatIsNotInTheFormatIsRefusedThoughItIsSigned() throws Exception {
        SnapshotRecord record = demo.publish(tree, 1);
        String good = new String(RecordFormat.write(record), StandardCharsets.UTF_8);
        List<String> wrong = List.of(
                good.replace("record-1", "record-2"),
                good.replace("{\"format\"", "{\"role\":\"x\",\"format\""),
                good.replace("\"network\":\"testnet\",", ""),
                good.replace("testnet", "test\\u001b[31mnet"),
                good.replace("testnet", "test\u202enet"),
                good.replace("\"height\":1", "\"height\":1.0"),
                good.replace("\"height\":1", "\"height\":-1"),
                good.replace("\"height\":1", "\"height\":\"1\""),
                good.replace("\"height\":1", "\"height\":9007199254740992"),
                good.replace("rocksdb", "mdbx"),
                good.replace("chunks.tsv", "../../x"),
                good.replace("{\"format\"", "{\"x\":[[[[[[[[1]]]]]]]],\"format\""),
                good.replace("{\"format\"", "{\"x\":{\"y\":1,\"y\":2},\"format\""),
                good.replace("}}", "}} {}"),
                good.replace("}}", "},}"),
                good.substring(0, good.length() - 1));
        for (String line : wrong) {
            assertThat(line).isNotEqualTo(good);
            putRecord(line);
            script.run(demo.url(1), target).refusedWith(3, "record");
        }
        putRecord(good.replace(
                "{\"format\"", "{ \"new\":[{\"a\":1.5e400,\"b\":null}], \"record.sha256\":\"x\",\"format\""));
        script.run(demo.url(1), target, "--dry-run").done();
    }

    @Test
    void charactersAreCountedAsTheFormatSays() throws Exception {
        SnapshotRecord record = demo.publish(tree, 1);
        String good = new String(RecordFormat.write(record), StandardCharsets.UTF_8);
        String beyond = "\ud83d\ude00";
        for (String fits : List.of(
                good.replace("testnet", beyond.repeat(500)),
                good.replace("testnet", "\\ud83d\\ude00".repeat(500)),
                good.replace("testnet", "\u00e9".repeat(1000)),
                good.replace("{\"format\"", "{\"" + "\u00e9".repeat(256) + "\":1,\"format\""),
                good.replace("{\"format\"", "{\"" + beyond.repeat(128) + "\":1,\"format\""),
                good.replace("{\"format\"", "{\"new\":\"" + "x".repeat(20_000) + "\",\"format\""))) {
            putRecord(fits);
            script.run(demo.url(1), target, "--dry-run").done();
        }
        for (String larger : List.of(
                good.replace("testnet", beyond.repeat(500) + "x"),
                good.replace("testnet", "\u00e9".repeat(1001)),
                good.replace("testnet", "x".repeat(4097)),
                good.replace("{\"format\"", "{\"" + "\u00e9".repeat(257) + "\":1,\"format\""),
                good.replace("{\"format\"", "{\"" + beyond.repeat(128) + "x\":1,\"format\""))) {
            putRecord(larger);
            script.run(demo.url(1), target).refusedWith(3, "record", "longer than");
        }
    }

    private void refused(int status, String... parts) throws Exception {
        script.run(demo.url(), target).refusedWith(status, parts);
        assertThat(Trees.list(demo.disk())).isEmpty();
    }

    private void put(String path, String text) throws IOException {
        bucket.put(path, text.getBytes(StandardCharsets.UTF_8));
    }

    private void putRecord(String line) throws IOException {
        bucket.put(
                "demo/" + snapshot(1) + "/record",
                SignedNote.sign(line.getBytes(StandardCharsets.UTF_8), NoteKind.RECORD, demo.key()));
    }

    private static Pointer pointer(SnapshotRecord record, long sequence, Instant expires) throws IOException {
        ByteArrayOutputStream line = new ByteArrayOutputStream();
        line.write(RecordFormat.write(record));
        line.write('\n');
        return new Pointer(
                record.database(),
                sequence,
                "run",
                expires.minus(Duration.ofDays(2)),
                expires,
                new ObjectRef(record.snapshot() + "/record", line.size(), Digest.of(line.toByteArray())));
    }
}
