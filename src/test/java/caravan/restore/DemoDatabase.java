package caravan.restore;

import caravan.disk.TreeRemoval;
import caravan.failure.CaravanException;
import caravan.signature.SigningKey;
import caravan.snapshot.DatabaseStore;
import caravan.snapshot.SnapshotRecord;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;

/**
 * The database {@code demo} as tests publish and restore it: a bucket, the key that signs what is in it, a server that can
 * misbehave before it, and a machine with a client, its state and a disk. All of it is there from the first moment, and
 * nothing is published; all of it is gone when this is closed.
 */
final class DemoDatabase implements AutoCloseable {

    private final SigningKey key = SigningKey.generate();
    private final DatabaseStore[] stores;
    private final Instant now;
    private final Path directory;
    private final Bucket bucket;
    private final FaultServer server;
    private final Path target;
    private Client client;

    /** For a client whose clock stands still. */
    DemoDatabase(DatabaseStore... stores) {
        this(Client.NOW, stores);
    }

    private DemoDatabase(Instant now, DatabaseStore... stores) {
        this.now = now;
        this.stores = stores.clone();
        try {
            directory = Files.createTempDirectory("demo-database");
            bucket = new Bucket(Files.createDirectory(directory.resolve("bucket")), key, now);
            server = new FaultServer(bucket.root());
            target = Files.createDirectory(disk()).resolve("data");
            Files.writeString(keyFile(), key.publicKey().toOpenSsh() + "\n");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        client = new Client(state(), key);
    }

    /** For clients that look at the clock of this machine: {@code sync.sh}, and every client that is a process. */
    static DemoDatabase signedToday(DatabaseStore... stores) {
        return new DemoDatabase(Instant.now(), stores);
    }

    /** Holds all that follows; a test may put more into it. */
    Path directory() {
        return directory;
    }

    Bucket bucket() {
        return bucket;
    }

    FaultServer server() {
        return server;
    }

    SigningKey key() {
        return key;
    }

    /** The public key, as {@code --key} takes it. */
    Path keyFile() {
        return directory.resolve("key.pub");
    }

    /** When the bucket is signed. */
    Instant now() {
        return now;
    }

    /** By which the client decides what has expired. */
    Clock clock() {
        return Clock.fixed(now, ZoneOffset.UTC);
    }

    /** What the client remembers, and what {@code sync.sh} does. */
    Path state() {
        return directory.resolve("state");
    }

    /** Holds targets and what restores make beside them, nothing else. */
    Path disk() {
        return directory.resolve("disk");
    }

    /** To be restored to; it is not there yet. */
    Path target() {
        return target;
    }

    /** Of the latest snapshot. */
    String url() {
        return server.base() + "/" + Bucket.DATABASE;
    }

    /** Of the snapshot of that number, whatever the latest is. */
    String url(int number) {
        return url() + "/" + Bucket.snapshot(number);
    }

    /** {@link #url()}, as commands take it. */
    SnapshotLocation location() throws CaravanException {
        return SnapshotLocation.parse(url());
    }

    /** Chunks as they are, manifest and record; not the pointer. */
    SnapshotRecord publish(Bucket.Tree tree, int number) throws Exception {
        return publish(tree, number, false);
    }

    SnapshotRecord publish(Bucket.Tree tree, int number, boolean compressed) throws Exception {
        return bucket.publish(tree, Bucket.snapshot(number), compressed, stores);
    }

    /** Publishes and moves the pointer, whose sequence is the number of the snapshot. */
    SnapshotRecord publishLatest(Bucket.Tree tree, int number) throws Exception {
        SnapshotRecord record = publish(tree, number);
        bucket.point(record, number);
        return record;
    }

    Client client() {
        return client;
    }

    /** From now on restores by another client, with a state or settings of its own. */
    void restoreBy(Client other) {
        client = other;
    }

    /** Restores the latest snapshot to the target. */
    FetchOutcome fetch() throws CaravanException, InterruptedException {
        return fetchInto(target);
    }

    /** Restores the snapshot of that number to the target. */
    FetchOutcome fetch(int number) throws CaravanException, InterruptedException {
        return fetchInto(target, number);
    }

    /** Restores the latest snapshot to somewhere else. */
    FetchOutcome fetchInto(Path other) throws CaravanException, InterruptedException {
        return client.fetch(url(), other, Expectations.NONE, client.settings(), now);
    }

    /** Restores the snapshot of that number to somewhere else. */
    FetchOutcome fetchInto(Path other, int number) throws CaravanException, InterruptedException {
        return client.fetch(url(number), other, Expectations.NONE, client.settings(), now);
    }

    /** What the client says of the target, by the snapshot that it restored to it. */
    VerifyOutcome verify() throws CaravanException, InterruptedException {
        return verification().directory(target);
    }

    Verification verification() {
        return new Verification(client.settings(), clock(), new Progress());
    }

    /** {@code caravan fetch} as a process, not yet started, that trusts the key. */
    ProcessBuilder fetching(String url, Path into, Path state, String... options) {
        List<String> line = new ArrayList<>(
                List.of("fetch", url, into.toString(), "--key", keyFile().toString(), "--state", state.toString()));
        line.addAll(List.of(options));
        return JavaProcess.of(ClientMain.class, line.toArray(String[]::new));
    }

    /** {@code sync.sh} with the same state as the client. */
    SyncScript script() {
        return new SyncScript(state(), key.fingerprint());
    }

    @Override
    public void close() throws IOException {
        server.close();
        TreeRemoval.of(directory);
    }
}
