package caravan.drill;

import caravan.capture.paritydb.ParityDbCheck;
import caravan.drill.engine.EngineReadings;
import caravan.drill.engine.EngineSession;
import caravan.drill.engine.StoreFacts;
import caravan.failure.CaravanException;
import caravan.failure.DamagedException;
import caravan.failure.FailedException;
import caravan.restore.FetchOutcome;
import caravan.snapshot.DatabaseStore;
import caravan.snapshot.Engine;
import caravan.snapshot.SnapshotRecord;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Has every store of a restored database opened by its engine, and holds what it says against what was published. */
final class StoreChecks {

    private static final Pattern TABLE = Pattern.compile("\\b\\d{6,}\\.sst\\b");

    private final EngineReadings engines;

    private final boolean checksums;

    StoreChecks(EngineReadings engines, boolean checksums) {
        this.engines = engines;
        this.checksums = checksums;
    }

    /**
     * What was found.
     *
     * @param damage why the database is bad; empty if it is not
     * @param suspects files that were named, relative to its root
     * @param text what was found, for people
     * @param height of the last finalized block, or the best one; 0 if no store says
     */
    record Findings(String damage, List<Path> suspects, String text, long height) {}

    Findings check(FetchOutcome restored) throws CaravanException, InterruptedException {
        List<String> texts = new ArrayList<>();
        Optional<StoreFacts> main = Optional.empty();
        // The chain's own database lies around the others, so its path is the shortest.
        List<DatabaseStore> stores = restored.stores().stream()
                .sorted(Comparator.comparingInt(store -> store.path().length()))
                .toList();
        try (EngineSession session = engines.begin()) {
            for (DatabaseStore store : stores) {
                try {
                    if (store.engine() != Engine.ROCKSDB) {
                        texts.add(named(store) + " restored and every byte verified, " + unopened(restored, store));
                        continue;
                    }
                    StoreFacts facts = session.readStore(restored.directory().resolve(store.path()), checksums);
                    main = main.isPresent() || facts.best() == 0 ? main : Optional.of(facts);
                    texts.add(named(store) + " " + describe(facts));
                } catch (DamagedException e) {
                    String damage = e.getMessage().replace(restored.directory() + "/", "");
                    return new Findings(damage, suspectsIn(store, damage), "", 0);
                }
            }
        }
        return findings(main, texts, restored.record());
    }

    /** What can be said without the engine, which only the node has. */
    private static String unopened(FetchOutcome restored, DatabaseStore store) throws CaravanException {
        if (store.engine() != Engine.PARITYDB) {
            return "not opened: no reader for its engine; give a canary";
        }
        Path directory = restored.directory().resolve(store.path());
        try {
            return "its structure right (" + ParityDbCheck.of(directory).text()
                    + "), not opened: no reader for ParityDB; give a canary";
        } catch (IOException e) {
            throw new FailedException("cannot read " + directory + ": " + e, "look at the disk of the drill", e);
        }
    }

    private static Findings findings(Optional<StoreFacts> main, List<String> texts, SnapshotRecord record) {
        return new Findings(
                main.flatMap(facts -> contradiction(facts, record)).orElse(""),
                List.of(),
                String.join("; ", texts),
                main.map(StoreChecks::height).orElse(0L));
    }

    /** The record says what the node said before the capture, so the database has come as far at least. */
    private static Optional<String> contradiction(StoreFacts facts, SnapshotRecord record) {
        if (height(facts) < record.height()) {
            return Optional.of("the restored database is at block " + height(facts) + ", its record says at least "
                    + record.height());
        }
        if (!facts.genesis().isEmpty()
                && !record.genesis().isEmpty()
                && !facts.genesis().equalsIgnoreCase(record.genesis())) {
            return Optional.of("the restored database is of the chain that begins with " + facts.genesis()
                    + ", its record says " + record.genesis());
        }
        return Optional.empty();
    }

    private static long height(StoreFacts facts) {
        return facts.finalized() > 0 ? facts.finalized() : facts.best();
    }

    private String describe(StoreFacts facts) {
        StringBuilder text = new StringBuilder("opens: ");
        text.append(facts.columns())
                .append(" columns, about ")
                .append(facts.keys())
                .append(" keys");
        if (facts.unopened() > 0) {
            text.append(", ").append(facts.unopened()).append(" in an order of the node's own not opened");
        }
        if (checksums) {
            text.append(", checksums right");
        }
        if (facts.best() > 0) {
            text.append(", best block ").append(facts.best());
        }
        if (facts.finalized() > 0) {
            text.append(", final ").append(facts.finalized());
        }
        return text.toString();
    }

    private static String named(DatabaseStore store) {
        return store.path().isEmpty() ? "the database" : store.path();
    }

    private static List<Path> suspectsIn(DatabaseStore store, String damage) {
        List<Path> suspects = new ArrayList<>();
        Matcher tables = TABLE.matcher(damage);
        while (tables.find()) {
            suspects.add(Path.of(store.path()).resolve(tables.group()));
        }
        return suspects;
    }
}
