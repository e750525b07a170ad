/** Parts that break on demand, for tests of what happens then. */
package caravan.faults;
