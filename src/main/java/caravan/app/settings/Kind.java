package caravan.app.settings;

/** What form the value of a setting has. Every form is checked when settings are loaded. */
enum Kind {
    /** Any text. */
    TEXT,
    /** A text that must not stand in the properties file itself; {@code file:<path>} names a file that holds it. */
    SECRET,
    /** A file or directory; relative to the working directory. */
    PATH,
    /** A directory by its absolute path: a daemon has another working directory than the shell it is tried in. */
    ABSOLUTE_PATH,
    /** An address with http or https and a host. */
    URI,
    /** An absolute URI of a mail server, with a scheme and a host. */
    MAIL_SERVER,
    /** A whole number, not negative. */
    COUNT,
    /** Number of a TCP port; 0 is none. */
    PORT,
    /** Bytes: a number with an optional unit {@code KB, MB, GB, TB} (powers of 1000) or {@code KiB, MiB, GiB, TiB}. */
    SIZE,
    /** Bytes per second: a {@link #SIZE} followed by {@code /s}; 0 is no limit. */
    RATE,
    /** A number and {@code ms, s, m, h} or {@code d}. */
    DURATION,
    /** Several of a {@link #DURATION}, separated by commas. */
    DURATIONS,
    /** A Quartz cron expression, whose first field is seconds. */
    SCHEDULE,
    /** {@code true} or {@code false}. */
    FLAG,
    /** One of the words that the setting lists. */
    CHOICE,
    /** Names separated by commas. */
    NAMES
}
