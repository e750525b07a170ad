/**
 * What a daemon says of itself: numbers for Prometheus and health for whoever supervises it, on a port that only this
 * machine reaches. Nothing of it is loaded by the commands that do one thing and end.
 */
package caravan.app.operating;
