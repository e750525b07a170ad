# Sourced by compare.sh: one nginx on loopback, over TLS and plain HTTP. It stores what is PUT as files and serves them,
# and answers the few S3 calls besides PUT, GET and HEAD of an object that the clients make.
# caravan first tries out whether the store compares checksums, as S3 does and nginx cannot; else it would read back all
# it sent. The few small objects of that trial go on to caravan's local S3, which does compare.
# shellcheck shell=bash disable=SC2034,SC2154 # variables that the sourcing script and its other parts share

server="" probed="" daemon="" access_log=off

# make_certificates: an authority and a server certificate for 127.0.0.1 that it signed.
make_certificates() {
    openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj "/CN=caravan bench authority" \
        -keyout "$work/ca.key" -out "$work/ca.pem" 2> /dev/null
    openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj "/CN=127.0.0.1" \
        -keyout "$work/server.key" -out "$work/server.csr" 2> /dev/null
    openssl x509 -req -in "$work/server.csr" -CA "$work/ca.pem" -CAkey "$work/ca.key" -CAcreateserial -days 2 \
        -extfile <(echo "subjectAltName=IP:127.0.0.1") -out "$work/server.pem" 2> /dev/null
}

# free_port: one above 20000 that nothing listens on.
free_port() {
    local port
    while port=$((20000 + RANDOM % 12000)); (: < "/dev/tcp/127.0.0.1/$port") 2> /dev/null; do :; done
    echo "$port"
}

# start_probed: caravan's local S3, for the objects of the trial; sets probe_url.
start_probed() {
    probe_url=http://127.0.0.1:1
    [[ -x $home/bin/caravan ]] || return 0
    CARAVAN_S3_ACCESS_KEY=bench CARAVAN_S3_SECRET_KEY=bench \
        "$home/bin/caravan" local-s3 "$work/probed" --bucket bench > "$work/probed.log" 2>&1 &
    probed=$!
    local second
    for ((second = 0; second < 60; second++)); do
        probe_url=$(sed -n 's/^endpoint //p' "$work/probed.log")
        [[ -n $probe_url ]] && return 0
        sleep 1
    done
    cat "$work/probed.log" >&2 && exit 1
}

start_server() {
    make_certificates
    start_probed
    tls_port=$(free_port)
    http_port=$(free_port)
    mkdir -p "$work/objects/bench" "$work/nginx"
    local user="" tree_root
    ((EUID == 0)) && user="user root;"
    tree_root=$(dirname "$tree")
    cat > "$work/nginx.conf" << CONF
$user
worker_processes auto;
pid $work/nginx/pid;
daemon off;
error_log $work/nginx/error.log;
events { worker_connections 512; }
http {
    log_format timed '\$msec \$request_time \$body_bytes_sent \$uri';
    access_log $access_log;
    sendfile on;
    keepalive_requests 100000;
    client_max_body_size 0;
    client_body_temp_path $work/nginx/body;
    proxy_temp_path $work/nginx/proxy;
    fastcgi_temp_path $work/nginx/fastcgi;
    uwsgi_temp_path $work/nginx/uwsgi;
    scgi_temp_path $work/nginx/scgi;
    # S3 answers a PUT with an ETag; this one is no MD5, so no client compares it.
    map \$request_method \$etag_of_put { PUT '"stored"'; default ''; }
    map "\$request_method \$http_if_none_match" \$create_only { "PUT *" 1; default 0; }
    server {
        listen 127.0.0.1:$http_port;
        listen 127.0.0.1:$tls_port ssl;
        ssl_certificate $work/server.pem;
        ssl_certificate_key $work/server.key;
        location /tree/ { alias $tree_root/; limit_rate $connection_rate; }
        # The bucket itself: it is there, and a listing finds nothing.
        location ~ ^/bench/?\$ {
            default_type application/xml;
            return 200 '<?xml version="1.0" encoding="UTF-8"?><ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Name>bench</Name><Prefix></Prefix><KeyCount>0</KeyCount><MaxKeys>1000</MaxKeys><IsTruncated>false</IsTruncated></ListBucketResult>';
        }
        location /bench/ {
            root $work/objects;
            limit_rate $connection_rate;
            dav_methods PUT DELETE;
            create_full_put_path on;
            add_header ETag \$etag_of_put always;
            set \$taken "";
            if (-f \$request_filename) { set \$taken "taken"; }
            set \$refused "\$taken\$create_only";
            if (\$refused = taken1) { return 412; }
            error_page 412 @taken;
            error_page 404 @absent;
        }
        # S3 says what is not there; a 404 without a code is some other server's.
        location @absent {
            default_type application/xml;
            return 404 '<?xml version="1.0" encoding="UTF-8"?><Error><Code>NoSuchKey</Code></Error>';
        }
        location /bench/_control/probe/ {
            proxy_pass $probe_url;
            proxy_set_header Host \$http_host;
        }
        # A client that sent "Expect: 100-continue" keeps the body to itself then, and nginx would wait for it.
        location @taken {
            keepalive_timeout 0;
            return 412;
        }
    }
}
CONF
    nginx -c "$work/nginx.conf" -p "$work/nginx" 2> "$work/nginx/start.log" &
    server=$!
    curl -s --retry 20 --retry-delay 1 --retry-connrefused --cacert "$work/ca.pem" \
        "https://127.0.0.1:$tls_port/bench/" > /dev/null || { cat "$work/nginx/start.log" >&2 && exit 1; }
}

stop_server() {
    local process
    for process in $server $probed $daemon; do
        kill "$process" || true
        wait "$process" || true
    done
}

# origin TRANSPORT: its address.
origin() {
    case $1 in
        tls) echo "https://127.0.0.1:$tls_port" ;;
        http) echo "http://127.0.0.1:$http_port" ;;
    esac
}
