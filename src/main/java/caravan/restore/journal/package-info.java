/**
 * What a restore that is under way has verified and brought to the disk, so that the next run need not read it again.
 */
package caravan.restore.journal;
