/**
 * Holding a node still for a moment, and letting it go on again whatever happens: who the node is, how it is frozen or
 * stopped, and the watchdog that outlives us.
 */
package caravan.capture.node;
