package caravan.samplenode;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import caravan.failure.FailedException;
import caravan.samplenode.SampleDatabaseCheck.OpenMode;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SampleStoreTest {

    private static final StoreShape SHAPE = new StoreShape("store", 100, List.of(40, 200));

    @TempDir
    private Path directory;

    @Test
    void slidesItsWindowOneHeightAtATimeOrMany() throws Exception {
        try (SampleStore store = SampleStore.open(directory, SHAPE, Profile.TORTURE)) {
            store.commit(130);
            store.commit(1);
            store.commit(64);
            assertThat(store.head()).isEqualTo(195);
        }

        assertThat(check().keys()).isEqualTo(2 * 101 + 3);
    }

    @Test
    void anEmptyStoreIsTheStateOfHeightZero() throws Exception {
        SampleStore.open(directory, SHAPE, Profile.DEMO).close();

        assertThat(check().head()).isZero();
    }

    @Test
    void anExistingStoreKeepsItsShapeAndItsSums() throws Exception {
        try (SampleStore store = SampleStore.open(directory, SHAPE, Profile.DEMO)) {
            store.commit(10);
        }
        StoreShape other = new StoreShape("other", 3, List.of(1, 1));

        try (SampleStore store = SampleStore.open(directory, other, Profile.TORTURE)) {
            assertThat(store.shape()).isEqualTo(SHAPE);
            store.commit(10);
            store.settle();
        }

        assertThat(check().head()).isEqualTo(20);
    }

    @Test
    void isOpenedByOneAtATime() throws Exception {
        try (SampleStore store = SampleStore.open(directory, SHAPE, Profile.DEMO)) {
            assertThatThrownBy(() -> SampleStore.open(directory, SHAPE, Profile.DEMO))
                    .isInstanceOf(FailedException.class)
                    .hasMessageContaining(directory.toString());
            store.commit(1);
        }
    }

    @Test
    void valuesAreAsLongAsTheShapeSaysOnAverage() {
        StoreContents contents = new StoreContents(SHAPE);
        long bytes = 0;
        for (long height = 1; height <= 1_000; height++) {
            byte[] value = contents.value(1, height);
            assertThat(value).hasSizeBetween(100, 300).isEqualTo(contents.value(1, height));
            bytes += value.length;
        }

        assertThat(bytes / 1_000).isBetween(190L, 210L);
    }

    private SampleDatabaseState check() throws Exception {
        try (SampleDatabaseCheck check = new SampleDatabaseCheck(OpenMode.READ_ONLY)) {
            return check.check(directory);
        }
    }
}
