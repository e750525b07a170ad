package caravan.restore;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;

/** Has sync.sh judge any number of cases in one process: its functions are read in, and called for each case. */
final class ListHarness {

    /** Judges {@code corpus/<name>/chunks.tsv}: for each its name and the status of the first fault, or {@code ok}. */
    static final String LISTS = """
            . "$1"
            for case in "$2"/*/; do
                name=${case%/} name=${name##*/}
                check_list "$case/stores" "$case/frames" "$case/chunks.tsv" "$case/out"
                if [ -s "$case/out/fault" ]; then
                    printf '%s\\t%s\\n' "$name" "$(tr '\\n' ' ' <"$case/out/fault")"
                else
                    printf '%s\\tok\\t%s\\n' "$name" "$(cat "$case/out/totals")"
                fi
            done
            """;

    /** Judges {@code corpus/<name>/header}, the first line of a manifest, in the same form. */
    static final String HEADERS = """
            . "$1"
            base=http://x database=demo snapshot=20261122T083300Z-5
            for case in "$2"/*/; do
                name=${case%/} name=${name##*/} work=${case%/}
                if said=$(read_header "$case/header.jsonl" 2>&1); then
                    printf '%s\\tok\\n' "$name"
                else
                    printf '%s\\t%s\\t%s\\n' "$name" "$?" "${said%%$'\\n'*}"
                fi
            done
            """;

    private ListHarness() {}

    /**
     * The verdicts by name of the case.
     *
     * @param directory in which the cases lie, under {@code corpus}
     * @param awk program of this machine in the place of awk
     * @param harness one of the above
     */
    static Map<String, String> run(Path directory, String awk, String harness) throws Exception {
        Path programs = Files.createDirectories(directory.resolve("programs-" + awk));
        if (!Files.exists(programs.resolve("awk"))) {
            Path program = Tools.find(awk).orElseThrow();
            Files.writeString(
                    programs.resolve("awk"),
                    "#!/bin/sh\nexec " + program + (awk.equals("busybox") ? " awk" : "") + " \"$@\"\n");
            assertThat(programs.resolve("awk").toFile().setExecutable(true)).isTrue();
        }
        Path script = Files.writeString(directory.resolve("harness.sh"), harness);
        ProcessBuilder builder = new ProcessBuilder(
                "bash",
                script.toString(),
                SyncScript.FILE.toString(),
                directory.resolve("corpus").toString());
        builder.environment().merge("PATH", programs.toString(), (path, first) -> first + ":" + path);
        SyncScript.Ended ended = SyncScript.end(builder).done();
        Map<String, String> verdicts = new TreeMap<>();
        for (String line : ended.output().split("\n", -1)) {
            int tab = line.indexOf('\t');
            if (tab > 0) {
                verdicts.put(line.substring(0, tab), line.substring(tab + 1));
            }
        }
        return verdicts;
    }
}
