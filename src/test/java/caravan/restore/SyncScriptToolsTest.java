package caravan.restore;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What {@code sync.sh} needs around it, and that it says what is missing. */
@Timeout(180)
class SyncScriptToolsTest {

    /** All that it calls; some only if there. */
    static final List<String> TOOLS = List.of(
            "awk",
            "base64",
            "cat",
            "chmod",
            "cmp",
            "cp",
            "curl",
            "cut",
            "date",
            "dd",
            "df",
            "find",
            "fold",
            "grep",
            "head",
            "ls",
            "mkdir",
            "mktemp",
            "mv",
            "od",
            "rm",
            "rmdir",
            "sed",
            "sh",
            "sleep",
            "sort",
            "ssh-keygen",
            "stat",
            "sync",
            "tail",
            "touch",
            "tr",
            "uniq",
            "wc",
            "xargs");

    /** No BSD tool knows long options, of which every GNU tool has some. */
    private static final String BSD = """
            #!/bin/sh
            for word do
                case $word in
                    --) break ;;
                    --*) echo "${0##*/}: illegal option -- -" >&2; exit 64 ;;
                esac
            done
            refuse() {
                echo "${0##*/}: illegal option -- $1" >&2
                exit 64
            }
            """;

    /** What else is different, as far as it could matter. */
    private static final Map<String, String> OPTIONS = Map.ofEntries(
            Map.entry("stat", """
                    [ "$1" = -f ] || refuse c
                    [ "$2" = '%Sp %l %z %N' ] || refuse f
                    shift 2
                    exec /usr/bin/stat -c '%A %h %s %n' "$@"
                    """),
            Map.entry("date", """
                    case " $* " in *' -d '* | *' -s '* | *%N*) refuse d ;; esac
                    exec /bin/date "$@"
                    """),
            Map.entry("sed", """
                    case $1 in -i* | -r | -z | -s) refuse r ;; esac
                    exec /bin/sed --posix "$@"
                    """),
            Map.entry("sync", """
                    [ $# = 0 ] || refuse f
                    exec /bin/sync
                    """),
            Map.entry("wc", "printf '%8d\\n' \"$(/usr/bin/wc \"$@\" | tr -d ' ')\"\n"),
            Map.entry("find", """
                    case " $* " in *' -printf '* | *' -quit '* | *' -regextype '*) refuse p ;; esac
                    exec /usr/bin/find "$@"
                    """),
            Map.entry("dd", """
                    case " $* " in *flag=* | *' status='*) refuse i ;; esac
                    exec /bin/dd "$@"
                    """),
            Map.entry("base64", """
                    case " $* " in *' -w'*) refuse w ;; esac
                    exec /usr/bin/base64 "$@"
                    """));

    private static final List<String> OTHERS = List.of("openssl", "sha256sum", "flock", "zstd", "bash");

    @AutoClose
    private final DemoDatabase demo = DemoDatabase.signedToday(Bucket.oneStore(1000));

    private final Bucket bucket = demo.bucket();
    private final SyncScript script = demo.script();
    private final Path target = demo.target();
    private final Bucket.Tree tree = new Bucket.Tree()
            .file("db/full/CURRENT", "MANIFEST-000004\n")
            .file("db/full/000001.sst", Trees.bytes(4500, 1))
            .file("db/full/000002.sst", Trees.bytes(800, 2))
            .file("db/full/Zo\u00EB \u65E5\u672C.sst", Trees.bytes(2001, 3))
            .file("db/full/empty.log", "")
            .directory("db/full/nothing");
    private final Path programs = demo.directory().resolve("programs");

    @BeforeEach
    void publish() throws Exception {
        bucket.point(demo.publish(tree, 1, true), 1);
        demo.publishLatest(tree, 2);
        Files.createDirectory(programs);
    }

    @Test
    void runsOnTheToolsItNamesAloneAndNamesEachThatIsMissing() throws Exception {
        SyncScript alone = onlyHere();
        alone.run(demo.url(), target).done();
        Trees.assertExact(target, tree);

        for (String tool : TOOLS) {
            Path there = programs.resolve(tool);
            Path kept = Files.readSymbolicLink(there);
            Files.delete(there);
            alone.run(demo.url(), demo.disk().resolve("other"))
                    .refusedWith(2, "these tools are missing: " + tool + "\n");
            Files.createSymbolicLink(there, kept);
        }
        Files.delete(programs.resolve("zstd"));
        alone.run(demo.url(1), demo.disk().resolve("other")).refusedWith(2, "zstd is missing");
        alone.run(demo.url(), demo.disk().resolve("other"), "--aria2c").refusedWith(2, "aria2c is missing");
    }

    @Test
    void hashesWithWhateverIsThere() throws Exception {
        SyncScript alone = onlyHere();
        Files.delete(programs.resolve("openssl"));
        alone.run(demo.url(), target).done();
        Trees.assertExact(target, tree);

        Files.delete(programs.resolve("sha256sum"));
        alone.run(demo.url(), demo.disk().resolve("other"))
                .refusedWith(2, "openssl, sha256sum and shasum are all missing");

        // One that lies is not taken.
        Files.writeString(programs.resolve("openssl"), "#!/bin/sh\necho " + "0".repeat(64) + " '*stdin'\n");
        assertThat(programs.resolve("openssl").toFile().setExecutable(true)).isTrue();
        alone.run(demo.url(), demo.disk().resolve("other")).refusedWith(2, "are all missing");

        assumeTrue(Tools.has("shasum"), "shasum is not here");
        link("shasum", "perl");
        alone.run(demo.url(), demo.disk().resolve("third")).done();
    }

    @Test
    void runsOnBusybox() throws Exception {
        assumeTrue(Tools.has("busybox"), "busybox is not here");
        for (String tool : TOOLS) {
            if (!List.of("curl", "ssh-keygen").contains(tool)) {
                Files.createSymbolicLink(
                        programs.resolve(tool), Tools.find("busybox").orElseThrow());
            }
        }
        Files.createSymbolicLink(
                programs.resolve("sha256sum"), Tools.find("busybox").orElseThrow());
        link("bash", "curl", "ssh-keygen", "zstd");
        SyncScript alone = script.with("PATH", programs.toString());

        alone.run(demo.url(1), target).done();
        Trees.assertExact(target, tree);
        Files.writeString(target.resolve("db/full/000002.sst"), "other");
        Files.writeString(target.resolve("db/full/old.log"), "old");
        alone.run(demo.url(), target).done();
        Trees.assertExact(target, tree);
        alone.run(demo.url(), target, "--verify").done();
    }

    /** As on macOS, but for bash, and for OpenSSL in the place of LibreSSL. */
    @Test
    void runsOnToolsAsTheBsdsHaveThem() throws Exception {
        link("bash", "curl", "ssh-keygen", "openssl", "zstd");
        Files.createSymbolicLink(
                programs.resolve("awk"), Tools.find("original-awk").orElseGet(this::mawk));
        for (String tool : TOOLS) {
            if (!Files.exists(programs.resolve(tool), LinkOption.NOFOLLOW_LINKS)) {
                program(
                        tool,
                        BSD
                                + OPTIONS.getOrDefault(
                                        tool, "exec " + Tools.find(tool).orElseThrow() + " \"$@\"\n"));
            }
        }
        program("lsof", """
                #!/bin/sh
                # -t -- FILE
                [ ! -e "$3.held" ] || echo 4711
                """);
        SyncScript alone = script.with("PATH", programs.toString());

        withoutProc(alone, 1).done();
        Trees.assertExact(target, tree);

        Files.writeString(target.resolve("db/full/000002.sst"), "other");
        Files.writeString(target.resolve("db/full/old.log"), "old");
        Files.createFile(target.resolve("db/full/LOCK"));
        Files.createFile(target.resolve("db/full/LOCK.held"));
        withoutProc(alone, 2).refusedWith(4, "target in use: process 4711 holds the lock of db/full/LOCK");
        assertThat(target.resolve("db/full/000002.sst")).hasContent("other");

        Files.delete(target.resolve("db/full/LOCK.held"));
        withoutProc(alone, 2).done();
        Files.delete(target.resolve("db/full/LOCK"));
        Trees.assertExact(target, tree);
    }

    @Test
    void usesNothingThatBash44DoesNotHave() throws Exception {
        String text = Files.readString(SyncScript.FILE);
        // bash 5.0: EPOCHSECONDS, EPOCHREALTIME, BASH_ARGV0, local -; 5.1: wait -p, SRANDOM, ${x@U}; 5.2: ${x@k},
        // varredir_close;
        // 5.3: ${ command; }. Not in 4.4 without trouble: wait -n of what has ended, local readonly arrays.
        for (String newer : List.of(
                "EPOCHSECONDS",
                "EPOCHREALTIME",
                "SRANDOM",
                "BASH_ARGV0",
                "BASH_MONOSECONDS",
                "\\bwait -[nfp]",
                "\\blocal -$",
                "\\$\\{[A-Za-z_]+@[UuLKka]\\}",
                "\\$\\{ ",
                "\\bmapfile -d",
                "assoc_expand_once",
                "\\bcoproc\\b",
                "patsub_replacement")) {
            assertThat(Pattern.compile(newer, Pattern.MULTILINE).matcher(text).find())
                    .as(newer)
                    .isFalse();
        }
        for (String forbidden : List.of("\\beval\\b", "\\bpython", "\\bperl\\b", "\\bjq\\b", "--insecure", " -k ")) {
            assertThat(Pattern.compile(forbidden)
                            .matcher(text.replaceAll("(?m)^ *#.*$", ""))
                            .find())
                    .as(forbidden)
                    .isFalse();
        }
        assertThat(text).contains("set -euo pipefail");
    }

    @Test
    void anOlderBashIsToldSo() throws Exception {
        String text = Files.readString(SyncScript.FILE);
        Path old = Files.writeString(
                demo.directory().resolve("old.sh"),
                text.replace("${BASH_VERSINFO:-}", "x").replaceFirst("-lt 404", "-lt 9999"));

        SyncScript.Ended ended = SyncScript.end(new ProcessBuilder("bash", old.toString(), "--help"));

        ended.refusedWith(2, "needs bash 4.4 or newer");
    }

    @Test
    void shellcheckHasNothingToSay() throws Exception {
        assumeTrue(Tools.has("shellcheck"), "shellcheck is not here");

        SyncScript.Ended ended = SyncScript.end(new ProcessBuilder("shellcheck", SyncScript.FILE.toString()));

        assertThat(ended.output()).isEmpty();
        assertThat(ended.status()).isZero();
    }

    /** Restores the snapshot where there is no /proc. */
    private SyncScript.Ended withoutProc(SyncScript alone, int number) throws IOException, InterruptedException {
        ProcessBuilder plain = alone.process(demo.url(number), target);
        List<String> command = new ArrayList<>(List.of(
                Tools.find("unshare").orElseThrow().toString(),
                "-rm",
                "/bin/sh",
                "-c",
                Tools.find("mount").orElseThrow() + " -t tmpfs none /proc && exec \"$@\"",
                "sh"));
        command.addAll(plain.command());
        return SyncScript.end(plain.command(command));
    }

    private Path mawk() {
        return Tools.find("mawk").orElseThrow();
    }

    private void program(String name, String text) throws IOException {
        Path program = Files.writeString(programs.resolve(name), text);
        assertThat(program.toFile().setExecutable(true)).isTrue();
    }

    private SyncScript onlyHere() throws IOException {
        link(TOOLS.toArray(String[]::new));
        link(OTHERS.stream().filter(Tools::has).toArray(String[]::new));
        return script.with("PATH", programs.toString());
    }

    private void link(String... tools) throws IOException {
        for (String tool : tools) {
            Files.createSymbolicLink(programs.resolve(tool), Tools.find(tool).orElseThrow());
        }
    }
}
