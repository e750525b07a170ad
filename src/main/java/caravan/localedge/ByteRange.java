package caravan.localedge;

import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A part of an object: from {@code first} to {@code last}, both included. A part that does not exist is {@linkplain
 * #isSatisfiable not satisfiable}.
 */
record ByteRange(long first, long last) {

    private static final Pattern FORM = Pattern.compile("bytes=\\s*([0-9]{0,18})-([0-9]{0,18})\\s*");

    /**
     * What {@code header} asks of an object of {@code size} bytes; empty if it is no single range of bytes, in which
     * case the whole object is the right answer.
     */
    static Optional<ByteRange> in(String header, long size) {
        Matcher matcher = FORM.matcher(header);
        if (!matcher.matches()) {
            return Optional.empty();
        }
        String from = matcher.group(1);
        String to = matcher.group(2);
        if (from.isEmpty()) {
            return to.isEmpty() ? Optional.empty() : Optional.of(ofLast(Long.parseLong(to), size));
        }
        long first = Long.parseLong(from);
        long last = to.isEmpty() ? size - 1 : Math.min(Long.parseLong(to), size - 1);
        if (!to.isEmpty() && Long.parseLong(to) < first) {
            return Optional.empty();
        }
        return Optional.of(new ByteRange(first, last));
    }

    private static ByteRange ofLast(long count, long size) {
        return new ByteRange(count == 0 ? size : Math.max(0, size - count), size - 1);
    }

    boolean isSatisfiable() {
        return first <= last;
    }

    long length() {
        return last - first + 1;
    }
}
