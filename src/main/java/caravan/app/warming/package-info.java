/**
 * Where the routes of {@code 60-warm.camel.yaml} and warming meet: HTTP clients that reach a region through its
 * vantage, and the beans that the routes call.
 */
package caravan.app.warming;
