/**
 * Reading published objects, over HTTP or from a directory: one attempt at a time, never more bytes than expected, and
 * never slower than a floor. Who asks decides about another attempt, with {@link caravan.restore.source.Retries}.
 */
package caravan.restore.source;
