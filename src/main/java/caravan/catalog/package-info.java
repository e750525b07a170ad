/**
 * What people see of a bucket: the catalog of all databases and their snapshots, and the page that shows it. Nobody
 * restores by either, so neither may ever fail a publication.
 */
package caravan.catalog;
