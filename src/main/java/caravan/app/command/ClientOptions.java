package caravan.app.command;

import caravan.app.settings.SettingLookup;
import caravan.app.settings.StateDirectory;
import caravan.failure.CaravanException;
import caravan.failure.WrongUsageException;
import caravan.pace.RateLimit;
import caravan.pace.Waiting;
import caravan.restore.ClientSettings;
import caravan.restore.Progress;
import caravan.restore.PublishedBase;
import caravan.signature.TrustedKeys;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine.Option;

/** Options of every command that reads published snapshots. */
final class ClientOptions {

    private static final Pattern RATE = Pattern.compile("(\\d{1,9})([KMGkmg]?)");

    @Option(
            names = "--key",
            paramLabel = "FILE|SHA256:…",
            description =
                    "Trust this publisher: a .pub file, an allowed-signers file, or a fingerprint. May be repeated."
                            + " Default: setting caravan.trusted-keys.")
    private List<String> keys = new ArrayList<>();

    @Option(
            names = "--ca",
            paramLabel = "FILE",
            description = "Trust the certificates in this PEM file instead of the platform's."
                    + " Default: setting caravan.ca-file.")
    private List<Path> authorities = new ArrayList<>();

    @Option(
            names = "--source",
            paramLabel = "BASE",
            description = "Take the objects from here, too: a mirror, the bucket's own endpoint, a directory. May be"
                    + " repeated; none is trusted. BASE is what stands before /<database> in URL."
                    + " Default: setting caravan.sources.")
    private List<String> sources = new ArrayList<>();

    @Option(
            names = "--parallel",
            paramLabel = "N",
            description =
                    "Most chunks under way at a time: it begins with 8 and takes more while that is faster. Default: "
                            + ClientSettings.DEFAULT_PARALLEL + ".")
    private Integer parallel;

    @Option(
            names = "--limit-rate",
            paramLabel = "BYTES",
            description = "Most bytes a second in all, as 500K, 20M or 1G (powers of 1024).")
    private String limitRate = "";

    @Option(
            names = "--state",
            paramLabel = "DIR",
            description =
                    "Where this client remembers what it has seen. Default: setting caravan.state-directory, $XDG_STATE_HOME/caravan, or"
                            + " ~/.local/state/caravan.")
    private Path state;

    @Option(names = "--json", description = "Write events and results as JSON, one object a line.")
    private boolean json;

    /** Whether output is for machines. */
    boolean json() {
        return json;
    }

    /** Whether {@code --source} is given. */
    boolean namesSources() {
        return !sources.isEmpty();
    }

    /** What {@code --parallel} says; empty if it is not given. */
    OptionalInt parallel() throws WrongUsageException {
        if (parallel == null) {
            return OptionalInt.empty();
        }
        if (parallel < 1 || parallel > 256) {
            throw new WrongUsageException("--parallel " + parallel + " is of no use", "give a number from 1 to 256");
        }
        return OptionalInt.of(parallel);
    }

    /** What {@code --limit-rate} says, in bytes per second; empty if it is not given. */
    OptionalLong rate() throws WrongUsageException {
        return limitRate.isEmpty() ? OptionalLong.empty() : OptionalLong.of(bytesPerSecond(limitRate));
    }

    /** Where the command says what it found and did. */
    Report report() {
        return json ? new JsonReport(System.out) : new TextReport(System.out);
    }

    /**
     * Does {@code work} while its progress is shown, and tells what each source delivered and, to machines, how it
     * failed.
     */
    <T> T show(Progress progress, Work<T> work) throws CaravanException, InterruptedException {
        try (ProgressPrinter printer = ProgressPrinter.start(progress, json)) {
            return work.run(printer);
        } catch (CaravanException e) {
            report().failed(e);
            throw e;
        } finally {
            report().sources(progress.sources());
        }
    }

    /** What takes long. */
    @FunctionalInterface
    interface Work<T> {
        T run(ProgressPrinter printer) throws CaravanException, InterruptedException;
    }

    /**
     * What the options and settings amount to.
     *
     * @param setting value of a setting by its key; empty if it is not set
     */
    ClientSettings settings(SettingLookup setting) throws WrongUsageException {
        return settings(setting, trusted(setting));
    }

    /** The same for what needs no signature: nobody is trusted. */
    ClientSettings settingsWithoutKeys(SettingLookup setting) throws WrongUsageException {
        return settings(setting, TrustedKeys.of());
    }

    private ClientSettings settings(SettingLookup setting, TrustedKeys trusted) throws WrongUsageException {
        ClientSettings settings = ClientSettings.of(trusted, stateDirectory(setting))
                .withParallel(parallel().orElse(ClientSettings.DEFAULT_PARALLEL))
                .withAuthorities(authorities(setting))
                .withMirrors(mirrors(setting));
        OptionalLong rate = rate();
        return rate.isEmpty() ? settings : settings.withRate(RateLimit.of(rate.getAsLong(), Waiting.REAL));
    }

    private TrustedKeys trusted(SettingLookup setting) throws WrongUsageException {
        List<String> all = keys;
        if (all.isEmpty()) {
            String file = setting.text("caravan.trusted-keys");
            all = file.isEmpty() ? List.of() : List.of(file);
        }
        if (all.isEmpty()) {
            throw new WrongUsageException(
                    "no key is trusted, so nothing that is published can be believed",
                    "give --key FILE or --key SHA256:… as the publisher states it, or set caravan.trusted-keys");
        }
        TrustedKeys trusted = TrustedKeys.parseOption(all.get(0));
        for (String key : all.subList(1, all.size())) {
            trusted = trusted.and(TrustedKeys.parseOption(key));
        }
        return trusted;
    }

    private List<PublishedBase> mirrors(SettingLookup setting) throws WrongUsageException {
        List<String> all =
                sources.isEmpty() ? List.of(setting.text("caravan.sources").split(",", -1)) : sources;
        List<PublishedBase> mirrors = new ArrayList<>();
        for (String source : all) {
            if (!source.isBlank()) {
                mirrors.add(PublishedBase.parse(source.strip()));
            }
        }
        return mirrors;
    }

    private List<Path> authorities(SettingLookup setting) throws WrongUsageException {
        String file = setting.text("caravan.ca-file");
        return authorities.isEmpty() && !file.isEmpty() ? List.of(Path.of(file)) : authorities;
    }

    private Path stateDirectory(SettingLookup setting) throws WrongUsageException {
        if (state != null) {
            return state;
        }
        return StateDirectory.of(setting.text("caravan.state-directory"), System.getenv());
    }

    /** Reads {@code 500K}, {@code 20M}, {@code 1G} or plain bytes. */
    static long bytesPerSecond(String text) throws WrongUsageException {
        Matcher matcher = RATE.matcher(text);
        if (!matcher.matches() || Long.parseLong(matcher.group(1)) == 0) {
            throw new WrongUsageException("--limit-rate " + text + " is no rate", "write for example 500K, 20M or 1G");
        }
        int power = " KMG"
                .indexOf(matcher.group(2).isEmpty() ? " " : matcher.group(2).toUpperCase(Locale.ROOT));
        return Long.parseLong(matcher.group(1)) << (10 * power);
    }
}
