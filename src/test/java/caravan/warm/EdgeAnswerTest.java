package caravan.warm;

import static org.assertj.core.api.Assertions.assertThat;

import caravan.warm.EdgeAnswer.Cache;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class EdgeAnswerTest {

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "X-Cache         | Hit from cloudfront             | HIT",
                "X-Cache         | RefreshHit from cloudfront      | HIT",
                "X-Cache         | Miss from cloudfront            | MISS",
                "X-Cache         | Error from cloudfront           | UNKNOWN",
                "X-Cache         | MISS, HIT                       | HIT",
                "X-Cache         | HIT, MISS                       | MISS",
                "X-Cache         | TCP_MISS from a1                | MISS",
                "CF-Cache-Status | HIT                             | HIT",
                "CF-Cache-Status | DYNAMIC                         | MISS",
                "CF-Cache-Status | EXPIRED                         | MISS",
                "CF-Cache-Status | REVALIDATED                     | HIT",
                "X-Cache-Status  | MISS                            | MISS",
                "X-Cache-Status  | STALE                           | HIT",
                "Cache-Status    | Origin; hit, Edge; fwd=uri-miss | MISS",
                "Cache-Status    | Edge; hit; ttl=30               | HIT",
                "Age             | 0                               | UNKNOWN",
                "Age             | 17                              | HIT",
                "Age             | soon                            | UNKNOWN",
                "Via             | 1.1 cloudfront                  | UNKNOWN",
            })
    void wordsOfTheKnownCachesAreUnderstood(String header, String text, Cache cache) {
        assertThat(EdgeAnswer.of(Map.of(header, text)::get).cache()).isEqualTo(cache);
    }

    @ParameterizedTest
    @CsvSource({
        "X-Amz-Cf-Pop, FRA56-P4, FRA56-P4",
        "CF-Ray, 8a1b2c3d4e5f6a7b-NRT, NRT",
        "X-Served-By, cache-gru17120-GRU, GRU",
        "X-Amz-Cf-Pop, <script>, ''",
        "CF-Ray, 8a1b2c3d4e5f6a7b, ''",
    })
    void popIsReadWhereACdnTellsIt(String header, String text, String pop) {
        assertThat(EdgeAnswer.of(Map.of(header, text)::get).pop()).isEqualTo(pop);
    }

    @Test
    void ageDoesNotContradictAPlainWord() {
        assertThat(EdgeAnswer.of(Map.of("X-Cache", "Miss from cloudfront", "Age", "5")::get)
                        .cache())
                .isEqualTo(Cache.MISS);
    }
}
