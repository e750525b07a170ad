/** Commands, settings, beans and everything that knows Camel. It may use every other package; none uses it. */
package caravan.app;
