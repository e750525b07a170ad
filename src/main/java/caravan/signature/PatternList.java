package caravan.signature;

/**
 * Pattern lists of OpenSSH (ssh_config(5), PATTERNS): comma between, {@code *}, {@code ?}, and {@code !} to exclude.
 */
final class PatternList {

    private PatternList() {}

    static boolean matches(String patterns, String text) {
        boolean matched = false;
        for (String pattern : patterns.split(",", -1)) {
            boolean excludes = pattern.startsWith("!");
            if (matchesOne(excludes ? pattern.substring(1) : pattern, text)) {
                if (excludes) {
                    return false;
                }
                matched = true;
            }
        }
        return matched;
    }

    private static boolean matchesOne(String pattern, String text) {
        boolean[] reached = new boolean[text.length() + 1];
        reached[0] = true;
        for (int index = 0; index < pattern.length(); index++) {
            char wanted = pattern.charAt(index);
            boolean[] next = new boolean[text.length() + 1];
            for (int at = 0; at <= text.length(); at++) {
                if (wanted == '*') {
                    next[at] = reached[at] || (at > 0 && next[at - 1]);
                } else if (at > 0 && reached[at - 1]) {
                    next[at] = wanted == '?' || wanted == text.charAt(at - 1);
                }
            }
            reached = next;
        }
        return reached[text.length()];
    }
}
