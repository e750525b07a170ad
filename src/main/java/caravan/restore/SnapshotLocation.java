package caravan.restore;

import static java.util.Objects.requireNonNull;

import caravan.failure.WrongUsageException;
import caravan.restore.source.DirectorySource;
import caravan.restore.source.HttpSource;
import caravan.restore.source.ObjectSource;
import caravan.snapshot.DatabaseName;
import caravan.snapshot.SnapshotId;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.FileSystemNotFoundException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;

/**
 * Where a database is published, and which snapshot of it is meant.
 *
 * @param base URL of the bucket's prefix without a slash at the end ({@code http}, {@code https}, {@code file}), or
 *     the path of a directory
 * @param database published name
 * @param snapshots the one that is meant; empty for the latest
 */
public record SnapshotLocation(String base, DatabaseName database, List<SnapshotId> snapshots) {

    private static final String HINT =
            "write <base>/<database> or <base>/<database>/<snapshot>, as https://snapshots.example.org/polkadot";

    /** Checks that at most one snapshot is meant. */
    public SnapshotLocation {
        requireNonNull(base, "base");
        requireNonNull(database, "database");
        snapshots = List.copyOf(snapshots);
        if (snapshots.size() > 1) {
            throw new IllegalArgumentException("one snapshot, or the latest");
        }
    }

    /**
     * Reads what a user gives as URL.
     *
     * @throws WrongUsageException if it is not one of the two forms, or has a user name, a query or a fragment
     */
    public static SnapshotLocation parse(String url) throws WrongUsageException {
        String text = url;
        while (text.endsWith("/")) {
            text = text.substring(0, text.length() - 1);
        }
        String parent = parentOf(text);
        String name = nameOf(text);
        try {
            try {
                SnapshotId snapshot = SnapshotId.parse(name);
                return of(parentOf(parent), nameOf(parent), List.of(snapshot));
            } catch (IllegalArgumentException notASnapshot) {
                return of(parent, name, List.of());
            }
        } catch (IllegalArgumentException e) {
            throw new WrongUsageException("the URL " + withoutUser(url) + " is of no use: " + e.getMessage(), HINT, e);
        }
    }

    private static SnapshotLocation of(String base, String database, List<SnapshotId> snapshots) {
        if (base.isEmpty()) {
            throw new IllegalArgumentException("nothing stands before the database's name");
        }
        if (base.contains("://")) {
            checkUrl(base);
        }
        return new SnapshotLocation(base, new DatabaseName(database), snapshots);
    }

    private static void checkUrl(String base) {
        try {
            URI uri = new URI(base);
            String scheme = String.valueOf(uri.getScheme()).toLowerCase(Locale.ROOT);
            if (!List.of("http", "https", "file").contains(scheme)) {
                throw new IllegalArgumentException("its scheme is not http, https or file");
            }
            if (uri.getRawUserInfo() != null || uri.getRawQuery() != null || uri.getRawFragment() != null) {
                throw new IllegalArgumentException("it has a user name, a query or a fragment");
            }
            if (!scheme.equals("file") && uri.getHost() == null) {
                throw new IllegalArgumentException("it has no host");
            }
        } catch (URISyntaxException e) {
            throw new IllegalArgumentException(e.getReason(), e);
        }
    }

    /** A source of the objects below the base; the caller closes it. */
    ObjectSource open(ClientSettings settings) throws WrongUsageException {
        if (!base.contains("://")) {
            return new DirectorySource(Path.of(base).toAbsolutePath());
        }
        URI uri = URI.create(base);
        if (uri.getScheme().equalsIgnoreCase("file")) {
            try {
                return new DirectorySource(Path.of(uri));
            } catch (IllegalArgumentException | FileSystemNotFoundException e) {
                throw new WrongUsageException("no directory is called " + base, HINT, e);
            }
        }
        return new HttpSource(uri, settings.parallel() + 1, settings.patience(), settings.authorities());
    }

    private static String parentOf(String text) {
        int slash = text.lastIndexOf('/');
        return slash <= 0 ? text.substring(0, slash + 1) : text.substring(0, slash);
    }

    private static String nameOf(String text) {
        return text.substring(text.lastIndexOf('/') + 1);
    }

    private static String withoutUser(String url) {
        return url.replaceAll("//[^/@]*@", "//…@");
    }
}
