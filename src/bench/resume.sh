#!/usr/bin/env bash
# How long a restore that was killed takes, when it is started again, until the first byte of a chunk moves. Kills it in the
# midst of its transfers and starts it again, several times, and prints the seconds from the start of the command to
# the moment at which the server had the first request for a chunk.
# resume.sh [SIZE [RATE [SECONDS [HOME]]]]: bytes of the tree, bytes a second, life of each run, the built caravan.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=src/bench/measure.sh
source "$here/measure.sh"
# shellcheck source=src/bench/server.sh
source "$here/server.sh"
# shellcheck source=src/bench/rows.sh
source "$here/rows.sh"

size=${1:-3GB} rate=${2:-100M} seconds=${3:-5} home=${4:-$here/../../target/caravan}
tools="" runs=1 connection_rate=0 bytes_asked=$(numfmt --from=auto "${size%B}")
parent=/tmp
[[ ! -w /dev/shm ]] || parent=/dev/shm
work=$(mktemp -d "$parent/caravan-resume.XXXXXX")
# shellcheck disable=SC2317 # called by the trap
finish() {
    stop_server
    rm -rf "$work"
}
trap finish EXIT

if [[ -x $home/bin/caravan-prepare && ! -e $home/lib/caravan.jsa ]]; then
    "$home/bin/caravan-prepare" >&2
fi
make_tree
access_log="$work/access.log timed"
start_server
url=$(origin tls)
caravan_for "$url"
published
print_facts
begun=""
for ((round = 1; round <= 6; round++)); do
    : > "$work/access.log"
    begun=$(date +%s.%N)
    "$home/bin/caravan" fetch "$url/bench/bench" "$work/target" --key "$work/key.pub" --ca "$work/ca.pem" \
        --state "$work/client" --limit-rate "$rate" > "$work/log" 2>&1 &
    fetch=$!
    sleep "$seconds"
    kill -9 $fetch 2> /dev/null || true
    wait $fetch 2> /dev/null || true
    there=$(du -sB1 "$work"/target.caravan-incomplete 2> /dev/null | cut -f1 || true)
    # a request that was cut is in the log all the same
    sleep 1
    awk -v begun="$begun" -v round=$round -v there="${there:-0}" '$4 ~ /\/chunks\// {
        at = $1 - $2 - begun
        if (first == "" || at < first) first = at
    } END {
        if (first == "") printf "start %d: no chunk was asked for in time\n", round
        else printf "start %d: first chunk asked for after %.2f s; %.2f GB there when killed\n", round, first, there / 1e9
    }' "$work/access.log"
done
