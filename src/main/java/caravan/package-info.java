/**
 * Caravan publishes a blockchain node's database and restores it anywhere. {@code docs/architecture.md} says which
 * package does what; {@link caravan.snapshot} has the words.
 */
package caravan;
