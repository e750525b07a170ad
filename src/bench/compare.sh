#!/usr/bin/env bash
# Runs caravan's publish and fetch beside rclone, aws, aria2c and curl on the same bytes, against the same nginx on
# loopback, over TLS and plain HTTP, and prints MB/s, CPU seconds per GB and peak memory of each.
# docs/BENCHMARKS.md says what is compared with what, and why, and holds results.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=src/bench/measure.sh
source "$here/measure.sh"
# shellcheck source=src/bench/server.sh
source "$here/server.sh"
# shellcheck source=src/bench/rows.sh
source "$here/rows.sh"

usage() {
    cat <<'USAGE'
Usage: src/bench/compare.sh [OPTION]...
  --size SIZE       bytes in the tree, for example 256MB; default 2GB
  --transports T    "tls", "http" or "tls http" (default)
  --sections S      "publish", "fetch" or "publish fetch" (default)
  --tools T         only these rows, for example "caravan openssl curl"; default all
  --connection-rate R  the server sends at most R on each connection, as one far away does, for example 20MB; fetch only,
                    and each tool with as many connections as it takes by itself, or as its users give it
  --runs N          runs of each row, of which the one with the least CPU counts; default 1
  --work DIR        where tree, objects and downloads lie; default a new directory in /dev/shm if it has room for
                    four times SIZE, else in TMPDIR. A directory made here is removed at the end.
  --home DIR        the built caravan; default target/caravan
  --tsv FILE        machine-readable results; default target/bench.tsv
USAGE
}

size=2GB transports="tls http" sections="publish fetch" tools="" runs=1 work="" connection_rate=0
home=$here/../../target/caravan tsv=$here/../../target/bench.tsv
while (($# > 0)); do
    case $1 in
        --size) size=$2 ;;
        --transports) transports=$2 ;;
        --sections) sections=$2 ;;
        --tools) tools=$2 ;;
        --connection-rate) connection_rate=$(numfmt --from=auto "${2%B}") sections=fetch ;;
        --runs) runs=$2 ;;
        --work) work=$2 ;;
        --home) home=$2 ;;
        --tsv) tsv=$2 ;;
        --help | -h) usage && exit 0 ;;
        *) usage >&2 && exit 2 ;;
    esac
    shift 2
done

needs() {
    command -v "$1" > /dev/null || { echo "compare.sh needs $1: apt install $2" >&2 && exit 2; }
}
needs nginx nginx
needs curl curl
needs openssl openssl
[[ -x /usr/bin/time ]] || { echo "compare.sh needs GNU time: apt install time" >&2 && exit 2; }
bytes_asked=$(numfmt --from=auto "${size%B}")

# What the caller's environment says about proxies, authorities and accounts is for other servers than ours.
unset http_proxy https_proxy all_proxy HTTP_PROXY HTTPS_PROXY ALL_PROXY
unset AWS_CA_BUNDLE AWS_PROFILE AWS_SESSION_TOKEN SSL_CERT_FILE SSL_CERT_DIR CURL_CA_BUNDLE

made_work=""
if [[ -z $work ]]; then
    parent=${TMPDIR:-/tmp}
    room=$(df --output=avail -B1 /dev/shm 2> /dev/null | tail -1 || true)
    ((${room:-0} > 4 * bytes_asked)) && parent=/dev/shm
    work=$(mktemp -d "$parent/caravan-bench.XXXXXX")
    made_work=$work
fi
mkdir -p "$work" "$(dirname "$tsv")"
work=$(cd "$work" && pwd)

# shellcheck disable=SC2317 # called by the trap
finish() {
    stop_server
    [[ -z $made_work ]] || rm -rf "$made_work"
}
trap finish EXIT

if [[ -x $home/bin/caravan-prepare && ! -e $home/lib/caravan.jsa && ! -e $home/lib/caravan.aot ]]; then
    "$home/bin/caravan-prepare" >&2
fi
make_tree
start_server
print_facts
start_table "$tsv"
for transport in $transports; do
    for section in $sections; do
        "${section}_rows" "$transport"
    done
done
print_table "$tsv"
exit "$failures"
