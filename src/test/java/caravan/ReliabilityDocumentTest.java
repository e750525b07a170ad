package caravan;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** What is promised is tried by tests that there are. */
final class ReliabilityDocumentTest {

    private static final Pattern PROMISE = Pattern.compile("\\| I\\d+ \\|.*\\| ([^|]*) \\|");

    private static final Pattern NAME = Pattern.compile("`(\\w+)`");

    @Test
    void everyPromiseNamesTestsThatExist() throws Exception {
        Set<String> tests;
        try (Stream<Path> files = Files.walk(Path.of("src/test/java"))) {
            tests = files.map(file -> file.getFileName().toString().replaceFirst("\\.java$", ""))
                    .collect(Collectors.toSet());
        }
        Set<String> named = new TreeSet<>();
        int promises = 0;
        Matcher promise = PROMISE.matcher(Files.readString(Path.of("docs/RELIABILITY.md")));
        while (promise.find()) {
            promises++;
            Matcher name = NAME.matcher(promise.group(1));
            assertThat(name.find()).as(promise.group()).isTrue();
            do {
                named.add(name.group(1));
            } while (name.find());
        }

        assertThat(promises).isEqualTo(14);
        assertThat(tests).containsAll(named);
    }
}
