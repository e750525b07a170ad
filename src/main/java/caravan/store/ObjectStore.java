package caravan.store;

import caravan.failure.CaravanException;
import caravan.failure.DamagedException;
import caravan.failure.TransientException;
import caravan.failure.WrongUsageException;
import java.util.Optional;

/**
 * Whole objects by key, below one prefix of one bucket.
 *
 * <p>A key is relative to the prefix and keeps to the rule of {@link caravan.snapshot.SnapshotPath}; any other is an
 * {@link IllegalArgumentException}. An object appears whole or not at all, and is visible to every reader as soon as
 * the call that stored it returns.
 *
 * <p>Implementations are safe for use by many threads, pass {@code ObjectStoreContract}, and make one attempt per call:
 * the caller owns the retry. Every method may throw
 *
 * <ul>
 *   <li>{@link TransientException} if the same call may work later: nothing answered, the store is busy or failed;
 *   <li>{@link WrongUsageException} if a setting is wrong: address, bucket, region, credentials, rights;
 *   <li>{@link caravan.failure.FailedException} for any other answer.
 * </ul>
 *
 * <p>When a call that stores fails, the object may have been stored all the same and only the answer was lost.
 * Repeating is safe: {@link #put} stores the same again, {@link #create} then answers {@code ALREADY_THERE} and
 * {@link #replace} {@code CONFLICT}, and the caller looks whose content it is.
 */
public interface ObjectStore {

    /**
     * Size, version and checksum of an object, empty if there is none.
     *
     * <p>S3 answers 403 for a missing key to who may not list the bucket. That counts as "none" only while another
     * object of the same prefix can be read with the same rights.
     */
    Optional<ObjectHead> head(String key) throws CaravanException;

    /**
     * Reads a small object whole, empty if there is none (see {@link #head}).
     *
     * @param limitBytes most that the caller is ready to hold in memory
     * @throws DamagedException if the object is longer than {@code limitBytes}
     */
    Optional<StoredObject> read(String key, int limitBytes) throws CaravanException;

    /** Begins to read an object of any size, empty if there is none (see {@link #head}). */
    Optional<OpenObject> open(String key) throws CaravanException;

    /**
     * Stores {@code content} unless {@code key} is taken. Of any number of callers at once one gets {@code CREATED}, if
     * the store honours {@code If-None-Match} ({@link StoreAbilities#createOnly}).
     *
     * @throws DamagedException if the bytes that arrived do not have the content's digest; nothing was stored, and
     *     repeating the call is safe
     */
    CreateOutcome create(String key, Content content) throws CaravanException;

    /**
     * Stores {@code content} if {@code key} still is the version {@code etag}. Of any number of callers at once one
     * gets {@code REPLACED}, if the store honours {@code If-Match} ({@link StoreAbilities#compareAndReplace}).
     *
     * @throws DamagedException as {@link #create} does
     */
    ReplaceOutcome replace(String key, Content content, String etag) throws CaravanException;

    /**
     * Stores {@code content}, whatever was there.
     *
     * @throws DamagedException as {@link #create} does
     */
    void put(String key, Content content) throws CaravanException;

    /**
     * Makes an object of others that are there, one behind the other; no byte of them passes here. All parts but the
     * last must be as large as {@link Composition#SMALLEST_PART} asks for.
     *
     * <p>As {@link #create} does, it leaves alone what has the key already, as far as the store honours that for
     * copies: not all do that honour it for {@link #create}, so the caller looks first.
     *
     * @throws caravan.failure.FailedException if a part is not there; nothing is stored then
     */
    CreateOutcome compose(String key, Composition composition) throws CaravanException;

    /**
     * One part of what is stored below a folder, without what was stored or removed while the parts were asked for. Needs
     * the right to list the bucket, which publishers can do without.
     *
     * @param folder a path that ends in a slash; empty for all that is below the prefix
     * @param page which part: empty for the first, then {@link ObjectPage#next} of the one before
     */
    ObjectPage list(String folder, Optional<String> page) throws CaravanException;

    /**
     * Removes the object; nothing happens if there is none. Needs a right that publishers have for plain files alone.
     */
    void remove(String key) throws CaravanException;
}
