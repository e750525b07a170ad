/**
 * Retention, and the collection of what no kept snapshot needs. Everything else only adds to the bucket; what is deleted
 * is decided here alone. How a collector and publishers that know nothing of each other stay out of each other's way:
 * docs/adr/0023.
 */
package caravan.retain;
