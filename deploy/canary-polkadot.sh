#!/bin/sh
# A canary for Caravan's drills: starts a real node on the restored database, without network, and asks its height.
#
#   caravan.database.polkadot.canary=/etc/caravan/canary-polkadot.sh
#
# It ends with status 0 if the node opens the database and is at the block that it should have at least. Its last line says
# why if not. The node writes into the restored copy, which is removed or put right afterwards. Caravan ends whatever is still
# running when this script is over, or at caravan.database.<name>.canary-timeout.
#
# NODE     the node's program                         default: polkadot
# CHAIN    as for the node's --chain                  default: the network in the record
# OPTIONS  as your node is run, for example --database=rocksdb --state-pruning=archive --blocks-pruning=archive
set -eu
node=${NODE:-polkadot}
chain=${CHAIN:-$CARAVAN_NETWORK}
port=${PORT:-19944}

# The database's directory is <base>/chains/<id>; the node wants <base>.
base=$(mktemp -d)
pid=
trap '[ -z "$pid" ] || kill "$pid" 2>/dev/null || true; rm -rf "$base"' EXIT
id=$("$node" build-spec --chain "$chain" 2>/dev/null | sed -n 's/^ *"id": *"\([^"]*\)".*/\1/p' | head -n 1)
if [ -z "$id" ]; then
    echo "the node does not know the chain $chain"
    exit 1
fi
mkdir -p "$base/chains"
ln -s "$CARAVAN_DIRECTORY" "$base/chains/$id"

# shellcheck disable=SC2086 # the options are words
"$node" --base-path "$base" --chain "$chain" --rpc-port "$port" --no-prometheus --no-telemetry --no-mdns \
    --reserved-only --in-peers 0 --out-peers 0 ${OPTIONS:-} >"$base/node.log" 2>&1 &
pid=$!

call() {
    curl -fsS --max-time 10 -H 'Content-Type: application/json' \
        -d "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"$1\",\"params\":[$2]}" "http://127.0.0.1:$port" 2>/dev/null
}
until head=$(call chain_getFinalizedHead ""); do
    if ! kill -0 "$pid" 2>/dev/null; then
        echo "the node ended: $(grep -v '^$' "$base/node.log" | tail -n 1)"
        exit 1
    fi
    sleep 1
done
hash=$(printf '%s' "$head" | sed -n 's/.*"result":"\(0x[0-9a-f]*\)".*/\1/p')
number=$(call chain_getHeader "\"$hash\"" | sed -n 's/.*"number":"0x\([0-9a-f]*\)".*/\1/p')
height=$(printf '%d' "0x${number:-0}")
if [ "$height" -lt "$CARAVAN_HEIGHT" ]; then
    echo "the node is at block $height, and should be at $CARAVAN_HEIGHT at least"
    exit 1
fi
echo "the node is at block $height"
