/**
 * A stand-in for a blockchain node, for demonstrations and tests: a process that writes a real RocksDB with the column
 * families, options and write pattern of a Substrate node, answers the JSON-RPC calls a publisher asks, and keeps an
 * invariant so strict that {@link caravan.samplenode.SampleDatabaseCheck} can tell from any copy of its database
 * whether a batch was torn, lost or brought back.
 */
package caravan.samplenode;
