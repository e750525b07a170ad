/**
 * Capturing a live RocksDB without its library: readers of MANIFEST, write-ahead logs and OPTIONS, the stable window in
 * which a set of hard links is one moment of the database, and the proof that the copy is whole.
 */
package caravan.capture.rocksdb;
