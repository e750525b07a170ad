package caravan.app.routing;

import caravan.publish.Publication;
import java.time.Instant;
import java.util.Optional;

/**
 * A publication that is over.
 *
 * @param publication which may have failed at any stage
 * @param at when it ended
 * @param failure what ended it early; empty if it was published
 */
public record EndedPublication(Publication publication, Instant at, Optional<Exception> failure) {}
