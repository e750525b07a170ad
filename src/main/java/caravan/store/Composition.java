package caravan.store;

import static java.util.Objects.requireNonNull;

import java.util.List;

/**
 * What an object is made of that the store puts together by itself.
 *
 * @param parts whole objects, in order; at least one
 * @param contentType of the new object
 * @param cachePolicy of the new object
 */
public record Composition(List<Part> parts, String contentType, CachePolicy cachePolicy) {

    /** S3 takes no smaller part, except as the last. */
    public static final long SMALLEST_PART = 5L << 20;

    /** S3 takes no more parts. */
    public static final int MOST_PARTS = 10_000;

    public Composition {
        parts = List.copyOf(parts);
        requireNonNull(contentType, "contentType");
        requireNonNull(cachePolicy, "cachePolicy");
        if (parts.isEmpty()) {
            throw new IllegalArgumentException("nothing cannot be composed");
        }
    }

    /** Bytes of the new object. */
    public long size() {
        return parts.stream().mapToLong(Part::size).sum();
    }

    /** Whether every store that speaks S3 can put it together. */
    public boolean isPossible() {
        return parts.size() <= MOST_PARTS
                && parts.stream().limit(parts.size() - 1L).allMatch(part -> part.size() >= SMALLEST_PART);
    }

    /**
     * One object.
     *
     * @param key where it is
     * @param size its bytes
     */
    public record Part(String key, long size) {
        public Part {
            requireNonNull(key, "key");
        }
    }
}
