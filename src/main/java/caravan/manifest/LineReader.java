package caravan.manifest;

import com.fasterxml.jackson.core.exc.StreamConstraintsException;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.Reader;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;

/**
 * Gives out a text line by line, each as if it were a text of its own, without ever holding a whole line. Bytes that
 * are not UTF-8 are a {@link java.nio.charset.CharacterCodingException}.
 */
final class LineReader extends Reader {

    private static final int BUFFER = 1 << 13;

    private final Reader text;
    private final long maxLength;
    private final char[] buffer = new char[BUFFER];
    private int at;
    private int filled;
    private long number;
    private long length;
    private boolean ended;

    /**
     * A reader before the first line.
     *
     * @param maxLength most characters of one line
     */
    LineReader(InputStream bytes, long maxLength) {
        text = new InputStreamReader(
                bytes,
                StandardCharsets.UTF_8
                        .newDecoder()
                        .onMalformedInput(CodingErrorAction.REPORT)
                        .onUnmappableCharacter(CodingErrorAction.REPORT));
        this.maxLength = maxLength;
    }

    /** Goes to the next line; false if there is none. The one before must have been read to its end. */
    boolean next() throws IOException {
        if (!fill()) {
            return false;
        }
        number++;
        length = 0;
        ended = false;
        return true;
    }

    /** Number of the line that {@link #next} went to last, from 1; 0 before it was called. */
    long number() {
        return number;
    }

    /** Characters of this line up to its newline, then -1. */
    @Override
    public int read(char[] target, int offset, int wanted) throws IOException {
        if (ended || !fill()) {
            if (!ended) {
                throw new StreamConstraintsException("the line has no newline at its end: something is missing");
            }
            return -1;
        }
        int count = 0;
        while (count < wanted && at < filled) {
            char next = buffer[at++];
            if (next == '\n') {
                ended = true;
                break;
            }
            target[offset + count++] = next;
        }
        length += count;
        if (length > maxLength) {
            throw new StreamConstraintsException("the line is longer than " + maxLength + " characters");
        }
        return count == 0 ? -1 : count;
    }

    /** Does nothing: the end of a line is not the end of the text, and the caller closes that. */
    @Override
    public void close() {}

    private boolean fill() throws IOException {
        if (at == filled) {
            at = 0;
            filled = Math.max(0, text.read(buffer, 0, BUFFER));
        }
        return filled > 0;
    }
}
