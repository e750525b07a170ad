package caravan.doctor;

import static java.nio.charset.StandardCharsets.UTF_8;

import caravan.restore.target.HeldFiles;
import caravan.restore.target.HeldFiles.Holder;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Whether the daemon is there that is to be there, and how it says it is. */
public final class DaemonCheck implements Examination {

    private static final Duration PATIENCE = Duration.ofSeconds(5);

    private final Path lock;

    private final List<String> duties;

    private final Optional<URI> health;

    /**
     * The daemon that locks a file.
     *
     * @param lock that file, which may be missing
     * @param duties what only a daemon does, in words; none if nobody needs one
     * @param health where it says how it is; empty if it does not
     */
    public DaemonCheck(Path lock, List<String> duties, Optional<URI> health) {
        this.lock = lock;
        this.duties = List.copyOf(duties);
        this.health = health;
    }

    /** Who has {@code lock}; nobody if it is free. */
    static Optional<String> holderOf(Path lock) throws IOException {
        return Files.exists(lock) ? HeldFiles.now().holderOf(lock.toRealPath()).map(Holder::name) : Optional.empty();
    }

    @Override
    public String subject() {
        return "daemon";
    }

    @Override
    public void examine(Findings findings) throws IOException, InterruptedException {
        Optional<String> holder = holderOf(lock);
        if (holder.isPresent()) {
            findings.ok("caravan run is at work: " + holder.get());
            if (health.isPresent()) {
                ask(health.get(), findings);
            }
        } else if (duties.isEmpty()) {
            findings.ok("no caravan run is at work here, and no setting needs one");
        } else {
            findings.wrong(
                    Findings.FAILED,
                    "no caravan run is at work with " + lock.getParent() + ", so nobody does this: "
                            + String.join("; ", duties),
                    "start it: systemctl start caravan, or caravan run; if it was started, its log says why it ended");
        }
    }

    private static void ask(URI address, Findings findings) throws InterruptedException {
        HttpClient client = HttpClient.newBuilder().connectTimeout(PATIENCE).build();
        HttpRequest request = HttpRequest.newBuilder(address).timeout(PATIENCE).build();
        try {
            HttpResponse<String> answer = client.send(request, HttpResponse.BodyHandlers.ofString(UTF_8));
            List<String> down = new ArrayList<>();
            collect(new ObjectMapper().readTree(answer.body()).path("checks"), down);
            if (answer.statusCode() != 200 || !down.isEmpty()) {
                findings.wrong(
                        Findings.FAILED,
                        "the daemon says at " + address + " that it is not ready: "
                                + (down.isEmpty() ? "HTTP status " + answer.statusCode() : String.join("; ", down)),
                        "its log has each failure with a hint; docs/operations.md, \"Metrics and health\"");
            } else {
                findings.ok("the daemon says that it is ready");
            }
        } catch (IOException e) {
            findings.wrong(
                    Findings.FAILED,
                    "the daemon does not answer at " + address + " (" + e + ")",
                    "it may just be starting; if it stays so, it hangs: jstack shows where, and a restart is safe");
        }
    }

    private static void collect(JsonNode checks, List<String> down) {
        for (JsonNode check : checks) {
            if ("DOWN".equals(check.path("status").asText())) {
                String message = check.path("message")
                        .asText(check.path("data").path("message").asText(""));
                down.add(check.path("name").asText(check.path("id").asText("a check"))
                        + (message.isEmpty() ? "" : ": " + message));
            }
        }
    }
}
