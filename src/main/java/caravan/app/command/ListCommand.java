package caravan.app.command;

import static java.util.Objects.requireNonNull;

import caravan.app.settings.SettingLookup;
import caravan.failure.CaravanException;
import caravan.restore.CatalogListing;
import caravan.restore.FoundSnapshot;
import caravan.restore.Listing;
import caravan.restore.PublishedBase;
import caravan.restore.SnapshotLocation;
import caravan.restore.target.Space;
import caravan.snapshot.Catalog;
import caravan.snapshot.Pointer;
import caravan.snapshot.SnapshotRecord;
import java.io.PrintStream;
import java.time.Clock;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code caravan list URL}. */
@Command(
        name = "list",
        mixinStandardHelpOptions = true,
        description =
                "Shows what is published: the latest snapshot of a database, one by name, or with --all everything.")
public final class ListCommand implements Callable<Integer> {

    @Parameters(
            index = "0",
            paramLabel = "URL",
            description = "<base>/<database> or <base>/<database>/<snapshot>; with --all: <base>")
    private String url;

    @Option(names = "--all", description = "Show every database and snapshot that the signed catalog at URL lists.")
    private boolean all;

    @Mixin
    private ClientOptions options;

    private final SettingLookup setting;

    /**
     * A command for one use.
     *
     * @param setting value of a setting by its key; empty if it is not set
     */
    public ListCommand(SettingLookup setting) {
        this.setting = requireNonNull(setting, "setting");
    }

    @Override
    public Integer call() throws CaravanException, InterruptedException {
        if (all) {
            Catalog catalog =
                    new CatalogListing(options.settings(setting), Clock.systemUTC()).read(PublishedBase.parse(url));
            new CatalogReport(System.out).show(catalog, options.json());
            return 0;
        }
        FoundSnapshot found =
                new Listing(options.settings(setting), Clock.systemUTC()).find(SnapshotLocation.parse(url));
        if (options.json()) {
            new JsonReport(System.out).write("snapshot", JsonReport.facts(found));
        } else {
            print(found, System.out);
        }
        return 0;
    }

    private static void print(FoundSnapshot found, PrintStream out) {
        SnapshotRecord record = found.record();
        row(out, "database", record.database().value());
        row(out, "snapshot", record.snapshot().toString());
        for (Pointer pointer : found.pointers()) {
            row(out, "sequence", Long.toString(pointer.sequence()));
            row(out, "published", pointer.publishedAt().toString());
            row(
                    out,
                    "expires",
                    pointer.expiresAt() + (found.overdue() ? "; was to be signed again by " + pointer.halfTime() : ""));
        }
        row(out, "network", record.network());
        row(out, "role, pruning", Words.known(record.role(), record.pruning()));
        row(out, "height", record.height() == 0 ? "unknown" : "at least " + record.height());
        row(out, "node", record.nodeVersion());
        row(
                out,
                "size",
                Space.shown(record.totals().bytes()) + " in " + record.totals().files() + " files, "
                        + record.totals().chunks() + " chunks");
        row(
                out,
                "captured",
                record.createdAt() + ", " + record.captureMode() + ", node paused " + record.pauseMillis() + " ms");
        row(out, "verified", record.verification() + ", drill: " + record.drill());
        row(out, "kept until", record.retainUntil().toString());
        row(out, "signed by", found.signer());
    }

    private static void row(PrintStream out, String name, String value) {
        out.printf("%-14s %s%n", name, value.isEmpty() ? "unknown" : value);
    }
}
