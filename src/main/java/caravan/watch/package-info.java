/**
 * When to publish: whether a database has changed, whether it is quiet, who asked for it, and whether its node may be
 * captured now, by what it says over JSON-RPC. It looks and decides; it writes nothing into a node's directory.
 */
package caravan.watch;
