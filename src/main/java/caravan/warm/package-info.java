/**
 * Brings new chunks into the caches of a CDN before users ask for them, all regions at once, and measures
 * what a user there would see. Knows no HTTP client and no routes: they fetch, this package decides what, in which
 * order and until when, and adds up what came back.
 */
package caravan.warm;
