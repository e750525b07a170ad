package caravan.app.settings;

import caravan.failure.Spelling;
import caravan.failure.WrongUsageException;
import java.io.IOException;
import java.io.StringReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Reads {@link Settings} from their three sources. Changes nothing. */
public final class SettingsLoader {

    private static final String OURS = "caravan.";

    private static final String OUR_VARIABLES = "CARAVAN_";

    /** Variables that start the program and are no settings. */
    private static final Set<String> NOT_SETTINGS =
            Set.of("CARAVAN_CONFIG", "CARAVAN_HOME", "CARAVAN_JAVA_OPTS", "CARAVAN_LOG_LEVEL");

    /** System properties that start the program and are no settings. */
    private static final Set<String> NOT_OURS = Set.of("caravan.home", "caravan.test.form");

    private final Map<String, String> environment;

    private final Properties system;

    /**
     * A loader over the given sources.
     *
     * @param environment of the process
     * @param system properties, from {@code -D}
     */
    public SettingsLoader(Map<String, String> environment, Properties system) {
        this.environment = Map.copyOf(environment);
        this.system = system;
    }

    /**
     * Reads {@code file}, then lets the environment and the command line override it.
     *
     * @param file properties in UTF-8; it must exist
     */
    public Settings load(Path file) throws WrongUsageException {
        Map<String, Value> values = new TreeMap<>();
        Map<String, String> others = new TreeMap<>();
        readFile(file, values, others);
        readVariables(values);
        readSystem(values);
        return new Settings(values, others);
    }

    /** Settings without a file. */
    public Settings load() throws WrongUsageException {
        Map<String, Value> values = new TreeMap<>();
        readVariables(values);
        readSystem(values);
        return new Settings(values, Map.of());
    }

    private static void readFile(Path file, Map<String, Value> values, Map<String, String> others)
            throws WrongUsageException {
        String text;
        try {
            text = Files.readString(file, StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new WrongUsageException(
                    "cannot read the settings in " + file + ": " + e,
                    "CARAVAN_CONFIG names the file; it must exist, be readable and be UTF-8",
                    e);
        }
        List<String> twice = new ArrayList<>();
        Properties properties = new DuplicateNoticing(twice);
        try {
            properties.load(new StringReader(text.startsWith("\uFEFF") ? text.substring(1) : text));
        } catch (IOException | IllegalArgumentException e) {
            throw new WrongUsageException(
                    "cannot read the settings in " + file + ": " + e.getMessage(),
                    "a backslash begins an escape; write \\\\ for a plain one",
                    e);
        }
        for (String key : twice) {
            throw new WrongUsageException(key + " stands twice in " + file, "keep one of the two lines");
        }
        for (String key : properties.stringPropertyNames()) {
            String origin = file + " line " + lineOf(key, text);
            if (key.startsWith(OURS)) {
                values.put(key, new Value(properties.getProperty(key), origin, true));
            } else if (looksLikeOurs(key)) {
                throw new WrongUsageException(
                        "unknown setting " + key + " (" + origin + ")",
                        "did you mean " + KnownSettings.nearest(key) + "?");
            } else {
                others.put(key, properties.getProperty(key));
            }
        }
    }

    private void readVariables(Map<String, Value> values) throws WrongUsageException {
        Map<String, String> keys = new HashMap<>();
        List<String> databases = namesIn("caravan.databases", values);
        List<String> regions = namesIn("caravan.warm.regions", values);
        for (KnownSetting known : KnownSettings.ALL) {
            List<String> owners = known.isPerDatabase() ? databases : known.isPerRegion() ? regions : List.of("");
            for (String owner : owners) {
                String key = known.keyFor(owner);
                keys.put(KnownSetting.variableOf(key), key);
            }
        }
        for (Map.Entry<String, String> variable : environment.entrySet()) {
            String name = variable.getKey();
            if (!name.startsWith(OUR_VARIABLES) || NOT_SETTINGS.contains(name)) {
                continue;
            }
            String key = keys.get(name);
            if (key == null) {
                throw new WrongUsageException(
                        "unknown setting " + name + " in the environment", hintFor(name, keys.keySet()));
            }
            values.put(key, new Value(variable.getValue(), name + " in the environment", false));
        }
    }

    private void readSystem(Map<String, Value> values) {
        for (String key : system.stringPropertyNames()) {
            if (key.startsWith(OURS) && !NOT_OURS.contains(key)) {
                values.put(key, new Value(system.getProperty(key), "-D" + key, false));
            }
        }
    }

    /** What the last source of {@code key} lists, since these names are part of other variables' names. */
    private List<String> namesIn(String key, Map<String, Value> values) {
        String inFile = values.containsKey(key) ? values.get(key).text() : "";
        String named = system.getProperty(key, environment.getOrDefault(KnownSetting.variableOf(key), inFile));
        return List.of(named.strip().split("\\s*,\\s*", -1));
    }

    /** A variable that is right but for the name in it belongs to a database or region that is not listed. */
    private static String hintFor(String variable, Set<String> known) {
        for (KnownSetting setting : KnownSettings.ALL) {
            Matcher owner = Pattern.compile(
                            KnownSetting.variableOf(setting.keyFor("NAME")).replace("NAME", "([A-Z0-9_]+)"))
                    .matcher(variable);
            if (!setting.isSingle() && owner.matches()) {
                String list = setting.isPerDatabase() ? "caravan.databases" : "caravan.warm.regions";
                return list + " lists no "
                        + owner.group(1).toLowerCase(Locale.ROOT).replace('_', '-') + "; add it there";
            }
        }
        return "did you mean " + Spelling.nearest(variable, known) + "?";
    }

    /** Whether a key means to begin with {@code caravan.} but does not. */
    private static boolean looksLikeOurs(String key) {
        int dot = key.indexOf('.');
        return dot > 0 && Spelling.distance(key.substring(0, dot), "caravan") <= 2;
    }

    private static int lineOf(String key, String text) {
        Pattern assignment = Pattern.compile("\\s*" + Pattern.quote(key) + "(?:[=:\\s].*)?");
        List<String> lines = text.lines().toList();
        for (int at = 0; at < lines.size(); at++) {
            if (assignment.matcher(lines.get(at)).matches()) {
                return at + 1;
            }
        }
        return 0;
    }

    /** Notes a key that is loaded a second time; otherwise the later line would silently win. */
    private static final class DuplicateNoticing extends Properties {

        private static final long serialVersionUID = 1L;

        private final transient List<String> twice;

        DuplicateNoticing(List<String> twice) {
            this.twice = twice;
        }

        @Override
        public synchronized Object put(Object key, Object value) {
            if (containsKey(key)) {
                twice.add(String.valueOf(key));
            }
            return super.put(key, value);
        }
    }
}
