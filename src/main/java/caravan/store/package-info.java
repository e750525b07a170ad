/**
 * Where published objects live: the port {@link caravan.store.ObjectStore}, the start-up probe that finds out what a
 * store really promises, and the two limits on how hard it is pressed. No protocol here; {@code caravan.aws} has S3.
 */
package caravan.store;
