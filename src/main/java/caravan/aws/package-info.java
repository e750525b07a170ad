/**
 * S3 behind the port {@link caravan.store.ObjectStore}: settings, the one shared client, what each failure means. The
 * only package but {@code caravan.app} that knows the AWS SDK; the client it builds also serves Camel's
 * {@code aws2-s3} endpoints.
 */
package caravan.aws;
