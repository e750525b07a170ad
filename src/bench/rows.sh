# Sourced by compare.sh: what is measured. Every tool moves the same files with eight transfers at once.
# shellcheck shell=bash disable=SC2034,SC2154 # variables that the sourcing script and its other parts share

parallel=8

# make_tree: a RocksDB of the sample node, whose tables are 64 MiB and hardly compress; without a built caravan, files of
# random bytes instead.
make_tree() {
    base=$work/node
    tree=$base/chains/demo/db/full
    if [[ -e $tree/CURRENT ]]; then
        echo "reusing the tree in $tree" >&2
    elif [[ -x $home/bin/caravan ]]; then
        "$home/bin/caravan" sample-node --base-path "$base" --initial-bytes "$size" --once > /dev/null
    else
        echo "there is no $home/bin/caravan: the tree is random files, and caravan's rows are left out" >&2
        mkdir -p "$tree"
        local left=$bytes_asked number=0
        while ((left > 0)); do
            openssl rand $((left < 67108864 ? left : 67108864)) > "$tree/$(printf '%06d' $((++number))).sst"
            left=$((left - 67108864))
        done
    fi
    (cd "$tree" && find . -type f ! -name LOCK ! -name 'LOG*' -size +0 | sed 's|^\./||' | sort) > "$work/files"
    tree_files=$(wc -l < "$work/files")
    tree_bytes=$(cd "$tree" && tr '\n' '\0' < "$work/files" | xargs -0 cat | wc -c)
    table_bytes=$(cd "$tree" && find . -name '*.sst' -printf '%s\n' | awk '{ sum += $1 } END { print sum + 0 }')
}

empty_bucket() {
    rm -rf "$work/objects/bench"
    mkdir -p "$work/objects/bench"
}

empty_target() {
    rm -rf "$work/target"
    mkdir -p "$work/target"
}

keep() { :; }

# stored: whether the bucket holds at least the bytes of the tables, which are nearly all of the tree.
stored() {
    local bytes
    bytes=$(find "$work/objects/bench" -type f -printf '%s\n' | awk '{ sum += $1 } END { print sum + 0 }')
    ((bytes >= table_bytes)) || { echo "only $bytes of $table_bytes bytes were stored" && return 1; }
}

# fetched: whether every file of the tree is in the target.
fetched() {
    local file
    while read -r file; do
        cmp "$tree/$file" "$work/target/$file" || return 1
    done < "$work/files"
}

# hash_row SECTION TRANSPORT: the one floor that does not depend on the transport.
hash_row() {
    wanted openssl || return 0
    # shellcheck disable=SC2016 # expanded by the inner shell
    row "$1" "$2" "openssl dgst -sha256" keep keep \
        bash -c 'cd "$1" && tr "\n" "\0" < "$2" | xargs -0 openssl dgst -sha256' - "$tree" "$work/files"
}

publish_rows() {
    local transport=$1 url
    url=$(origin "$transport")
    hash_row publish "$transport"
    if wanted curl; then
        sed "s|.*|upload-file = \"$tree/&\"\nurl = \"$url/bench/curl/&\"\noutput = /dev/null|" "$work/files" > "$work/curl.conf"
        row publish "$transport" "curl -T" empty_bucket stored curl -sS --fail --cacert "$work/ca.pem" -K "$work/curl.conf"
    fi
    if wanted aws && ! missing aws; then
        # One PUT per file, as caravan does: the sink knows no multipart upload, which would cost aws more.
        printf '[default]\nregion = us-east-1\ns3 =\n  multipart_threshold = 5GB\n  max_concurrent_requests = %d\n  addressing_style = path\n' \
            "$parallel" > "$work/aws.conf"
        row publish "$transport" "aws s3 sync" empty_bucket stored \
            env AWS_CONFIG_FILE="$work/aws.conf" AWS_ACCESS_KEY_ID=bench AWS_SECRET_ACCESS_KEY=bench \
            AWS_CA_BUNDLE="$work/ca.pem" aws s3 sync --only-show-errors --endpoint-url "$url" "$tree" s3://bench/aws
    fi
    if wanted rclone && ! missing rclone; then
        row publish "$transport" "rclone copy" empty_bucket stored \
            rclone copy --config /dev/null --ca-cert "$work/ca.pem" --transfers "$parallel" --s3-provider Other \
            --s3-endpoint "$url" --s3-access-key-id bench --s3-secret-access-key bench --s3-no-check-bucket \
            --s3-upload-cutoff 5G "$tree" :s3:bench/rclone
    fi
    caravan_publish_rows "$transport" "$url"
}

# connections TOOL: its option for how many. On a fast link all tools get the same number; on a slow one caravan, sync.sh
# and curl choose for themselves, aria2c gets what snapshot providers tell their users, rclone what Parity's Helm chart does.
connections() {
    case $1,$connection_rate in
        curl,0) echo "--parallel-max $parallel" ;;
        aria2c,0) echo "-j $parallel" ;;
        rclone,0) echo "--transfers $parallel" ;;
        caravan,0) echo "--parallel $parallel" ;;
        aria2c,*) echo "-j 25" ;;
        rclone,*) echo "--transfers $(($(nproc) * 5)) --http-no-head --disable-http2 --size-only" ;;
    esac
}

fetch_rows() {
    local transport=$1 url
    url=$(origin "$transport")
    hash_row fetch "$transport"
    if wanted curl; then
        sed "s|.*|url = \"$url/tree/full/&\"\noutput = \"$work/target/&\"|" "$work/files" > "$work/curl.conf"
        # shellcheck disable=SC2046 # the options are words
        row fetch "$transport" "curl -Z" empty_target fetched \
            curl -sS --fail --cacert "$work/ca.pem" --create-dirs -Z $(connections curl) -K "$work/curl.conf"
    fi
    if wanted aria2c && ! missing aria2c; then
        sed "s|.*|$url/tree/full/&\n  out=&|" "$work/files" > "$work/aria2.txt"
        (cd "$tree" && tr '\n' '\0' < "$work/files" | xargs -0 sha256sum) \
            | sed "s|^\([0-9a-f]*\)  \(.*\)|$url/tree/full/\2\n  out=\2\n  checksum=sha-256=\1|" > "$work/aria2-checked.txt"
        # shellcheck disable=SC2046 # the options are words
        local aria2=(aria2c --no-conf -q --ca-certificate "$work/ca.pem" --file-allocation=none $(connections aria2c) -d "$work/target")
        row fetch "$transport" "aria2c without checksums" empty_target fetched "${aria2[@]}" -i "$work/aria2.txt"
        row fetch "$transport" "aria2c with checksums" empty_target fetched "${aria2[@]}" -i "$work/aria2-checked.txt"
    fi
    if wanted rclone && ! missing rclone; then
        # shellcheck disable=SC2046 # the options are words
        row fetch "$transport" "rclone copy --files-from" empty_target fetched \
            rclone copy --config /dev/null --ca-cert "$work/ca.pem" $(connections rclone) \
            --no-traverse --files-from "$work/files" --http-url "$url/tree/full" :http: "$work/target"
    fi
    caravan_fetch_rows "$transport" "$url"
}

# has_caravan COMMAND: whether the built caravan has it, and its rows are wanted.
has_caravan() {
    wanted caravan && [[ -x $home/bin/caravan ]] || return 1
    "$home/bin/caravan" "$1" --help > /dev/null 2>&1 || { echo "skipped: $home/bin/caravan has no $1" >&2 && return 1; }
}

# caravan_for URL: settings for a publication to the bucket there, and a key of its own.
caravan_for() {
    export CARAVAN_DATABASES=bench CARAVAN_DATABASE_BENCH_DIRECTORY=$base/chains/demo
    export CARAVAN_S3_ENDPOINT=$1 CARAVAN_S3_BUCKET=bench CARAVAN_S3_ACCESS_KEY=bench CARAVAN_S3_SECRET_KEY=bench
    export CARAVAN_S3_CA_FILE=$work/ca.pem CARAVAN_S3_SINGLE_WRITER=true CARAVAN_PUBLIC_URL=$1/bench
    export CARAVAN_SIGNING_KEY=$work/key CARAVAN_TRUSTED_KEYS=$work/key.pub CARAVAN_STATE_DIRECTORY=$work/state
    export CARAVAN_UPLOAD_PARALLELISM=$parallel
    [[ -e $work/key ]] || "$home/bin/caravan" keygen "$work/key" > /dev/null
}

nothing_published() {
    empty_bucket
    rm -rf "$work/state"
}

caravan_publish_rows() {
    has_caravan publish || return 0
    caravan_for "$2"
    row publish "$1" "caravan publish" nothing_published stored "$home/bin/caravan" publish bench
    row publish "$1" "caravan publish, nothing new" keep stored "$home/bin/caravan" publish bench
    ! has_caravan run || row publish "$1" "caravan run, on a trigger file" daemon_waits stored publish_by_daemon
}

# daemon_waits: starts a daemon that has published another, small database, as one that runs for days has.
daemon_waits() {
    nothing_published
    local other=$work/other
    [[ -e $other ]] || "$home/bin/caravan" sample-node --base-path "$other" --initial-bytes 256MB --once > /dev/null
    CARAVAN_DATABASES=bench,other CARAVAN_DATABASE_OTHER_DIRECTORY=$other/chains/demo CARAVAN_HTTP_PORT=$(free_port) \
        "$home/bin/caravan" run > "$work/daemon.log" 2>&1 &
    daemon=$!
    ask_daemon other
}

# ask_daemon DATABASE: has it published, and waits until it has nothing more to do.
ask_daemon() {
    local tenth
    mkdir -p "$work/state/trigger"
    touch "$work/state/trigger/$1"
    for ((tenth = 0; tenth < 6000; tenth++)); do
        [[ -e $work/objects/bench/$1/latest ]] && sleep 2 && return 0
        kill -0 "$daemon" || break
        sleep 0.1
    done
    tail -5 "$work/daemon.log"
    return 1
}

# daemon_spent: CPU ticks of the daemon, those of its children among them, from the field after its name on.
daemon_spent() {
    sed 's/.*) //' "/proc/$daemon/stat" | awk '{ print $12 + $14, $13 + $15 }'
}

# publish_by_daemon: what it cost goes into the file that the time of a command would stand in.
publish_by_daemon() {
    local begin=$EPOCHREALTIME before after
    before=$(daemon_spent)
    ask_daemon bench || return 1
    after=$(daemon_spent)
    awk -v before="$before" -v after="$after" -v begin="$begin" -v end="$EPOCHREALTIME" -v ticks="$(getconf CLK_TCK)" \
        -v kib="$(awk '/^VmHWM/ { print $2 }' "/proc/$daemon/status")" 'BEGIN {
        split(before, b, " "); split(after, a, " ")
        print end - begin - 2, (a[1] - b[1]) / ticks, (a[2] - b[2]) / ticks, kib
    }' > "$work/time"
    kill "$daemon"
    wait "$daemon" || true
    daemon=""
}

published() {
    [[ -e $work/objects/bench/bench/latest ]] || { nothing_published && "$home/bin/caravan" publish bench > "$work/log" 2>&1; }
    rm -rf "$work/target" "$work/client"
}

caravan_fetched() {
    local file
    while read -r file; do
        cmp "$tree/$file" "$work/target/db/full/$file" || return 1
    done < <(grep '\.sst$' "$work/files")
}

caravan_fetch_rows() {
    has_caravan fetch || return 0
    caravan_for "$2"
    # shellcheck disable=SC2046 # the options are words
    row fetch "$1" "caravan fetch" published caravan_fetched \
        "$home/bin/caravan" fetch "$2/bench/bench" "$work/target" --key "$work/key.pub" --ca "$work/ca.pem" \
        --state "$work/client" $(connections caravan)
    # shellcheck disable=SC2046 # the options are words
    row fetch "$1" "sync.sh" published caravan_fetched \
        bash "$here/../main/sync/sync.sh" "$2/bench/bench" "$work/target" --key "$work/key.pub" --ca "$work/ca.pem" \
        --state "$work/client" $(connections caravan) --quiet
}
