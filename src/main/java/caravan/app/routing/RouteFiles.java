package caravan.app.routing;

import caravan.failure.CaravanException;
import caravan.failure.WrongUsageException;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.camel.CamelContext;
import org.apache.camel.FailedToCreateRouteException;
import org.apache.camel.model.ModelCamelContext;
import org.apache.camel.model.ProcessorDefinition;
import org.apache.camel.model.RouteDefinition;

/** The route files of an installation, and what to say when one of them cannot be loaded. */
public final class RouteFiles {

    /** What Camel leaves out: editors' own files, such as the lock {@code .#name.camel.yaml} of Emacs. */
    public static final String HIDDEN = "**/.*";

    private static final String ENDING = ".camel.yaml";

    private static final Pattern PLACE = Pattern.compile("in file:(\\S+?), line (\\d+)(?:, column (\\d+))?");

    /** How Camel names the step of a route that it cannot make. */
    private static final Pattern STEP = Pattern.compile("at: >>> (.*) <<< in route:", Pattern.DOTALL);

    private static final int LONGEST_REASON = 300;

    private final Path directory;

    /** The files {@code *.camel.yaml} in {@code directory}. */
    public RouteFiles(Path directory) {
        this.directory = directory;
    }

    /** The pattern by which Camel finds them. */
    public String pattern() {
        return "file:" + directory + "/*" + ENDING;
    }

    /** Fails unless there is at least one. */
    public void requireSome() throws WrongUsageException {
        List<Path> files = new ArrayList<>();
        try (DirectoryStream<Path> found = Files.newDirectoryStream(directory, "*" + ENDING)) {
            found.forEach(files::add);
        } catch (IOException e) {
            throw new WrongUsageException(
                    "cannot read the routes in " + directory + ": " + e, "the installation has a directory routes", e);
        }
        if (files.isEmpty()) {
            throw new WrongUsageException("there are no routes in " + directory, "they are called NN-name" + ENDING);
        }
    }

    /**
     * What Camel says about a route that it cannot load, in one line with file and line.
     *
     * @param camel what it was to be loaded into, not stopped yet: it knows where each step stands
     */
    public CaravanException explain(Throwable failure, CamelContext camel) {
        String place = "";
        String route = "";
        Throwable root = failure;
        for (Throwable at = failure; at != null; at = at.getCause() == at ? null : at.getCause()) {
            if (at instanceof CaravanException said) {
                return said;
            }
            if (at instanceof FailedToCreateRouteException broken && broken.getRouteId() != null) {
                route = " (route " + broken.getRouteId() + ")";
                place = placeOf(broken, camel);
            }
            Matcher matcher = PLACE.matcher(String.valueOf(at.getMessage()));
            if (matcher.find()) {
                place = matcher.group(1) + " line " + matcher.group(2);
            }
            root = at;
        }
        String reason =
                String.valueOf(root.getMessage()).lines().findFirst().orElse("").strip();
        String shown = reason.length() <= LONGEST_REASON ? reason : reason.substring(0, LONGEST_REASON) + "…";
        return new WrongUsageException(
                "cannot load the routes: " + (place.isEmpty() ? directory.toString() : place) + route + ": " + shown,
                "correct the file; caravan check says whether all is well, without changing anything",
                failure);
    }

    /** Of the step if Camel names one, else of the route. Of a step within another, it names the outer one. */
    private static String placeOf(FailedToCreateRouteException broken, CamelContext camel) {
        RouteDefinition route =
                camel instanceof ModelCamelContext model ? model.getRouteDefinition(broken.getRouteId()) : null;
        if (route == null || route.getResource() == null) {
            return "";
        }
        Matcher named = STEP.matcher(String.valueOf(broken.getMessage()));
        String step = named.find() ? named.group(1) : "";
        int line = route.getOutputs().stream()
                .filter(output -> output.toString().equals(step))
                .mapToInt(ProcessorDefinition::getLineNumber)
                .findFirst()
                .orElse(route.getLineNumber());
        return route.getResource().getLocation().replaceFirst("^file:", "") + (line > 0 ? " line " + line : "");
    }
}
