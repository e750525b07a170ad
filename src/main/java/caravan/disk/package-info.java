/** Whole directories and files on a disk. Needs the JDK alone. */
package caravan.disk;
