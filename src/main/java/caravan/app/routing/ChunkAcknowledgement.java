package caravan.app.routing;

import caravan.publish.NamedChunk;
import caravan.publish.Publication;
import org.apache.camel.AggregationStrategy;
import org.apache.camel.Exchange;
import org.apache.camel.support.DefaultExchange;

/**
 * Aggregates the chunks of a publication by writing each down when it is stored, so that none is kept in memory. A
 * chunk that failed is noted on the publication, which raises it when all chunks have ended. Bean {@code
 * chunkAcknowledgement}.
 */
public final class ChunkAcknowledgement implements AggregationStrategy {

    @Override
    public Exchange aggregate(Exchange earlier, Exchange chunk) {
        Publication publication = chunk.getVariable(PublicationDesk.PUBLICATION, Publication.class);
        if (chunk.getException() != null) {
            publication.fail(chunk.getException());
        } else if (chunk.getMessage().getBody() instanceof NamedChunk stored) {
            acknowledge(publication, stored);
        }
        // The answer must carry neither the chunk nor the exception of any one of them.
        return earlier == null ? new DefaultExchange(chunk.getContext()) : earlier;
    }

    private static void acknowledge(Publication publication, NamedChunk stored) {
        try {
            publication.acknowledge(stored);
        } catch (Exception e) {
            publication.fail(e);
        }
    }
}
