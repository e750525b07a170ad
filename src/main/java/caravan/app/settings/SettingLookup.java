package caravan.app.settings;

import caravan.failure.WrongUsageException;

/** Finds the value of one setting, for a command that needs few of them and may need none. */
@FunctionalInterface
public interface SettingLookup {

    /**
     * The value of {@code key} as text; empty if it is not set.
     *
     * @throws WrongUsageException if any setting is wrong
     */
    String text(String key) throws WrongUsageException;
}
