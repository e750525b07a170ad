package caravan.app.pipeline;

import caravan.watch.NodeFacts;

/**
 * What came of asking a node once.
 *
 * @param facts what it said; {@link NodeFacts#UNKNOWN} if there is no node to ask, or it has a fault
 * @param fault why a publication would not begin now, for people; empty if nothing is wrong
 */
public record HeardNode(NodeFacts facts, String fault) {

    /** There is no node to ask. */
    static final HeardNode NOBODY = new HeardNode(NodeFacts.UNKNOWN, "");
}
