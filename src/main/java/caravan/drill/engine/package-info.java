/**
 * Databases read by their own engine, in a process of its own: a damaged file that makes native code crash, hang or eat
 * memory ends that process and nothing else.
 */
package caravan.drill.engine;
