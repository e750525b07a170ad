package caravan.samplenode;

import java.io.IOException;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.MappedByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;

/**
 * The height that the writer has seen committed, in eight big-endian bytes of a memory-mapped file.
 *
 * <p>It is never ahead of the database. It survives the writer's death (not the machine's), so another process can
 * demand of any copy that it holds at least what was acknowledged before the copy began.
 */
public final class AcknowledgedHead {

    private static final VarHandle LONGS = MethodHandles.byteBufferViewVarHandle(long[].class, ByteOrder.BIG_ENDIAN);

    private final MappedByteBuffer memory;

    private AcknowledgedHead(MappedByteBuffer memory) {
        this.memory = memory;
    }

    /** Maps {@code file}, which is made if it is missing, whole from its first moment: others may be reading. */
    static AcknowledgedHead map(Path file) throws IOException {
        if (Files.notExists(file)) {
            Path whole = Files.write(file.resolveSibling(file.getFileName() + ".new"), new byte[Long.BYTES]);
            Files.move(whole, file, StandardCopyOption.ATOMIC_MOVE);
        }
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
            return new AcknowledgedHead(channel.map(FileChannel.MapMode.READ_WRITE, 0, Long.BYTES));
        }
    }

    void set(long height) {
        LONGS.setRelease(memory, 0, height);
    }

    /**
     * The height in {@code file}, as of now.
     *
     * @throws IOException if there is no such file or it is not one of eight bytes
     */
    public static long read(Path file) throws IOException {
        byte[] bytes = Files.readAllBytes(file);
        if (bytes.length != Long.BYTES) {
            throw new IOException(file + " has " + bytes.length + " bytes instead of " + Long.BYTES);
        }
        return ByteBuffer.wrap(bytes).getLong();
    }
}
