package caravan.app.settings;

import caravan.failure.WrongUsageException;
import caravan.snapshot.DatabaseName;
import java.io.IOException;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.text.ParseException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Date;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import org.quartz.CronExpression;

/**
 * All settings of one process, each known and of the right form. Immutable. Where several are wrong, the failure is that
 * of the first, and the others are suppressed in it.
 *
 * <p>A later source wins: the properties file, the environment ({@code CARAVAN_S3_BUCKET} for {@code
 * caravan.s3.bucket}), {@code -D} on the command line. A secret may stand in the environment or in a file that {@code
 * file:<path>} names, never in the properties file itself.
 */
public final class Settings {

    private static final int LAST_PORT = 65_535;

    private final SortedMap<String, Value> values;

    private final SortedMap<String, String> others;

    Settings(Map<String, Value> values, Map<String, String> others) throws WrongUsageException {
        this.values = Collections.unmodifiableSortedMap(new TreeMap<>(values));
        this.others = Collections.unmodifiableSortedMap(new TreeMap<>(others));
        List<WrongUsageException> faults = new ArrayList<>();
        for (Map.Entry<String, Value> entry : this.values.entrySet()) {
            collect(faults, () -> check(entry.getKey(), entry.getValue()));
        }
        throwFirst(faults);
        collect(faults, () -> requireDifferent("caravan.databases"));
        collect(faults, () -> requireDifferent("caravan.warm.regions"));
        collect(faults, this::checkDatabases);
        collect(faults, this::checkRegions);
        collect(faults, () -> checkPauses("caravan.retry"));
        collect(faults, () -> checkPauses("caravan.cdn.retry"));
        throwFirst(faults);
    }

    /** Something that settings must keep to. */
    @FunctionalInterface
    private interface Rule {
        void require() throws WrongUsageException;
    }

    private static void collect(List<WrongUsageException> faults, Rule rule) {
        try {
            rule.require();
        } catch (WrongUsageException e) {
            faults.add(e);
        }
    }

    /** Whoever can say more than one thing finds the others with the first. */
    private static void throwFirst(List<WrongUsageException> faults) throws WrongUsageException {
        if (!faults.isEmpty()) {
            WrongUsageException first = faults.get(0);
            faults.subList(1, faults.size()).forEach(first::addSuppressed);
            throw first;
        }
    }

    /** Names in {@code caravan.databases}, in that order. */
    public List<DatabaseName> databases() throws WrongUsageException {
        List<DatabaseName> names = new ArrayList<>();
        for (String name : names("caravan.databases")) {
            try {
                names.add(new DatabaseName(name));
            } catch (IllegalArgumentException e) {
                throw wrong("caravan.databases", e.getMessage());
            }
        }
        return names;
    }

    /** Whether somebody set {@code key} to something. */
    public boolean isSet(String key) {
        return !raw(key).isEmpty();
    }

    /** The value as text; empty if not set. */
    public String text(String key) {
        return raw(key);
    }

    /** The value as text, which must be there. */
    public String required(String key) throws WrongUsageException {
        String value = raw(key);
        if (value.isEmpty()) {
            throw new WrongUsageException(
                    key + " is not set",
                    "set it in config/application.properties or as " + KnownSetting.variableOf(key)
                            + " in the environment");
        }
        return value;
    }

    /** A secret: from the environment, the command line or the file that {@code file:} names; empty if not set. */
    public String secret(String key) throws WrongUsageException {
        String value = raw(key);
        if (!value.startsWith("file:")) {
            return value;
        }
        Path file = Path.of(value.substring("file:".length()));
        try {
            return Files.readString(file, StandardCharsets.UTF_8).strip();
        } catch (IOException e) {
            throw new WrongUsageException(
                    "cannot read the secret " + key + " from " + file + ": " + e,
                    "the file must exist and be readable by this user, and by no other",
                    e);
        }
    }

    /** The value as a path, absolute; none if not set. */
    public Optional<Path> path(String key) {
        return isSet(key) ? Optional.of(Path.of(raw(key)).toAbsolutePath().normalize()) : Optional.empty();
    }

    /** The value as an URI; none if not set. */
    public Optional<URI> uri(String key) {
        return isSet(key) ? Optional.of(URI.create(raw(key))) : Optional.empty();
    }

    /** The value as a whole number. */
    public int count(String key) {
        return Integer.parseInt(raw(key));
    }

    /** The value in bytes. */
    public long size(String key) {
        return Units.size(raw(key));
    }

    /** The value in bytes per second; 0 is no limit. */
    public long rate(String key) {
        return Units.rate(raw(key));
    }

    /** The value as a duration. */
    public Duration duration(String key) {
        return Units.duration(raw(key));
    }

    /** The value as durations, in the order in which they are written; none if not set. */
    public List<Duration> durations(String key) {
        return names(key).stream().map(Units::duration).toList();
    }

    /** The value as yes or no. */
    public boolean flag(String key) {
        return Boolean.parseBoolean(raw(key));
    }

    /** The value as names, without the commas; none if not set. */
    public List<String> names(String key) {
        List<String> names = new ArrayList<>();
        for (String name : raw(key).split(",", -1)) {
            if (!name.isBlank()) {
                names.add(name.strip());
            }
        }
        return names;
    }

    /**
     * What routes may refer to as {@code {{key}}}: every setting but the secrets, with its default where it is not set,
     * and whatever else the properties file holds. Durations of retries are there in milliseconds, too, as {@code
     * <key>-millis}.
     */
    public Map<String, String> placeholders() {
        SortedMap<String, String> all = new TreeMap<>(others);
        for (KnownSetting known : KnownSettings.ALL) {
            if (known.isSingle() && known.kind() != Kind.SECRET) {
                all.put(known.name(), raw(known.name()));
                if (known.kind() == Kind.DURATION) {
                    all.put(
                            known.name() + "-millis",
                            Long.toString(duration(known.name()).toMillis()));
                }
            }
        }
        return all;
    }

    /** A failure that names {@code key}, where it was set, and what is wrong with it. */
    public WrongUsageException wrong(String key, String reason) {
        Value value = values.get(key);
        if (value == null) {
            return new WrongUsageException(key + " is wrong: " + reason, "its default does not fit here; set it");
        }
        String shown = KnownSettings.find(key)
                        .filter(known -> known.kind() == Kind.SECRET)
                        .isPresent()
                ? "has a value"
                : "is \"" + value.text().replaceFirst("//[^/@]*@", "//...@") + "\"";
        return new WrongUsageException(
                key + " (" + value.origin() + ") " + shown + ": " + reason,
                "config/application.properties explains every setting");
    }

    private String raw(String key) {
        KnownSetting known =
                KnownSettings.find(key).orElseThrow(() -> new IllegalArgumentException("no setting is called " + key));
        Value value = values.get(key);
        return value == null || value.text().isEmpty() ? known.fallback() : value.text();
    }

    private void check(String key, Value value) throws WrongUsageException {
        KnownSetting known = KnownSettings.find(key)
                .orElseThrow(() -> new WrongUsageException(
                        "unknown setting " + key + " (" + value.origin() + ")",
                        "did you mean " + KnownSettings.nearest(key) + "?"));
        String text = value.text();
        if (text.isEmpty()) {
            return;
        }
        try {
            switch (known.kind()) {
                case TEXT, NAMES -> {}
                case SECRET -> checkSecret(value);
                case PATH -> checkPath(text);
                case ABSOLUTE_PATH -> checkAbsolutePath(text);
                case URI -> checkWebAddress(text);
                case MAIL_SERVER -> checkUri(text);
                case COUNT -> checkCount(text);
                case PORT -> checkPort(text);
                case SIZE -> Units.size(text);
                case RATE -> Units.rate(text);
                case DURATION -> Units.duration(text);
                case DURATIONS -> names(key).forEach(Units::duration);
                case SCHEDULE -> checkSchedule(text);
                case FLAG -> checkChoice(text, List.of("true", "false"));
                case CHOICE -> checkChoice(text, known.choices());
            }
            for (Range range : known.range().stream().toList()) {
                List<String> each = known.kind() == Kind.DURATIONS ? names(key) : List.of(text);
                each.forEach(one -> range.require(known.kind(), one));
            }
        } catch (IllegalArgumentException e) {
            throw wrong(key, e.getMessage());
        }
    }

    private void requireDifferent(String key) throws WrongUsageException {
        Set<String> seen = new HashSet<>();
        for (String name : names(key)) {
            if (!seen.add(name)) {
                throw wrong(key, "it names " + name + " twice");
            }
        }
    }

    private void checkDatabases() throws WrongUsageException {
        List<String> known = databases().stream().map(DatabaseName::value).toList();
        for (String key : values.keySet()) {
            String[] parts = key.split("\\.", -1);
            if (key.startsWith("caravan.database.") && !known.contains(parts[2])) {
                throw new WrongUsageException(
                        key + " (" + values.get(key).origin()
                                + ") is about a database that is not in caravan.databases",
                        "caravan.databases lists: " + (known.isEmpty() ? "nothing" : String.join(", ", known)));
            }
        }
    }

    private void checkRegions() throws WrongUsageException {
        List<String> known = names("caravan.warm.regions");
        for (String key : values.keySet()) {
            String[] parts = key.split("\\.", -1);
            if (key.startsWith("caravan.warm.region.") && !known.contains(parts[3])) {
                throw new WrongUsageException(
                        key + " (" + values.get(key).origin()
                                + ") is about a region that is not in caravan.warm.regions",
                        "caravan.warm.regions lists: " + (known.isEmpty() ? "nothing" : String.join(", ", known)));
            }
        }
    }

    /** The pause before another attempt grows from the first to the longest. */
    private void checkPauses(String retry) throws WrongUsageException {
        Duration first = duration(retry + ".delay");
        Duration longest = duration(retry + ".max-delay");
        if (first.compareTo(longest) > 0) {
            throw wrong(
                    values.containsKey(retry + ".delay") ? retry + ".delay" : retry + ".max-delay",
                    "the first pause is at most the longest, which is " + raw(retry + ".max-delay") + " (" + retry
                            + ".max-delay)");
        }
    }

    private static void checkSecret(Value value) {
        if (value.inFile() && !value.text().startsWith("file:")) {
            throw new IllegalArgumentException(
                    "a secret does not stand in this file; put it into the environment, or write file:<path>");
        }
    }

    private static void checkPath(String text) {
        try {
            if (Path.of(text).getNameCount() == 0) {
                throw new IllegalArgumentException("the root directory is never meant");
            }
        } catch (InvalidPathException e) {
            throw new IllegalArgumentException("not a path: " + e.getReason(), e);
        }
    }

    private static void checkAbsolutePath(String text) {
        checkPath(text);
        if (!Path.of(text).isAbsolute()) {
            throw new IllegalArgumentException("an absolute path is expected; it begins with /");
        }
    }

    private static void checkWebAddress(String text) {
        checkUri(text);
        if (!text.matches("(?i)https?:.*")) {
            throw new IllegalArgumentException("an address that is asked here begins with http:// or https://");
        }
    }

    private static void checkUri(String text) {
        try {
            URI uri = new URI(text);
            if (uri.getScheme() == null || uri.getHost() == null) {
                throw new IllegalArgumentException("an address has a scheme and a host, as https://example.com");
            }
            if (uri.getUserInfo() != null) {
                throw new IllegalArgumentException("an address holds no user name or password");
            }
        } catch (URISyntaxException e) {
            throw new IllegalArgumentException("not an address: " + e.getReason(), e);
        }
    }

    private static void checkPort(String text) {
        checkCount(text);
        if (Integer.parseInt(text) > LAST_PORT) {
            throw new IllegalArgumentException("a port is a number from 1 to " + LAST_PORT + ", or 0 for none");
        }
    }

    private static void checkSchedule(String text) {
        try {
            if (new CronExpression(text).getNextValidTimeAfter(Date.from(Instant.now())) == null) {
                throw new IllegalArgumentException("there is no time to come that this means");
            }
        } catch (ParseException e) {
            throw new IllegalArgumentException(
                    e.getMessage().replaceFirst("[.]?$", "")
                            + "; a Quartz cron expression has six fields, of which the first is seconds, for example"
                            + " 0 30 3 * * ? for half past three each night",
                    e);
        }
    }

    private static void checkCount(String text) {
        if (!text.matches("\\d{1,9}")) {
            throw new IllegalArgumentException("a whole number is expected");
        }
    }

    private static void checkChoice(String text, List<String> choices) {
        if (!choices.contains(text)) {
            throw new IllegalArgumentException("one of " + String.join(", ", choices) + " is expected");
        }
    }
}
