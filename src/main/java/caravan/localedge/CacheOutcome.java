package caravan.localedge;

/** Where an answer came from, in CloudFront's words. */
enum CacheOutcome {
    HIT("Hit"),
    REFRESH_HIT("RefreshHit"),
    MISS("Miss"),
    ERROR("Error");

    private final String word;

    CacheOutcome(String word) {
        this.word = word;
    }

    /** Value of the {@code X-Cache} header. */
    String header() {
        return word + " from cloudfront";
    }
}
