/**
 * What it costs to keep and to serve bytes, by list prices that an operator writes down. Knows no provider by itself,
 * and looks nothing up.
 */
package caravan.price;
