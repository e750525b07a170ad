package caravan.catalog;

import caravan.snapshot.Digest;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Base64;

/**
 * The status page as one object: markup, style and script from the program's resources, put together, and a content
 * security policy that allows exactly these. The same program always makes the same bytes.
 */
public final class StatusPage {

    private final byte[] html;

    private StatusPage(byte[] html) {
        this.html = html;
    }

    /** The page of this program. */
    public static StatusPage load() {
        String style = resource("page.css");
        String script = resource("page.js");
        String page = resource("page.html")
                .replace("{{policy}}", policy(style, script))
                .replace("{{style}}", style)
                .replace("{{script}}", script);
        return new StatusPage(page.getBytes(StandardCharsets.UTF_8));
    }

    /** The whole page, in UTF-8. */
    public byte[] html() {
        return html.clone();
    }

    /**
     * Nothing but what is in the page may run or look; it may read objects beside it, show its own icon, and set no
     * markup from text.
     */
    private static String policy(String style, String script) {
        return String.join(
                "; ",
                "default-src 'none'",
                "style-src '" + hash(style) + "'",
                "script-src '" + hash(script) + "'",
                "connect-src 'self'",
                "img-src data:",
                "base-uri 'none'",
                "form-action 'none'",
                "require-trusted-types-for 'script'",
                "trusted-types 'none'");
    }

    private static String hash(String source) {
        byte[] digest = Digest.of(source.getBytes(StandardCharsets.UTF_8)).bytes();
        return "sha256-" + Base64.getEncoder().encodeToString(digest);
    }

    private static String resource(String name) {
        try (InputStream in = StatusPage.class.getResourceAsStream(name)) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException("the program's own " + name + " cannot be read", e);
        }
    }
}
