/**
 * The files of format v1: manifest, record, pointer and the exports, written and read. Manifests are streams: neither
 * side holds one in memory. What a reader refuses a writer does not write. {@code docs/format.md} is the contract.
 */
package caravan.manifest;
