/**
 * What is wrong here now, and what to do about it: one small class for each thing that is looked at. None of them changes
 * anything, here, in the bucket or at an edge; none waits for long, and none knows of the others.
 */
package caravan.doctor;
