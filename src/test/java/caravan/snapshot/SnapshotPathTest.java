package caravan.snapshot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class SnapshotPathTest {

    @ParameterizedTest
    @ValueSource(
            strings = {
                "CURRENT",
                "db/full/000012.sst",
                "a",
                ".hidden",
                "..a",
                "a..b",
                "...a/b",
                "-rf",
                "~",
                "a b",
                " a",
                "ab:c/d",
                "db/c:x",
                "%2e%2e/x",
                "ü",
                "日本/語",
                "😀",
                "$(reboot)",
                "a'b\"c",
                "*?[x]",
                "con",
                "caravan",
            })
    void pathThatAnySystemCanHoldIsTaken(String path) {
        assertThat(new SnapshotPath(path)).hasToString(path);
    }

    static Stream<Arguments> brokenPaths() {
        return Stream.of(
                Arguments.of("", "is absolute, empty or has an empty name"),
                Arguments.of("/", "is absolute, empty or has an empty name"),
                Arguments.of("/etc/passwd", "is absolute, empty or has an empty name"),
                Arguments.of("//server/share", "is absolute, empty or has an empty name"),
                Arguments.of("a//b", "is absolute, empty or has an empty name"),
                Arguments.of("a/", "is absolute, empty or has an empty name"),
                Arguments.of(".", "ends in a dot or a space"),
                Arguments.of("..", "ends in a dot or a space"),
                Arguments.of("../a", "ends in a dot or a space"),
                Arguments.of("a/../b", "ends in a dot or a space"),
                Arguments.of("a/./b", "ends in a dot or a space"),
                Arguments.of("a/..", "ends in a dot or a space"),
                Arguments.of("a.", "ends in a dot or a space"),
                Arguments.of("a ", "ends in a dot or a space"),
                Arguments.of("a /b", "ends in a dot or a space"),
                Arguments.of("C:", "begins with a drive letter"),
                Arguments.of("c:/windows", "begins with a drive letter"),
                Arguments.of("z:x", "begins with a drive letter"),
                Arguments.of("a\\b", "U+005C"),
                Arguments.of("..\\b", "U+005C"),
                Arguments.of("a\0b", "U+0000"),
                Arguments.of("a\nb", "U+000A"),
                Arguments.of("a\tb", "U+0009"),
                Arguments.of("a\u001bb", "U+001B"),
                Arguments.of("a\u007fb", "U+007F"),
                Arguments.of("a\u0085b", "U+0085"),
                Arguments.of("a\u009fb", "U+009F"),
                Arguments.of("a\u200bb", "U+200B"),
                Arguments.of("a\u200fb", "U+200F"),
                Arguments.of("a\u2028b", "U+2028"),
                Arguments.of("a\u202eb", "U+202E"),
                Arguments.of("a\u2066b", "U+2066"),
                Arguments.of("a\ufeffb", "U+FEFF"),
                Arguments.of("a\ufff9b", "U+FFF9"),
                Arguments.of("a\uffffb", "U+FFFF"),
                Arguments.of("a\udb40\udc41b", "U+E0041"),
                Arguments.of("\ud800", "not well-formed"),
                Arguments.of("a\udc00\ud800", "not well-formed"),
                Arguments.of("u\u0308", "normal form C"),
                Arguments.of("\u212b", "normal form C"),
                Arguments.of(".caravan", "reserved"),
                Arguments.of(".caravan-incomplete", "reserved"),
                Arguments.of(".caravan/x", "reserved"),
                Arguments.of("x".repeat(256), "longer than 255 bytes"),
                Arguments.of("a/" + "é".repeat(128), "longer than 255 bytes"),
                Arguments.of("a/".repeat(2048) + "b", "longer than 4096"));
    }

    @ParameterizedTest
    @MethodSource("brokenPaths")
    void pathThatCouldDoHarmIsRefused(String path, String reason) {
        assertThatThrownBy(() -> new SnapshotPath(path))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(reason)
                .satisfies(e -> assertThat(e.getMessage()).matches("\\P{Cntrl}*"));
    }

    @Test
    void longestNameAndLongestPathAreTaken() {
        assertThat(new SnapshotPath("x".repeat(255)).utf8()).hasSize(255);
        assertThat(new SnapshotPath("a/".repeat(2047) + "bc").utf8()).hasSize(4096);
    }

    @Test
    void orderIsThatOfUnsignedUtf8Bytes() {
        List<String> sorted = Stream.of("\uD83D\uDE00", "\uFF41", "a/b", "a", "a-b", "a0", "Z", "é")
                .map(SnapshotPath::new)
                .sorted()
                .map(SnapshotPath::value)
                .toList();

        assertThat(sorted).containsExactly("Z", "a", "a-b", "a/b", "a0", "é", "\uFF41", "\uD83D\uDE00");
    }

    @Test
    void fileNameIsWhatFollowsTheLastSlash() {
        assertThat(new SnapshotPath("db/full/CURRENT").fileName()).isEqualTo("CURRENT");
        assertThat(new SnapshotPath("CURRENT").fileName()).isEqualTo("CURRENT");
    }

    @Test
    void pathLiesBelowItsDirectory() {
        assertThat(new SnapshotPath("db/full/CURRENT").under(Path.of("/target")))
                .isEqualTo(Path.of("/target/db/full/CURRENT"));
    }
}
