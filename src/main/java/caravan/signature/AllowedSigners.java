package caravan.signature;

import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.format.ResolverStyle;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Reads allowed-signers files (ssh-keygen(1), ALLOWED SIGNERS) and {@code .pub} files. Principals are not compared with
 * anything: whoever is listed is trusted.
 *
 * <p>Messages of {@link IllegalArgumentException}s begin with the line number.
 */
final class AllowedSigners {

    private static final Pattern KEY = Pattern.compile("(?:ssh|ecdsa|sk)-[^\\s\"=,]+(?=\\s|$)");

    /** One option; commas and spaces are part of a quoted value. */
    private static final Pattern OPTION = Pattern.compile("([A-Za-z-]+)(?:=\"((?:[^\"\\\\]|\\\\.)*)\")?");

    private static final Pattern PRINCIPALS = Pattern.compile("(?:\"[^\"]*\"|[^\\s\"]+)\\s+");

    private static final Pattern TIME = Pattern.compile("(\\d{8})(\\d{4})?(\\d{2})?(Z?)");

    private static final DateTimeFormatter DIGITS =
            DateTimeFormatter.ofPattern("uuuuMMddHHmmss", Locale.ROOT).withResolverStyle(ResolverStyle.STRICT);

    private static final String PRIVATE_KEY = "-----BEGIN OPENSSH PRIVATE KEY";

    private AllowedSigners() {}

    static List<Trust> parse(List<String> lines) {
        List<Trust> trusted = new ArrayList<>();
        for (int number = 1; number <= lines.size(); number++) {
            String line = lines.get(number - 1).strip();
            if (line.isEmpty() || line.startsWith("#")) {
                continue;
            }
            try {
                trusted.add(parseLine(line));
            } catch (IllegalArgumentException e) {
                throw new IllegalArgumentException("line " + number + ": " + e.getMessage(), e);
            }
        }
        return trusted;
    }

    private static Trust parseLine(String line) {
        if (line.startsWith(PRIVATE_KEY)) {
            throw new IllegalArgumentException(
                    "this is a private key, which only its publisher may have: name the .pub");
        }
        Matcher bare = KEY.matcher(line);
        if (bare.lookingAt()) {
            return Trust.unlimited(fingerprintOf(line));
        }
        Matcher principals = PRINCIPALS.matcher(line);
        if (!principals.lookingAt()) {
            throw new IllegalArgumentException("it has no key");
        }
        String rest = line.substring(principals.end());
        return KEY.matcher(rest).lookingAt() ? Trust.unlimited(fingerprintOf(rest)) : parseOptions(rest);
    }

    private static Trust parseOptions(String text) {
        String namespaces = "*";
        Instant after = Instant.MIN;
        Instant before = Instant.MAX;
        Matcher option = OPTION.matcher(text);
        int at = 0;
        while (true) {
            if (!option.find(at) || option.start() != at) {
                throw new IllegalArgumentException("its options cannot be read");
            }
            String name = option.group(1).toLowerCase(Locale.ROOT);
            switch (name) {
                case "namespaces" -> namespaces = valueOf(option);
                case "valid-after" -> after = timeOf(valueOf(option));
                case "valid-before" -> before = timeOf(valueOf(option));
                case "cert-authority" ->
                    throw new IllegalArgumentException(
                            "certificate authorities are not supported; list the signing key itself");
                default -> throw new IllegalArgumentException("the option " + name + " is not known");
            }
            at = option.end();
            if (at >= text.length() || text.charAt(at) != ',') {
                break;
            }
            at++;
        }
        return new Trust(fingerprintOf(text.substring(at).strip()), namespaces, after, before);
    }

    private static String valueOf(Matcher option) {
        if (option.group(2) == null) {
            throw new IllegalArgumentException("the option " + option.group(1) + " has no value in double quotes");
        }
        return option.group(2).replaceAll("\\\\(.)", "$1");
    }

    /** YYYYMMDD[HHMM[SS]], in this system's time zone or, with a Z, in UTC. */
    private static Instant timeOf(String text) {
        Matcher matcher = TIME.matcher(text);
        if (!matcher.matches() || (matcher.group(2) == null && matcher.group(3) != null)) {
            throw new IllegalArgumentException("the time \"" + text + "\" is not YYYYMMDD[HHMM[SS]][Z]");
        }
        String digits = (text.replace("Z", "") + "000000").substring(0, 14);
        ZoneId zone = matcher.group(4).isEmpty() ? ZoneId.systemDefault() : ZoneOffset.UTC;
        try {
            return LocalDateTime.parse(digits, DIGITS).atZone(zone).toInstant();
        } catch (DateTimeException e) {
            throw new IllegalArgumentException("there is no time \"" + text + "\"", e);
        }
    }

    private static String fingerprintOf(String typeAndKey) {
        String[] words = typeAndKey.split("\\s+", 3);
        if (words.length < 2) {
            throw new IllegalArgumentException("it has no key");
        }
        if (!words[0].equals(TrustedKey.TYPE)) {
            throw new IllegalArgumentException(
                    "only keys of type " + TrustedKey.TYPE + " are supported, not " + words[0]);
        }
        try {
            return TrustedKey.fromBlob(Base64.getDecoder().decode(words[1])).fingerprint();
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("its key cannot be read: " + e.getMessage(), e);
        }
    }
}
