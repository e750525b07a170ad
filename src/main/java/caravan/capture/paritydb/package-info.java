/**
 * ParityDB's files, as far as they can be judged without its engine: metadata, sizes, the heads of tables, and the logs
 * that an opening would replay.
 */
package caravan.capture.paritydb;
