/**
 * Taking a consistent copy of a node's database while the node goes on: which stores there are, whether they may be
 * captured, and the stage in which the copy holds still. What is special to an engine is in its own package below.
 */
package caravan.capture;
