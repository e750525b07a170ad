package caravan.localedge;

/**
 * An error of CloudFront's API, with status, code and text as CloudFront gives them.
 *
 * @param status of HTTP
 * @param code by which programs tell it
 * @param message for people
 */
public record ApiFault(int status, String code, String message) {

    /** Too many calls. */
    public static final ApiFault THROTTLING = new ApiFault(400, "Throttling", "Rate exceeded");

    /** Too many paths are being invalidated. */
    public static final ApiFault TOO_MANY_INVALIDATIONS = new ApiFault(
            400,
            "TooManyInvalidationsInProgress",
            "Processing your request will cause you to exceed the maximum number of in-progress invalidations.");

    /** These credentials may not do that. */
    public static final ApiFault ACCESS_DENIED = new ApiFault(
            403,
            "AccessDenied",
            "User: arn:aws:iam::123456789012:user/caravan is not authorized to perform: cloudfront:CreateInvalidation");

    /** CloudFront has a bad day. */
    public static final ApiFault UNAVAILABLE =
            new ApiFault(503, "ServiceUnavailable", "CloudFront encountered an internal error. Please try again.");

    static final ApiFault NO_SIGNATURE =
            new ApiFault(403, "MissingAuthenticationToken", "Request is missing Authentication Token");

    static final ApiFault NO_DISTRIBUTION =
            new ApiFault(404, "NoSuchDistribution", "The specified distribution does not exist.");

    static final ApiFault NO_INVALIDATION =
            new ApiFault(404, "NoSuchInvalidation", "The specified invalidation does not exist.");

    static final ApiFault OTHER_PATHS = new ApiFault(
            400,
            "InvalidationBatchAlreadyExists",
            "The caller reference that you are using to create an invalidation batch is associated with another"
                    + " invalidation batch.");

    static final ApiFault WRONG_QUANTITY =
            new ApiFault(400, "InconsistentQuantities", "The value of Quantity and the size of Items do not match.");

    static ApiFault malformed(String why) {
        return new ApiFault(400, "MalformedXML", why);
    }

    static ApiFault wrongPath(String path) {
        return new ApiFault(
                400, "InvalidArgument", "Your request contains one or more invalid invalidation paths: " + path);
    }
}
