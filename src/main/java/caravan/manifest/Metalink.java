package caravan.manifest;

import java.io.IOException;
import java.io.Writer;

/**
 * Writes a Metalink 4 document (RFC 5854): names, sizes, hashes and addresses for any program that reads that format.
 * Not thread safe.
 */
final class Metalink {

    private final Writer out;

    Metalink(Writer out) {
        this.out = out;
    }

    void begin() throws IOException {
        out.append("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
        out.append("<metalink xmlns=\"urn:ietf:params:xml:ns:metalink\">\n");
    }

    /** One file to download. A path of a snapshot has no character that XML cannot have. */
    void file(String name, long size, String sha256, String url) throws IOException {
        out.append("<file name=\"").append(escaped(name)).append("\"><size>");
        out.append(Long.toString(size)).append("</size><hash type=\"sha-256\">").append(sha256);
        out.append("</hash><url>").append(escaped(url)).append("</url></file>\n");
    }

    void end() throws IOException {
        out.append("</metalink>\n");
    }

    private static String escaped(String text) {
        return text.replace("&", "&amp;")
                .replace("<", "&lt;")
                .replace(">", "&gt;")
                .replace("\"", "&quot;");
    }
}
