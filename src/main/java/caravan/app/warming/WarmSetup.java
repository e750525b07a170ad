package caravan.app.warming;

import static java.util.Objects.requireNonNull;

import caravan.warm.Region;
import caravan.warm.Vantage;
import caravan.warm.WarmRules;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/**
 * What the settings say about warming.
 *
 * @param regions in the order of {@code caravan.warm.regions}
 * @param clients the connections of each region that is fetched from here, by its name
 * @param rules how hard a region is tried
 * @param full whether everything is fetched, and not only what is new
 * @param hold how long {@code latest} waits
 * @param prices what a warm-up costs, and may cost
 * @param planDirectory for the files of plans, which have no name
 */
public record WarmSetup(
        List<Region> regions,
        Map<String, VantageClient> clients,
        WarmRules rules,
        boolean full,
        Duration hold,
        WarmPrices prices,
        Path planDirectory) {

    /** Checks that every region has its connections. */
    public WarmSetup {
        regions = List.copyOf(regions);
        clients = Map.copyOf(clients);
        requireNonNull(rules, "rules");
        requireNonNull(hold, "hold");
        requireNonNull(prices, "prices");
        requireNonNull(planDirectory, "planDirectory");
        for (Region region : regions) {
            if (!(region.vantage() instanceof Vantage.Queue) && !clients.containsKey(region.name())) {
                throw new IllegalArgumentException("region " + region.name() + " has no connections");
            }
        }
    }
}
