package caravan.catalog;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import caravan.signature.SigningKey;
import caravan.snapshot.Digest;
import caravan.store.InMemoryObjectStore;
import caravan.store.ObjectHead;
import java.io.File;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PublicFilesTest {

    @TempDir
    Path directory;

    private final InMemoryObjectStore store = new InMemoryObjectStore();

    private final SigningKey key = SigningKey.generate();

    private Path script;

    private PublicFiles files;

    @BeforeEach
    void writeScript() throws Exception {
        script = Files.writeString(directory.resolve("sync.sh"), "#!/usr/bin/env bash\necho sync\n");
        files = new PublicFiles(store, StatusPage.load(), script, key);
    }

    @Test
    void filesAreWhatABrowserShouldTakeThemFor() throws Exception {
        files.putPage();
        files.putSyncScript();

        assertHead("index.html", "text/html; charset=utf-8");
        assertHead("sync.sh", "text/plain; charset=utf-8");
        assertHead("sync.sh.sig", "text/plain; charset=utf-8");
        assertThat(store.objects().get("sync.sh")).isEqualTo(Files.readAllBytes(script));
    }

    @Test
    void whatIsStoredAlreadyIsNotSentAgain() throws Exception {
        files.putPage();
        files.putSyncScript();

        files.putPage();
        files.putSyncScript();

        assertThat(store.writtenKeys()).containsExactly("index.html", "sync.sh", "sync.sh.sig");
    }

    @Test
    void anotherPageOfTheSameSizeOrOfAnotherTypeIsReplaced() throws Exception {
        files.putPage();
        byte[] page = store.objects().get("index.html");
        byte[] other = page.clone();
        other[0] ^= 1;

        store.tamper("index.html", other);
        files.putPage();
        assertThat(store.objects().get("index.html")).isEqualTo(page);

        store.tamper("index.html", page);
        files.putPage();
        assertHead("index.html", "text/html; charset=utf-8");
    }

    @Test
    void newScriptIsSentWithItsNewSignature() throws Exception {
        files.putSyncScript();
        byte[] signature = store.objects().get("sync.sh.sig");

        Files.writeString(script, "#!/usr/bin/env bash\necho better\n");
        files.putSyncScript();

        assertThat(store.objects().get("sync.sh"))
                .asString(StandardCharsets.UTF_8)
                .contains("better");
        assertThat(store.objects().get("sync.sh.sig")).isNotEqualTo(signature);
    }

    @Test
    void programThatWasNotPackagedHasNoScriptAndGoesWithoutIt() throws Exception {
        Files.delete(script);

        files.putSyncScript();

        assertThat(store.writtenKeys()).isEmpty();
    }

    @Test
    void signatureOfTheScriptIsCheckedBySshKeygen() throws Exception {
        assumeTrue(
                Stream.of(System.getenv("PATH").split(File.pathSeparator, -1))
                        .anyMatch(place -> Files.isExecutable(Path.of(place, "ssh-keygen"))),
                "ssh-keygen is not installed, so nothing can be checked with it");
        files.putSyncScript();
        Files.write(directory.resolve("sync.sh.sig"), store.objects().get("sync.sh.sig"));
        Files.writeString(directory.resolve("allowed"), "me " + key.publicKey().toOpenSsh() + "\n");

        assertThat(verify()).isZero();
        Files.writeString(script, "rm -rf /\n");
        assertThat(verify()).isNotZero();
    }

    @Test
    void pageAllowsItsOwnStyleAndScriptAndNothingElse() {
        String page = new String(StatusPage.load().html(), StandardCharsets.UTF_8);

        String policy = between(page, "Content-Security-Policy\" content=\"", "\"");
        assertThat(List.of(policy.split("; ", -1)))
                .containsExactly(
                        "default-src 'none'",
                        "style-src '" + hash(between(page, "<style>", "</style>")) + "'",
                        "script-src '" + hash(between(page, "<script>", "</script>")) + "'",
                        "connect-src 'self'",
                        "img-src data:",
                        "base-uri 'none'",
                        "form-action 'none'",
                        "require-trusted-types-for 'script'",
                        "trusted-types 'none'");
        assertThat(page).doesNotContain("{{", "innerHTML", "style=", "onclick", "eval(", "import(");
        assertThat(Pattern.compile("(?:src|href)\\s*=\\s*[\"']?(?:https?:)?//")
                        .matcher(page)
                        .find())
                .isFalse();
        assertThat(Pattern.compile("url\\(|@import").matcher(page).find()).isFalse();
    }

    private void assertHead(String path, String type) throws Exception {
        ObjectHead head = store.head(path).orElseThrow();
        assertThat(head.contentType()).isEqualTo(type);
        assertThat(head.cacheControl()).isEqualTo("max-age=60");
    }

    private int verify() throws Exception {
        Process process = new ProcessBuilder(
                        "ssh-keygen",
                        "-Y",
                        "verify",
                        "-f",
                        "allowed",
                        "-I",
                        "me",
                        "-n",
                        "caravan-sync",
                        "-s",
                        "sync.sh.sig")
                .directory(directory.toFile())
                .redirectInput(script.toFile())
                .redirectErrorStream(true)
                .redirectOutput(directory.resolve("output").toFile())
                .start();
        assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
        return process.exitValue();
    }

    private static String between(String text, String begin, String end) {
        Matcher matcher = Pattern.compile(Pattern.quote(begin) + "(.*?)" + Pattern.quote(end), Pattern.DOTALL)
                .matcher(text);
        assertThat(matcher.find()).as(begin).isTrue();
        return matcher.group(1);
    }

    private static String hash(String text) {
        byte[] digest = Digest.of(text.getBytes(StandardCharsets.UTF_8)).bytes();
        return "sha256-" + Base64.getEncoder().encodeToString(digest);
    }
}
