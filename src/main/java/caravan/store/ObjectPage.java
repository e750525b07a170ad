package caravan.store;

import java.util.List;
import java.util.Optional;

/**
 * A part of a listing.
 *
 * @param objects in the order of their keys' UTF-8 bytes
 * @param next what to ask for the part that follows; empty after the last
 */
public record ObjectPage(List<ListedObject> objects, Optional<String> next) {

    /** Copies the list. */
    public ObjectPage {
        objects = List.copyOf(objects);
    }
}
