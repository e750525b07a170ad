package caravan.capture.rocksdb;

import java.io.IOException;

/**
 * Called between the steps of a capture, so that a test can let the engine act at exactly that moment. Nothing happens
 * here otherwise.
 */
interface WindowHooks {

    /** Hooks that do nothing. */
    WindowHooks NONE = new WindowHooks() {};

    /** Table files are linked in advance; the window is not open yet. */
    default void preLinked() throws IOException {}

    /** The window is open: the MANIFEST and its size are fixed. */
    default void opened() throws IOException {}

    /** Table files that came since are linked; the list of logs is fixed. */
    default void tablesLinked() throws IOException {}

    /** One write-ahead log is linked and its length fixed; lower numbers follow. */
    default void logLinked(long number) throws IOException {}

    /** Everything is linked; the window is about to be closed. */
    default void closing() throws IOException {}

    /** The window held; nothing is copied yet. */
    default void held() throws IOException {}
}
