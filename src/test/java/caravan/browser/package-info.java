/** A real browser for tests of pages. */
package caravan.browser;
