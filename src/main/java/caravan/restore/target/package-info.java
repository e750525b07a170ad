/**
 * The directory that a snapshot is restored into: what may be done with it, its locks, and file operations that never
 * follow a link and never leave it.
 */
package caravan.restore.target;
