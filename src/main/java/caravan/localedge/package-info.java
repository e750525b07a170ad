/**
 * CDN edges in this process, for the demo, for tests and for trying things out: small caching HTTP fronts that answer
 * as CloudFront does, each in a region of its own, in front of one origin, and the part of CloudFront's API that
 * invalidates. What they say is honest: an answer is a hit if its bytes came from the edge's own disk, and a miss costs
 * what the distance to the origin costs, which is modelled, settable and the same each time.
 */
package caravan.localedge;
