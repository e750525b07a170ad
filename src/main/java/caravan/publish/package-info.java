/**
 * One publication, from an idle node to a moved {@code latest}: naming chunks by their content, deciding which are
 * missing, writing down what was stored, and making a snapshot visible in the only safe order. The routes call these
 * classes one after the other; the classes know neither routes nor HTTP.
 */
package caravan.publish;
