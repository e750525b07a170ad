/** Whole directories on a disk. Needs the JDK alone. */
package caravan.disk;
