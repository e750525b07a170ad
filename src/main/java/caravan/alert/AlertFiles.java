package caravan.alert;

import caravan.disk.PrivateFiles;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** A directory of small files, each replaced whole, that only its user can read. It is made with the first file. */
final class AlertFiles {

    private static final String ENDING = ".json";

    private final Path directory;

    AlertFiles(Path directory) {
        this.directory = directory;
    }

    /** Path of the file with this name. */
    Path at(String name) {
        return directory.resolve(name + ENDING);
    }

    /** Writes a file, in place of one that is there, and returns when it is on the disk. */
    void put(Path file, byte[] content) throws IOException {
        Files.createDirectories(directory, PrivateFiles.DIRECTORY_MODE);
        PrivateFiles.replace(file, content);
    }

    /** Every file, by name. */
    List<Path> all() throws IOException {
        List<Path> files = new ArrayList<>();
        if (Files.isDirectory(directory)) {
            try (DirectoryStream<Path> found = Files.newDirectoryStream(directory, "*" + ENDING)) {
                found.forEach(files::add);
            }
        }
        files.sort(Comparator.comparing(Path::getFileName));
        return files;
    }
}
