package caravan.app.warming;

import caravan.warm.WarmTask;

/**
 * A fetch that is under way.
 *
 * @param task what is fetched
 * @param wave of attempts that it belongs to
 * @param requestedAt when it began, as {@link System#nanoTime}
 */
record FetchAttempt(WarmTask task, long wave, long requestedAt) {}
