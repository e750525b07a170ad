/** Who may work on something, of all processes of this machine and all places in each of them. */
package caravan.lock;
