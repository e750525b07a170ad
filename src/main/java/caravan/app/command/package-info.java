/**
 * The commands of operators and of clients: what picocli needs to know, and how progress and results look. What they do
 * is in {@link caravan.app.pipeline} and in {@link caravan.restore}.
 */
package caravan.app.command;
