/**
 * What a CDN must forget after a publication: which paths, as clients ask for them, and for how long to wait until it
 * has. No protocol here; {@code caravan.aws} has CloudFront's, and the routes have those of others.
 */
package caravan.edge;
