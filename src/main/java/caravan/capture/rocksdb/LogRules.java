package caravan.capture.rocksdb;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;

/**
 * What an engine's settings say about its logs.
 *
 * @param twoPhase whether transactions are prepared before they are committed: what is only prepared may use fewer
 *     sequence numbers than it has entries
 * @param atomicFlush whether all column families go into tables together: then tables alone are one moment
 * @param settingsNumber of the file with the settings; it is written after an opening has made its first log. 0 if there is
 *     none
 */
record LogRules(boolean twoPhase, boolean atomicFlush, long settingsNumber) {

    /** As the engine has them if nothing is set. */
    static final LogRules USUAL = new LogRules(false, false, 0);

    /** Of the newest OPTIONS file in {@code directory}; the usual ones if there is none that can be read. */
    static LogRules in(Path directory) throws IOException {
        Optional<EngineFile> newest = SourceListing.newestOptions(SourceListing.of(directory));
        if (newest.isEmpty()) {
            return USUAL;
        }
        try {
            Map<String, String> database =
                    OptionsFile.read(directory.resolve(newest.get().name())).database();
            return new LogRules(
                    isOn(database, "allow_2pc"),
                    isOn(database, "atomic_flush"),
                    newest.get().number());
        } catch (BadFormatException e) {
            return USUAL;
        }
    }

    private static boolean isOn(Map<String, String> database, String option) {
        return database.getOrDefault(option, "false").equals("true");
    }
}
