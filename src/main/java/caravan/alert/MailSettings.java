package caravan.alert;

import java.net.InetAddress;
import java.net.URI;
import java.util.List;
import java.util.Properties;
import java.util.regex.Pattern;

/**
 * Where e-mail goes and how.
 *
 * @param server {@code smtp://host:port} or {@code smtps://host:port}
 * @param from address of the sender
 * @param to addresses of the readers, at least one
 * @param user who logs in at the server; empty for nobody
 * @param password of that user; a secret
 */
public record MailSettings(URI server, String from, List<String> to, String user, String password) {

    private static final Pattern ADDRESS = Pattern.compile("[^@\\s,;<>\"]+@[^@\\s,;<>\"]+");

    private static final String TIMEOUT_MILLIS = "15000";

    /** Refuses, with the reason, what could not work or would give the password away. */
    public MailSettings {
        to = List.copyOf(to);
        String scheme = server.getScheme();
        if (!"smtp".equals(scheme) && !"smtps".equals(scheme)) {
            throw new IllegalArgumentException("caravan.alert.email.smtp begins with smtp:// or smtps://");
        }
        if ((server.getPath() != null && server.getPath().length() > 1) || server.getQuery() != null) {
            throw new IllegalArgumentException("caravan.alert.email.smtp is a host and a port, and nothing after them");
        }
        if (to.isEmpty()) {
            throw new IllegalArgumentException("caravan.alert.email.to is not set");
        }
        requireAddress("caravan.alert.email.from", from);
        to.forEach(address -> requireAddress("caravan.alert.email.to", address));
        if (user.isEmpty() != password.isEmpty()) {
            throw new IllegalArgumentException(
                    "caravan.alert.email.user and caravan.alert.email.password are set together, or neither");
        }
    }

    /** {@code smtp} or {@code smtps}. */
    public String protocol() {
        return server.getScheme();
    }

    /** Port of the server; the usual one if the address names none. */
    public int port() {
        if (server.getPort() >= 0) {
            return server.getPort();
        }
        return protocol().equals("smtps") ? 465 : user.isEmpty() ? 25 : 587;
    }

    /**
     * Properties of Jakarta Mail: encrypted where the server can, and always where there is a password, unless the
     * server is on this machine; every wait bounded.
     */
    public Properties properties() {
        Properties properties = new Properties();
        String prefix = "mail." + protocol() + ".";
        properties.setProperty(prefix + "connectiontimeout", TIMEOUT_MILLIS);
        properties.setProperty(prefix + "timeout", TIMEOUT_MILLIS);
        properties.setProperty(prefix + "writetimeout", TIMEOUT_MILLIS);
        // One dead mailbox does not keep an alert from everybody else.
        properties.setProperty(prefix + "sendpartial", "true");
        properties.setProperty(prefix + "ssl.checkserveridentity", "true");
        properties.setProperty(prefix + "auth", Boolean.toString(!user.isEmpty()));
        if (protocol().equals("smtp")) {
            // The mail server of this machine often has a certificate that nobody signed, and no wire to protect.
            properties.setProperty("mail.smtp.starttls.enable", Boolean.toString(!isOnThisMachine()));
            properties.setProperty(
                    "mail.smtp.starttls.required", Boolean.toString(!user.isEmpty() && !isOnThisMachine()));
        }
        return properties;
    }

    @Override
    public String toString() {
        return server + " from " + from + " to " + String.join(", ", to);
    }

    /** By its name alone: asking DNS would let others decide whether the password is encrypted. */
    private boolean isOnThisMachine() {
        String host = server.getHost();
        return host.equals("localhost")
                || host.equals("[::1]")
                || host.matches("127(\\.\\d{1,3}){3}")
                || host.equals(InetAddress.getLoopbackAddress().getHostAddress());
    }

    private static void requireAddress(String key, String address) {
        if (!ADDRESS.matcher(address).matches()) {
            throw new IllegalArgumentException(key + " holds \"" + address + "\", which is no address");
        }
    }
}
