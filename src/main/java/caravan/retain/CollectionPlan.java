package caravan.retain;

import caravan.snapshot.Digest;
import java.util.Set;

/**
 * What a collection is to do, and with which chunks.
 *
 * @param report the same for people
 * @param due chunks to delete
 * @param beginsAnew whether the list of candidates is of no use any more
 */
record CollectionPlan(RetentionReport report, Set<Digest> due, boolean beginsAnew) {}
