/**
 * From settings to a running publisher: which objects there are, how they know each other, and the Camel context they
 * are bound into. What they do is in the packages they come from.
 */
package caravan.app.pipeline;
