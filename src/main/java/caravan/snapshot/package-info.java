/**
 * The nouns that publisher and client share: digests, chunks, files, snapshots, records and pointers, and where each
 * lies in the bucket. Plain values that need the JDK alone. {@code docs/format.md} is their full text.
 */
package caravan.snapshot;
