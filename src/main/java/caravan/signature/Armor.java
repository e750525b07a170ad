package caravan.signature;

import java.nio.charset.StandardCharsets;
import java.util.Base64;

/**
 * Text form of OpenSSH's binary files: base64 in lines of 70 characters between two marker lines. Only the form that
 * OpenSSH writes is read, so one content has one text.
 */
final class Armor {

    static final Armor SIGNATURE = new Armor("SSH SIGNATURE");

    static final Armor PRIVATE_KEY = new Armor("OPENSSH PRIVATE KEY");

    private static final int COLUMNS = 70;

    private final String begin;
    private final String end;

    private Armor(String label) {
        begin = "-----BEGIN " + label + "-----\n";
        end = "-----END " + label + "-----\n";
    }

    String wrap(byte[] content) {
        String encoded = Base64.getEncoder().encodeToString(content);
        StringBuilder text = new StringBuilder(begin);
        for (int at = 0; at < encoded.length(); at += COLUMNS) {
            text.append(encoded, at, Math.min(encoded.length(), at + COLUMNS)).append('\n');
        }
        return text.append(end).toString();
    }

    /** Index after the block that begins at {@code from}. */
    int endOf(String text, int from) {
        if (!text.startsWith(begin, from)) {
            throw new IllegalArgumentException("there is no line " + begin.strip() + " where it should be");
        }
        int at = text.indexOf("\n" + end, from);
        if (at < 0) {
            throw new IllegalArgumentException("there is no line " + end.strip());
        }
        return at + 1 + end.length();
    }

    /** Content of a text that is exactly one block. */
    byte[] unwrap(String block) {
        if (endOf(block, 0) != block.length()) {
            throw new IllegalArgumentException("there is something after the line " + end.strip());
        }
        String encoded = block.substring(begin.length(), block.length() - end.length());
        byte[] content = Base64.getDecoder().decode(encoded.replace("\n", "").getBytes(StandardCharsets.ISO_8859_1));
        if (!wrap(content).equals(block)) {
            throw new IllegalArgumentException("its base64 is not in the form that OpenSSH writes");
        }
        return content;
    }
}
