package caravan.publish;

import caravan.capture.CapturedFile;

/**
 * A run of bytes of a captured file that will be one chunk.
 *
 * @param publication that it belongs to
 * @param file that it is cut from
 * @param fileIndex place of the file in the manifest, from 0
 * @param index place among all chunks of the manifest, from 0
 * @param part place among the chunks of the file, from 0
 * @param offset first byte in the file
 * @param size bytes
 */
public record ChunkSlice(
        Publication publication, CapturedFile file, int fileIndex, long index, int part, long offset, long size) {

    /** For messages: the file and where in it. */
    public String where() {
        return file.path() + " bytes " + offset + " to " + (offset + size - 1);
    }
}
