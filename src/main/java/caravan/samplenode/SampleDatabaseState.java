package caravan.samplenode;

/**
 * What a sound sample store was found to hold.
 *
 * @param head the height whose state it is
 * @param keys in all column families together
 * @param valueBytes in all values together, uncompressed
 */
public record SampleDatabaseState(long head, long keys, long valueBytes) {}
