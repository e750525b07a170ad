#!/usr/bin/env bash
# A daemon among troubles, for as long as you like: a node that writes, a local S3 server, a publication every ten seconds, a
# drill each minute. The server is held still and killed, the node is restarted and killed, the daemon is killed, in turn.
# Every other minute what is published is restored over the restore before, and verified.
#   src/bench/soak.sh [MINUTES [DIRECTORY]]      60 minutes, in a new directory
# Prints a line each half minute: snapshots in the bucket, memory (kB), threads and open files of the daemon, files and size of
# its state. Ends with 1 if a restore failed that no trouble explains. Needs a built caravan (mvn -DskipTests package).
set -euo pipefail

minutes=${1:-60}
home=$(cd "$(dirname "$0")/../../target/caravan" && pwd)
work=${2:-$(mktemp -d)}
mkdir -p "$work"
caravan=$home/bin/caravan
s3_port=${SOAK_PORT:-19100}
public=http://127.0.0.1:$((s3_port + 1))/snapshots
rpc_port=$((s3_port + 2))

export CARAVAN_S3_ACCESS_KEY=soak CARAVAN_S3_SECRET_KEY=soak CARAVAN_S3_BUCKET=snapshots
export CARAVAN_S3_ENDPOINT=http://127.0.0.1:$s3_port CARAVAN_PUBLIC_URL=$public
export CARAVAN_DATABASES=demo CARAVAN_DATABASE_DEMO_DIRECTORY=$work/node/chains/demo
export CARAVAN_DATABASE_DEMO_RPC_URL=http://127.0.0.1:$rpc_port CARAVAN_DATABASE_DEMO_MIN_PEERS=0
export CARAVAN_DATABASE_DEMO_SCHEDULE='0/10 * * * * ?' CARAVAN_DATABASE_DEMO_DRILL_SCHEDULE='20 * * * * ?'
# The database is small: a compaction halves it.
export CARAVAN_DATABASE_DEMO_ACCEPT_CHANGED_SOURCE=true
export CARAVAN_WARM_REGIONS=here CARAVAN_WARM_REGION_HERE_VIA=direct CARAVAN_WARM_HOLD=20s
export CARAVAN_SIGNING_KEY=$work/key CARAVAN_STATE_DIRECTORY=$work/state CARAVAN_HTTP_PORT=$((s3_port + 3))

start_s3() {
    "$caravan" local-s3 "$work/s3" --port "$s3_port" --public-port $((s3_port + 1)) >> "$work/s3.log" 2>&1 &
    s3=$!
}
start_node() {
    "$caravan" sample-node --base-path "$work/node" --rpc-port "$rpc_port" --initial-bytes 1000000 >> "$work/node.log" 2>&1 &
    node=$!
}
start_daemon() {
    "$caravan" run >> "$work/run.log" 2>&1 &
    daemon=$!
}
# shellcheck disable=SC2317 # called by the trap
stop() {
    kill -CONT "$s3" 2> /dev/null || true
    kill "$daemon" "$node" "$s3" 2> /dev/null || true
    wait 2> /dev/null || true
}
say() { printf '%(%T)T %s\n' -1 "$*"; }
report() {
    say "snapshots $(find "$work/s3/snapshots/demo" -maxdepth 1 -name '2*' | wc -l)" \
        "memory $(awk '/VmRSS/ { print $2 }' "/proc/$daemon/status")" \
        "threads $(find "/proc/$daemon/task" -maxdepth 1 | wc -l) files $(find "/proc/$daemon/fd" -maxdepth 1 | wc -l)" \
        "state $(find "$work/state" -type f | wc -l) files, $(du -sk "$work/state" | cut -f1) kB"
}
restore() {
    "$caravan" fetch "$public/demo" "$work/copy" --key "$work/key.pub" > "$work/fetch.log" 2>&1 &&
        "$caravan" verify "$work/copy" --key "$work/key.pub" >> "$work/fetch.log" 2>&1
}

"$caravan" keygen "$work/key" > /dev/null
start_s3
start_node
sleep 10
start_daemon
trap stop EXIT
failed=0
for ((half = 1; half <= 2 * minutes; half++)); do
    sleep 30
    report
    if ((half % 4 == 0)); then
        if restore; then
            say "restored: $(tail -n 1 "$work/fetch.log")"
        else
            say "NOT restored: $(tail -n 2 "$work/fetch.log" | tr '\n' ' ')"
            failed=1
        fi
    fi
    case $((half % 14)) in
        5) say "store held still for 40 s" && kill -STOP "$s3" && sleep 40 && kill -CONT "$s3" ;;
        7) say "store killed for 20 s" && kill -9 "$s3" && sleep 20 && start_s3 ;;
        9) say "node restarted" && kill "$node" && { wait "$node" || true; } && start_node ;;
        11) say "daemon killed" && kill -9 "$daemon" && { wait "$daemon" || true; } && start_daemon ;;
        13) say "node killed for 12 s" && kill -9 "$node" && sleep 12 && start_node ;;
    esac
done
say "the daemon's failures, and how often:"
grep -E ' (WARN|ERROR) ' "$work/run.log" | grep -v 'tried again' | cut -d' ' -f2- | cut -c1-120 | sort | uniq -c | sort -rn || true
exit "$failed"
