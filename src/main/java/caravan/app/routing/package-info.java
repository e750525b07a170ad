/**
 * Where routes and beans meet: the few classes that know both Camel and the stages of a publication. Everything here is
 * called from {@code routes/*.camel.yaml} by its name in the registry.
 */
package caravan.app.routing;
