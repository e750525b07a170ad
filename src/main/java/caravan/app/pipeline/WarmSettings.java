package caravan.app.pipeline;

import static java.util.Objects.requireNonNull;

import caravan.app.settings.Settings;
import caravan.app.warming.VantageClient;
import caravan.app.warming.WarmPrices;
import caravan.failure.WrongUsageException;
import caravan.pace.RateLimit;
import caravan.pace.Waiting;
import caravan.price.PriceList;
import caravan.price.Provider;
import caravan.warm.BodyCheck;
import caravan.warm.Region;
import caravan.warm.Vantage;
import caravan.warm.WarmRules;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.stream.Collectors;

/** What is set about warming, for the daemon as for a command. */
public final class WarmSettings {

    private final Settings settings;

    private final OptionalInt parallelism;

    private final OptionalLong bytesPerSecond;

    /** Reads {@code settings} as it is asked. */
    public WarmSettings(Settings settings) {
        this(settings, OptionalInt.empty(), OptionalLong.empty());
    }

    /** The same with these in place of {@code caravan.warm.parallelism} and {@code caravan.warm.max-rate}, if given. */
    public WarmSettings(Settings settings, OptionalInt parallelism, OptionalLong bytesPerSecond) {
        this.settings = requireNonNull(settings, "settings");
        this.parallelism = parallelism;
        this.bytesPerSecond = bytesPerSecond;
    }

    /** {@code caravan.warm.regions} in that order, with their vantages. */
    public List<Region> regions() throws WrongUsageException {
        List<Region> regions = new ArrayList<>();
        for (String name : settings.names("caravan.warm.regions")) {
            if (regions.stream().anyMatch(region -> region.name().equals(name))) {
                throw settings.wrong("caravan.warm.regions", name + " stands there twice");
            }
            String via = "caravan.warm.region." + name + ".via";
            String text = settings.required(via);
            try {
                regions.add(new Region(name, Vantage.parse(text)));
            } catch (IllegalArgumentException e) {
                throw settings.wrong(via, e.getMessage());
            }
        }
        return regions;
    }

    /** How hard a region is tried. */
    public WarmRules rules() {
        return new WarmRules(
                Math.max(1, settings.count("caravan.warm.attempts")),
                settings.count("caravan.warm.sample"),
                settings.duration("caravan.warm.deadline"),
                Math.max(1, settings.count("caravan.warm.give-up-after")),
                settings.duration("caravan.retry.delay"),
                settings.duration("caravan.retry.max-delay"),
                false);
    }

    /** Fetches of each region at once. */
    public int parallelism() {
        return parallelism.orElseGet(() -> Math.max(1, settings.count("caravan.warm.parallelism")));
    }

    /** The connections of each of {@code regions}, by its name; none is made yet. The caller closes them. */
    public Map<String, VantageClient> clients(List<Region> regions) throws WrongUsageException {
        List<Path> authorities = settings.path("caravan.ca-file").map(List::of).orElse(List.of());
        Map<String, VantageClient> clients = new LinkedHashMap<>();
        for (Region region : regions) {
            clients.put(
                    region.name(),
                    new VantageClient(
                            region.vantage(),
                            parallelism(),
                            settings.duration("caravan.warm.connect-timeout"),
                            settings.duration("caravan.warm.idle-timeout"),
                            authorities));
        }
        return clients;
    }

    /**
     * By which prices warm-ups are counted.
     *
     * @param shipped the price list that is used if the settings name no other
     */
    public WarmPrices prices(Path shipped) throws WrongUsageException {
        String name = settings.text("caravan.warm.price");
        int budget = settings.count("caravan.warm.budget");
        if (name.isEmpty()) {
            if (budget > 0) {
                throw settings.wrong("caravan.warm.budget", "caravan.warm.price must name a provider, too");
            }
            return WarmPrices.NONE;
        }
        PriceList list = PriceList.read(settings.path("caravan.prices").orElse(shipped));
        Provider provider = list.find(name)
                .orElseThrow(() -> settings.wrong(
                        "caravan.warm.price",
                        "the price list has "
                                + list.providers().stream().map(Provider::id).collect(Collectors.joining(", "))));
        return new WarmPrices(list.date(), List.of(provider), budget);
    }

    /** What reads bodies, all regions together not faster than is set. */
    public BodyCheck bodyCheck() {
        long rate = bytesPerSecond.orElseGet(() -> settings.rate("caravan.warm.max-rate"));
        return new BodyCheck(rate == 0 ? RateLimit.unlimited() : RateLimit.of(rate, Waiting.REAL));
    }
}
