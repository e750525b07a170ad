#!/usr/bin/env bash
# HTTP/1.1 with kept connections beside HTTP/2, from one nginx on loopback over TLS: large objects as chunks are, and small
# ones as those of small files are. With the JDK's client and with curl. docs/BENCHMARKS.md has results.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=src/bench/server.sh
source "$here/server.sh"

parallel=${1:-8} large=${2:-24} small=${3:-5000}
parent=/tmp
[[ ! -w /dev/shm ]] || parent=/dev/shm
work=$(mktemp -d "$parent/caravan-http.XXXXXX")
server=""
# shellcheck disable=SC2317 # called by the trap
finish() {
    [[ -z $server ]] || kill "$server" || true
    rm -rf "$work"
}
trap finish EXIT

make_certificates
port=$(free_port)
mkdir -p "$work/objects" "$work/nginx"
for ((number = 0; number < large; number++)); do
    openssl rand -out "$work/objects/large-$number" $((64 << 20))
done
openssl rand -out "$work/objects/small-0" 4000
for ((number = 1; number < small; number++)); do
    ln "$work/objects/small-0" "$work/objects/small-$number"
done
user=""
((EUID != 0)) || user="user root;"
cat > "$work/nginx.conf" << CONF
$user
worker_processes auto;
pid $work/nginx/pid;
daemon off;
error_log $work/nginx/error.log;
events { worker_connections 512; }
http {
    access_log off;
    sendfile on;
    keepalive_requests 100000;
    server {
        listen 127.0.0.1:$port ssl http2;
        ssl_certificate $work/server.pem;
        ssl_certificate_key $work/server.key;
        root $work/objects;
    }
}
CONF
nginx -c "$work/nginx.conf" -p "$work/nginx" 2> "$work/nginx/start.log" &
server=$!
base=https://127.0.0.1:$port
curl -s --retry 20 --retry-delay 1 --retry-connrefused --cacert "$work/ca.pem" "$base/small-0" > /dev/null

# result CLIENT VERSION OBJECTS "SECONDS BYTES CPU"
result() {
    awk -v client="$1" -v version="$2" -v objects="$3" '{
        printf "| %s | %s | %s | %.1f | %.0f | %.2f |\n", client, version, objects, $1, $2 / 1e6 / $1, $3 * 1e9 / $2
    }' <<< "$4"
}

# with_curl VERSION PREFIX COUNT
with_curl() {
    local number seconds user system
    for ((number = 0; number < $3; number++)); do
        printf 'url = "%s/%s%d"\noutput = "/dev/null"\n' "$base" "$2" "$number"
    done > "$work/urls"
    /usr/bin/time -o "$work/time" -f '%e %U %S' curl -s -f -Z --parallel-max "$parallel" "--http$1" \
        --cacert "$work/ca.pem" -K "$work/urls" 2> /dev/null
    read -r seconds user system < "$work/time"
    awk -v s="$seconds" -v u="$user" -v y="$system" -v n="$3" -v size="$(stat -c %s "$work/objects/${2}0")" \
        'BEGIN { print s, n * size, u + y }'
}

echo "load before: $(cut -d' ' -f1-3 /proc/loadavg), $parallel at a time"
echo "| client | HTTP | objects | s | MB/s | CPU s/GB |"
echo "|---|---|---|---|---|---|"
for run in "large- $large" "small- $small"; do
    read -r prefix count <<< "$run"
    for version in 1 2; do
        result "java.net.http" $version "$count x ${prefix%-}" \
            "$(java "$here/HttpVersions.java" "$base/$prefix" "$count" "$parallel" $version "$work/ca.pem")"
    done
    for version in 1.1 2; do
        result curl $version "$count x ${prefix%-}" "$(with_curl $version "$prefix" "$count")"
    done
done
