package caravan.restore;

import caravan.failure.WrongUsageException;
import caravan.restore.source.DirectorySource;
import caravan.restore.source.HttpSource;
import caravan.restore.source.ObjectSource;
import caravan.restore.source.SourcePool;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.FileSystemNotFoundException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/**
 * Where the prefix of a bucket is published.
 *
 * @param url without a slash at the end ({@code http}, {@code https}, {@code file}), or the path of a directory
 */
public record PublishedBase(String url) {

    private static final String HINT =
            "write the address that all databases have in common, as" + " https://snapshots.example.org";

    /** Checks the form; the message of the {@link IllegalArgumentException} is fit for a user. */
    public PublishedBase {
        check(url);
    }

    /**
     * Reads what a user gives as URL.
     *
     * @throws WrongUsageException if it has another scheme, a user name, a query or a fragment
     */
    public static PublishedBase parse(String url) throws WrongUsageException {
        String text = url;
        while (text.length() > 1 && text.endsWith("/")) {
            text = text.substring(0, text.length() - 1);
        }
        try {
            return new PublishedBase(text);
        } catch (IllegalArgumentException e) {
            throw new WrongUsageException("the URL " + withoutUser(url) + " is of no use: " + e.getMessage(), HINT, e);
        }
    }

    static void check(String url) {
        if (url.isEmpty()) {
            throw new IllegalArgumentException("it is empty");
        }
        if (!url.contains("://")) {
            return;
        }
        try {
            URI uri = new URI(url);
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

    /** A source of the objects below it and of those of all mirrors; the caller closes it. */
    SourcePool open(ClientSettings settings) throws WrongUsageException {
        Set<PublishedBase> bases = new LinkedHashSet<>();
        bases.add(this);
        bases.addAll(settings.mirrors());
        List<SourcePool.Named> sources = new ArrayList<>();
        for (PublishedBase base : bases) {
            sources.add(new SourcePool.Named(base.url, base.alone(settings)));
        }
        return new SourcePool(sources, settings.patience().dividedBy(4));
    }

    /** A source of the objects below it; the caller closes it. */
    ObjectSource alone(ClientSettings settings) throws WrongUsageException {
        if (!url.contains("://")) {
            return new DirectorySource(Path.of(url).toAbsolutePath());
        }
        URI uri = URI.create(url);
        if (uri.getScheme().equalsIgnoreCase("file")) {
            try {
                return new DirectorySource(Path.of(uri));
            } catch (IllegalArgumentException | FileSystemNotFoundException e) {
                throw new WrongUsageException("no directory is called " + url, HINT, e);
            }
        }
        return new HttpSource(uri, settings.parallel() + 1, settings.patience(), settings.authorities());
    }

    static String withoutUser(String url) {
        return url.replaceAll("//[^/@]*@", "//…@");
    }
}
