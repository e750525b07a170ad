/**
 * The commands that restore, check and list: what picocli needs to know, and how progress and results look. What they do
 * is in {@link caravan.restore}.
 */
package caravan.app.command;
