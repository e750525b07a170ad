package caravan;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Whoever reads of a failure is told what to do next. */
final class HintsTest {

    private static final Pattern MADE =
            Pattern.compile("new (?:Damaged|Failed|NodeDown|Refused|Transient|WrongUsage)Exception\\(");

    @Test
    void noFailureIsWithoutAHint() throws Exception {
        List<String> without = new ArrayList<>();
        int made = 0;
        try (Stream<Path> sources = Files.walk(Path.of("src/main/java"))) {
            for (Path source :
                    sources.filter(path -> path.toString().endsWith(".java")).toList()) {
                String text = Files.readString(source);
                Matcher each = MADE.matcher(text);
                while (each.find()) {
                    made++;
                    if (argumentsAt(text, each.end()).contains("\"\"")) {
                        without.add(
                                source + ": " + text.substring(each.start(), Math.min(text.length(), each.end() + 80)));
                    }
                }
            }
        }
        assertThat(made).isGreaterThan(300);
        assertThat(without).isEmpty();
    }

    @Test
    void emptyHintIsFoundWhereverItStands() {
        assertThat(argumentsAt("(\"a, \\\"b\\\" \" + f(\"\", 2), \"\", e)", 1))
                .containsExactly("\"a, \\\"b\\\" \" + f(\"\", 2)", "\"\"", "e");
    }

    /** Of a call whose opening parenthesis is just before {@code start}. */
    private static List<String> argumentsAt(String text, int start) {
        List<String> arguments = new ArrayList<>();
        int depth = 0;
        int begin = start;
        boolean quoted = false;
        for (int at = start; ; at++) {
            char c = text.charAt(at);
            if (quoted) {
                if (c == '\\') {
                    at++;
                } else if (c == '"') {
                    quoted = false;
                }
            } else if (c == '\'') {
                at += text.charAt(at + 1) == '\\' ? 3 : 2;
            } else if (c == '"') {
                quoted = true;
            } else if (c == '(') {
                depth++;
            } else if ((c == ')' || c == ',') && depth == 0) {
                arguments.add(text.substring(begin, at).strip());
                begin = at + 1;
                if (c == ')') {
                    return arguments;
                }
            } else if (c == ')') {
                depth--;
            }
        }
    }
}
