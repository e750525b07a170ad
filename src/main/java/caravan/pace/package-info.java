/** How fast bytes may move, and time that tests can replace. Plain classes that need the JDK alone. */
package caravan.pace;
