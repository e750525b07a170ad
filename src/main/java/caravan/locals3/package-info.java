/**
 * An S3 server in this process, over a directory, for the demo, for tests and for trying things out: S3Proxy, which
 * nothing else in the code knows.
 */
package caravan.locals3;
