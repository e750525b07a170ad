/**
 * Keys and signed notes. A note is one line of JSON and the armored OpenSSH signatures (SSHSIG, Ed25519) over it; keys
 * are in OpenSSH's own file formats, so {@code ssh-keygen} can make, check and replace everything here. JDK
 * cryptography only.
 */
package caravan.signature;
