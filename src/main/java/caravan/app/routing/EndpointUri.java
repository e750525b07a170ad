package caravan.app.routing;

import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.TreeMap;

/** The parts of an endpoint's URI, as a route or Camel writes it: {@code scheme:path?option=value}. */
public final class EndpointUri {

    private EndpointUri() {}

    /** Kind of an endpoint. */
    public static String schemeOf(String uri) {
        int colon = uri.indexOf(':');
        return colon < 0 ? uri : uri.substring(0, colon);
    }

    /** The address without its options; {@code direct://x} and {@code direct:x} are one. */
    static String pathOf(String uri) {
        int options = uri.indexOf('?');
        return (options < 0 ? uri : uri.substring(0, options)).replaceFirst("^([a-z0-9-]+):/{0,2}(?=[^/])", "$1:");
    }

    /** The options, decoded. */
    static Map<String, String> optionsOf(String uri) {
        Map<String, String> options = new TreeMap<>();
        int at = uri.indexOf('?');
        if (at < 0) {
            return options;
        }
        for (String option : uri.substring(at + 1).split("&", -1)) {
            int equals = option.indexOf('=');
            if (equals > 0) {
                options.put(
                        option.substring(0, equals),
                        URLDecoder.decode(option.substring(equals + 1), StandardCharsets.UTF_8));
            }
        }
        return options;
    }
}
