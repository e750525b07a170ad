package caravan.restore.source;

import static java.util.Objects.requireNonNull;

import caravan.restore.source.AttemptFailure.Kind;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/** Published objects in a directory of this machine: a mirror, or a disk that was carried here. */
public final class DirectorySource implements ObjectSource {

    private final Path base;

    /** Objects below {@code base}. */
    public DirectorySource(Path base) {
        this.base = requireNonNull(base, "base");
    }

    @Override
    public String locate(String path) {
        return base.resolve(path).toString();
    }

    @Override
    public ObjectStream open(ObjectRequest request) throws AttemptFailure {
        Path file = base.resolve(request.path());
        try {
            long size = Files.size(file);
            if (!request.allows(size)) {
                throw new AttemptFailure(
                        Kind.DAMAGED,
                        file + " has " + size + " bytes, expected " + request.expectation(),
                        "the copy is incomplete or damaged; copy it again",
                        null);
            }
            return new FileStream(request, file, Files.newInputStream(file));
        } catch (IOException e) {
            throw failureOf(file, e);
        }
    }

    @Override
    public long sizeOf(String path) throws AttemptFailure {
        Path file = base.resolve(path);
        try {
            return Files.size(file);
        } catch (IOException e) {
            throw failureOf(file, e);
        }
    }

    @Override
    public void close() {
        // nothing is held between two objects
    }

    private static AttemptFailure failureOf(Path file, IOException failure) {
        if (failure instanceof AttemptFailure known) {
            return known;
        }
        if (failure instanceof NoSuchFileException) {
            return new AttemptFailure(Kind.MISSING, file + " does not exist", "check the path", failure);
        }
        return new AttemptFailure(
                Kind.FINAL, file + " cannot be read: " + failure, "check the path and its rights", failure);
    }

    private static final class FileStream extends ObjectStream {

        private final Path file;
        private final InputStream content;

        FileStream(ObjectRequest request, Path file, InputStream content) {
            super(request, file.toString(), content);
            this.file = file;
            this.content = content;
        }

        @Override
        public String evidence() {
            return "";
        }

        @Override
        AttemptFailure failureOf(IOException failure, long bytesRead) {
            return DirectorySource.failureOf(file, failure);
        }

        @Override
        public void close() {
            try {
                content.close();
            } catch (IOException e) {
                // only read from: there is nothing left that could be lost
                return;
            }
        }
    }
}
