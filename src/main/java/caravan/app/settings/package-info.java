/**
 * What operators set: read from a properties file, the environment and the command line, checked completely before
 * anything else happens. An unknown key, a wrong unit or a secret in the wrong place stops the start.
 */
package caravan.app.settings;
