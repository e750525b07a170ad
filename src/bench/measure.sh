# Sourced by compare.sh: measures one command and keeps the table. CPU is user and system time of the command and all
# its children, as the kernel accounts it; memory is the peak of its largest process.
# shellcheck shell=bash disable=SC2034,SC2154 # variables that the sourcing script and its other parts share

failures=0

# start_table FILE: empties the table.
start_table() {
    table=$1
    printf 'section\ttransport\ttool\tseconds\tmegabytes_per_second\tcpu_seconds_per_gigabyte\tpeak_mebibytes\n' > "$table"
}

# wanted TOOL: whether its rows were asked for.
wanted() {
    [[ -z $tools || " $tools " == *" $1 "* ]]
}

# missing TOOL: says that its rows are left out, if it is not installed.
missing() {
    command -v "$1" > /dev/null && return 1
    echo "skipped: $1 is not installed" >&2
}

# timed COMMAND...: runs it and writes what it took into the file "time"; a function does both by itself.
timed() {
    if [[ $(type -t "$1") == function ]]; then
        "$@"
    else
        /usr/bin/time -o "$work/time" -f '%e %U %S %M' "$@"
    fi
}

# row SECTION TRANSPORT TOOL PREPARE CHECK COMMAND...: runs PREPARE, COMMAND and CHECK, --runs times, and adds the run
# with the least CPU. PREPARE and CHECK are functions without arguments and are not measured.
row() {
    local section=$1 transport=$2 tool=$3 prepare=$4 check=$5 run best="" seconds user system kib
    shift 5
    for ((run = 1; run <= runs; run++)); do
        "$prepare"
        if ! timed "$@" > "$work/log" 2>&1 || ! "$check" >> "$work/log" 2>&1; then
            echo "failed: $section over $transport with $tool" >&2
            tail -5 "$work/log" | sed 's/^/    /' >&2
            failures=1
            return
        fi
        read -r seconds user system kib < <(tail -1 "$work/time")
        best=$(awk -v best="$best" -v now="$seconds $user $system $kib" 'BEGIN {
            split(best, b, " "); split(now, n, " ")
            print (best == "" || n[2] + n[3] < b[2] + b[3]) ? now : best
        }')
    done
    read -r seconds user system kib <<< "$best"
    awk -v section="$section" -v transport="$transport" -v tool="$tool" -v bytes="$tree_bytes" \
        -v seconds="$seconds" -v cpu="$user $system" -v kib="$kib" 'BEGIN {
        split(cpu, c, " ")
        printf "%s\t%s\t%s\t%.2f\t%.0f\t%.2f\t%.0f\n", section, transport, tool, seconds,
            bytes / 1e6 / (seconds > 0 ? seconds : 0.01), (c[1] + c[2]) * 1e9 / bytes, kib / 1024
    }' | tee -a "$table" | awk -F'\t' '{ printf "%-8s %-5s %-34s %6.2f s %5d MB/s %6.2f CPU s/GB\n", $1, $2, $3, $4, $5, $6 }' >&2
}

# print_table FILE: the table in Markdown, with each row's CPU as a multiple of the floor: hashing with openssl and
# moving the bytes with curl.
print_table() {
    awk -F'\t' '
        NR == 1 { next }
        $3 ~ /^openssl/ { hash[$1, $2] = $6 }
        $3 ~ /^curl/ { move[$1, $2] = $6 }
        { rows[++n] = $0 }
        END {
            print "| | over | tool | MB/s | CPU s/GB | of the floor | peak MiB |"
            print "|---|---|---|---|---|---|---|"
            for (i = 1; i <= n; i++) {
                split(rows[i], r, "\t")
                known = ((r[1], r[2]) in hash) && ((r[1], r[2]) in move)
                share = known ? sprintf("%.2f", r[6] / (hash[r[1], r[2]] + move[r[1], r[2]])) : ""
                printf "| %s | %s | %s | %d | %.2f | %s | %d |\n", r[1], r[2], r[3], r[5], r[6], share, r[7]
            }
        }' "$1"
}

# print_facts: what the numbers depend on.
print_facts() {
    echo "machine: $(nproc) x $(sed -n 's/^model name[^:]*: //p' /proc/cpuinfo | sed -n 1p), $(free -h | awk '/^Mem/ { print $2 }') memory, $(uname -sr)"
    echo "load before: $(cut -d' ' -f1-3 /proc/loadavg)"
    if awk -v cores="$(nproc)" '{ exit !($1 > cores / 2) }' /proc/loadavg; then
        echo "the machine is busy: CPU figures come out too high, of Java most of all, and MB/s mean nothing" >&2
    fi
    echo "tree: $tree_files files, $tree_bytes bytes in $work ($(df --output=fstype "$work" | tail -1))"
    local tool
    for tool in "nginx -v" "openssl version" "curl --version" "aws --version" "rclone version" "aria2c --version" "java -version"; do
        # shellcheck disable=SC2086 # a command and its one argument
        if command -v ${tool%% *} > /dev/null; then $tool 2>&1 | sed -n 1p; fi
    done
    echo
}
