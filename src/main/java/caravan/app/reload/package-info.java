/**
 * Edits of the route files while the daemon runs: loaded and checked completely beside what runs, and put in its place
 * between two publications.
 */
package caravan.app.reload;
