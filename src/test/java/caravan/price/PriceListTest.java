package caravan.price;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import caravan.failure.WrongUsageException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PriceListTest {

    private static final String RIGHT = """
            date=2025-06-01
            a.name=A
            a.storage=0.02
            a.egress=10:0.10,100:0.05,*:0.01
            a.egress.far=*:0.5
            a.requests=0.01
            a.requests.far=0.02
            a.free=5
            """;

    @TempDir
    Path directory;

    @Test
    void shippedListHasTheProvidersAndADate() throws Exception {
        PriceList list = PriceList.read(Path.of("config/prices.properties"));
        assertThat(list.providers()).extracting(Provider::id).containsExactly("b2", "cloudfront", "r2", "s3");
        assertThat(list.date()).isBeforeOrEqualTo(java.time.LocalDate.now(java.time.ZoneOffset.UTC));
        assertThat(list.find("r2")
                        .orElseThrow()
                        .month(1_000_000_000_000L, 1e15, 0)
                        .egress())
                .isZero();
        Provider cloudFront = list.find("cloudfront").orElseThrow();
        assertThat(cloudFront.serving("sa-east-1", 1_000_000_000, 0))
                .isGreaterThan(cloudFront.serving("us-east-1", 1_000_000_000, 0));
    }

    @Test
    void shippedListSaysOfEachProviderWithWhatAndWhenItWasCompared() throws Exception {
        String[] parts = Files.readString(Path.of("config/prices.properties")).split("(?m)^# https://", -1);
        assertThat(parts).hasSize(5);
        for (int part = 1; part < parts.length; part++) {
            assertThat(parts[part])
                    .containsPattern("# Compared 20\\d\\d-\\d\\d-\\d\\d")
                    .contains(".name=");
        }
    }

    @Test
    void monthIsPricedStepByStepAfterWhatIsFree() throws Exception {
        MonthlyCost month = read(RIGHT).find("a").orElseThrow().month(50_000_000_000L, 125e9, 20_000);
        assertThat(month.storage()).isEqualTo(1.0, within(1e-9));
        // 120 GB are billed: 10 at 0.10, 90 at 0.05, 20 at 0.01.
        assertThat(month.egress()).isEqualTo(1.0 + 4.5 + 0.2, within(1e-9));
        assertThat(month.requests()).isEqualTo(0.02, within(1e-9));
        assertThat(month.total()).isEqualTo(6.72, within(1e-9));
    }

    @Test
    void freeEgressMayGrowWithWhatIsStored() throws Exception {
        Provider provider = read(RIGHT + "a.free-stored=2\n").find("a").orElseThrow();
        assertThat(provider.month(50_000_000_000L, 105e9, 0).egress()).isZero();
        assertThat(provider.month(50_000_000_000L, 106e9, 0).egress()).isEqualTo(0.10, within(1e-9));
    }

    @Test
    void spendingIsPricedByRegionAndEndsAtItsBudget() throws Exception {
        Spending spending = new Spending(read(RIGHT).find("a").orElseThrow(), 1.0);
        spending.served("near", 1_000_000_000);
        spending.asked("near");
        assertThat(spending.of("near")).isEqualTo(0.100001, within(1e-9));
        assertThat(spending.isUsedUp()).isFalse();
        spending.served("far", 2_000_000_000);
        assertThat(spending.of("far")).isEqualTo(1.0, within(1e-9));
        assertThat(spending.isUsedUp()).isTrue();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "date=yesterday",
                "a.egress=10:0.10",
                "a.egress=10:0.10,5:0.2,*:0",
                "a.egress=free",
                "a.egress=*:-1",
                "a.storage=cheap",
                "b.name=B"
            })
    void listThatIsWrongIsSaidToBe(String line) {
        assertThatThrownBy(() -> read(RIGHT + line + "\n"))
                .isInstanceOf(WrongUsageException.class)
                .hasMessageContaining("cannot use the prices in ");
    }

    private PriceList read(String text) throws Exception {
        return PriceList.read(Files.writeString(directory.resolve("prices.properties"), text));
    }
}
