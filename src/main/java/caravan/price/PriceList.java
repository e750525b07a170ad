package caravan.price;

import static java.util.Objects.requireNonNull;

import caravan.failure.WrongUsageException;
import java.io.IOException;
import java.io.Reader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.DateTimeException;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * Prices as somebody wrote them down.
 *
 * @param date of these prices; whoever shows a cost shows it, too
 * @param providers sorted by their id
 */
public record PriceList(LocalDate date, List<Provider> providers) {

    /** Copies the list. */
    public PriceList {
        requireNonNull(date, "date");
        providers = List.copyOf(providers);
    }

    /**
     * Reads a file as {@code config/prices.properties} explains it.
     *
     * @throws WrongUsageException if it cannot be read or is not of this form
     */
    public static PriceList read(Path file) throws WrongUsageException {
        Properties text = new Properties();
        try (Reader reader = Files.newBufferedReader(file, StandardCharsets.UTF_8)) {
            text.load(reader);
            return new PriceList(LocalDate.parse(required(text, "date")), new Prices(text).providers());
        } catch (IOException e) {
            throw wrong(file, e.toString(), e);
        } catch (DateTimeException e) {
            throw wrong(file, "date is not written as 2025-06-01", e);
        } catch (IllegalArgumentException e) {
            throw wrong(file, e.getMessage(), e);
        }
    }

    /** The provider that is called {@code id} in the list. */
    public Optional<Provider> find(String id) {
        return providers.stream().filter(provider -> provider.id().equals(id)).findFirst();
    }

    private static WrongUsageException wrong(Path file, String reason, Exception cause) {
        return new WrongUsageException(
                "cannot use the prices in " + file + ": " + reason,
                "config/prices.properties explains the form",
                cause);
    }

    private static String required(Properties text, String key) {
        String value = text.getProperty(key, "").strip();
        if (value.isEmpty()) {
            throw new IllegalArgumentException(key + " is missing");
        }
        return value;
    }

    private record Prices(Properties text) {

        List<Provider> providers() {
            TreeSet<String> ids = new TreeSet<>();
            for (String key : text.stringPropertyNames()) {
                if (key.indexOf('.') > 0) {
                    ids.add(key.substring(0, key.indexOf('.')));
                }
            }
            return ids.stream().map(this::provider).toList();
        }

        private Provider provider(String id) {
            Map<String, List<Tier>> egressTo = new TreeMap<>();
            Map<String, Double> requestsTo = new TreeMap<>();
            for (String key : text.stringPropertyNames()) {
                if (key.startsWith(id + ".egress.")) {
                    egressTo.put(key.substring((id + ".egress.").length()), tiers(key));
                } else if (key.startsWith(id + ".requests.")) {
                    requestsTo.put(key.substring((id + ".requests.").length()), number(key, required(text, key)));
                }
            }
            return new Provider(
                    id,
                    required(text, id + ".name"),
                    number(id + ".storage", required(text, id + ".storage")),
                    tiers(id + ".egress"),
                    egressTo,
                    number(id + ".requests", required(text, id + ".requests")),
                    requestsTo,
                    number(id + ".free", text.getProperty(id + ".free", "0")),
                    number(id + ".free-stored", text.getProperty(id + ".free-stored", "0")));
        }

        private List<Tier> tiers(String key) {
            List<Tier> tiers = new ArrayList<>();
            for (String part : required(text, key).split(",", -1)) {
                int colon = part.indexOf(':');
                if (colon < 0) {
                    throw new IllegalArgumentException(key + " is not written as 10000:0.09,*:0.05");
                }
                String end = part.substring(0, colon).strip();
                tiers.add(new Tier(
                        end.equals("*") ? Double.POSITIVE_INFINITY : number(key, end),
                        number(key, part.substring(colon + 1))));
            }
            return tiers;
        }

        private static double number(String key, String text) {
            if (!text.strip().matches("\\d{1,12}(\\.\\d{1,9})?")) {
                throw new IllegalArgumentException(key + " has \"" + text.strip() + "\", which is no price");
            }
            return Double.parseDouble(text.strip());
        }
    }
}
