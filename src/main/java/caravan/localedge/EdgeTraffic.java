package caravan.localedge;

/**
 * What an edge has done since it was started.
 *
 * @param requests that were answered, well or badly
 * @param hits answered from the edge's disk without asking the origin
 * @param refreshHits answered from the edge's disk after the origin said that nothing has changed
 * @param misses answered with what the origin had to send
 * @param errors answers with a status of 400 or above
 * @param bytesServed of bodies, to viewers
 * @param originRequests sent to the origin; viewers that wait for the same object share one
 * @param bytesFromOrigin of bodies, from the origin
 */
public record EdgeTraffic(
        long requests,
        long hits,
        long refreshHits,
        long misses,
        long errors,
        long bytesServed,
        long originRequests,
        long bytesFromOrigin) {}
