/** Hash, cipher and TLS as fast as this machine can, with the same results everywhere. */
package caravan.crypto;
