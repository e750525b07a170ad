/**
 * The client: finds a snapshot and believes its signatures, restores it into a directory, checks what was restored or
 * published, and lists what there is. A restore that was ended at any moment goes on where it was.
 */
package caravan.restore;
