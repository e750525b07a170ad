#!/usr/bin/env bash
# sync.sh: restores a snapshot that Caravan published, and proves every byte of it.
#
# Needs bash 4.4 or newer, curl, ssh-keygen (OpenSSH 8.1 or newer), awk and the usual tools of a Unix system, and one of
# openssl, sha256sum, shasum. It believes nothing but the keys that its user names: see --help.
#
# The format it reads is docs/format.md, whose section 13 it follows step by step. Whoever changes something here should
# know these rules:
#   - nothing is parsed before its signature, or its hash in something signed, was found right;
#   - nothing in the target changes before everything that can be checked was checked;
#   - the target is untouched, or kept from every engine, or exact, whenever this ends, by kill -9 too;
#   - loops over files and chunks are awk's; bash loops over batches only.
#
# shellcheck disable=SC2016 # most single quotes hold awk programs, whose $ is theirs
# shellcheck disable=SC2015 # A && B || die: whichever of the two fails, die ends the program
# shellcheck disable=SC2012 # ls -A tells whether a directory is empty; what it lists is only shown
# shellcheck disable=SC2094 # a file is read twice, never written

if [ -z "${BASH_VERSINFO:-}" ] || [ "$((BASH_VERSINFO[0] * 100 + BASH_VERSINFO[1]))" -lt 404 ]; then
    echo "sync.sh needs bash 4.4 or newer, and this is ${BASH_VERSION:-no bash}" >&2
    echo "HINT: install a newer bash (macOS: brew install bash) and start: bash sync.sh ..." >&2
    exit 2
fi
set -euo pipefail
export LC_ALL=C # sorting, comparing and cutting by bytes
unset CDPATH TIME_STYLE QUOTING_STYLE BLOCKSIZE BLOCK_SIZE DF_BLOCK_SIZE LS_BLOCK_SIZE POSIXLY_CORRECT GREP_OPTIONS ARIA2_HOME

readonly VERSION=1
readonly EXIT_FAILED=1 EXIT_USAGE=2 EXIT_DAMAGED=3 EXIT_REFUSED=4 EXIT_AGAIN=75

readonly MAX_NOTE=65536             # bytes of a signed note
readonly MAX_FILES=1000000          # beyond that awk needs too much memory
readonly MAX_LIST=4294967296        # bytes of chunks.tsv or manifest.jsonl
readonly MAX_ATTEMPTS=6
readonly LONGEST_PAUSE=60
readonly MOST_BATCH=268435456       # bytes that one transfer may bring before they are put into their places
readonly LONGEST_JUMP=1000000       # of a sequence: one signature a minute for almost two years

readonly OWN=.caravan               # our directory in a tree under work; the rule of paths keeps the name free
readonly MARKER=$OWN/restore        # there while a restore in place has begun and not ended
readonly INCOMPLETE_SEAL='caravan: restore incomplete'

help() {
    cat <<'END'
sync.sh: restores a snapshot of a node's database, fast, and proves every byte.

    sync.sh URL DIR --key FILE|SHA256:fingerprint [OPTION...]

URL   https://host/prefix/DATABASE             the latest snapshot
      https://host/prefix/DATABASE/SNAPSHOT    that one, for example .../20261122T083300Z-23456789
DIR   root of the node's database: a new or empty directory, or one that holds an older copy. The node must be stopped.

Whom to believe
  --key FILE         the publisher's .pub file, or an allowed-signers file of ssh-keygen(1)
  --key SHA256:...   the publisher's fingerprint, as ssh-keygen -l shows it
                     Required, may be repeated. Get it from the publisher's web site or documentation, not from
                     the server that the data comes from. There is no way to switch the check off.
  --expect NAME=VALUE,...
                     refuse a snapshot that is not so: chain, pruning, genesis, role
                     (--expect chain=polkadot,pruning=archive)

What to do
  (nothing)          restore; over an older copy fetch only what differs; go on where an earlier run ended
  --verify           compare DIR with the snapshot and change nothing
  --dry-run          say what a restore would fetch, keep and move away, and change nothing

How
  --parallel N       transfers at a time, 1 to 64 (default 8)
  --limit-rate R     most bytes a second in all: 500K, 20M, 1G
  --aria2c           fetch with aria2c instead of curl: several connections for each object, good on long, lossy
                     lines. aria2c follows redirects; what it brings is checked all the same.
  --ca FILE          trust the certificates in this PEM file instead of the system's
  --stall SECONDS    give a transfer up that stands still for so long (default 30)
  --pause SECONDS    first pause before a second attempt; it doubles each time (default 1)
  --state DIR        where to remember which snapshots were seen (default $XDG_STATE_HOME/caravan or
                     ~/.local/state/caravan; `caravan fetch` keeps the same things there)
  --quiet            say nothing but errors
  --help, --version

What it does to DIR
  A new directory is built as DIR.caravan-incomplete, on the same disk, and gets its name when the last byte is on the
  disk. Over an older copy the files that make the databases openable (CURRENT, metadata) are replaced first, so that
  no node starts on a mixture; files of a database that the snapshot does not have are moved to
  DIR.caravan-replaced-<time>, never deleted; then what differs is fetched; those files come last. Whatever else lies
  in DIR, such as keys, stays as it is. Links in DIR are never followed. Stopped at any moment, also by a power cut,
  the same command goes on.

Exit status
  0 done   1 failed   2 wrong usage, or a tool is missing   3 data damaged, or a signature is wrong
  4 refused for safety   75 failed, but trying again may help

Examples
  sync.sh https://snapshots.example.org/polkadot /var/lib/polkadot/chains/polkadot --key publisher.pub
  sync.sh https://snapshots.example.org/polkadot ./copy --key SHA256:2cJ0UuBYy1XgZZrRyZ8mSRDDuG5yIhTFrLkbsLO1Wt4 \
      --expect chain=polkadot,pruning=256 --limit-rate 50M

How to check this script itself, with the publisher's .pub file:
  echo "publisher $(cat publisher.pub)" > signers
  ssh-keygen -Y verify -f signers -I publisher -n caravan-sync -s sync.sh.sig < sync.sh

More than 1,000,000 files are a case for `caravan fetch`, which needs Java; so are paths beyond ASCII, Latin letters,
CJK and emoji, for which this script cannot tell whether a file system takes two of them for one.
END
}

# ---------------------------------------------------------------------------------------------------------------------
# Failures: one line that says what was tried, on what, what came back; then a hint.

main_pid=$$
work=          # our lists, in the state directory
failure=       # the file in which the first of several workers says why it failed

# die STATUS MESSAGE HINT: ends the program, from a worker too.
die() {
    local text
    text=$(printf '%s\nHINT: %s\n' "$(printable "$2")" "$(printable "$3")")
    if [ "$BASHPID" = "$main_pid" ] || [ -z "$failure" ]; then
        printf '%s\n' "$text" >&2
    elif (set -C && printf '%s\n%s\n' "$1" "$text" >"$failure") 2>/dev/null; then
        stop_workers # the first failure ends the others; the main program waits for them
    fi
    exit "$1"
}

# Without what could play tricks on a terminal, and not endless.
printable() {
    local text=${1:0:1500}
    printf '%s' "${text//[^[:print:]]/?}"
}

say() {
    ((quiet)) || printf '%s\n' "$1"
}

# shown BYTES: for example 1.2 GiB.
shown() {
    awk -v bytes="$1" 'BEGIN {
        split("bytes KiB MiB GiB TiB PiB", unit, " ")
        for (i = 1; bytes >= 1024 && i < 6; i++) bytes /= 1024
        printf((i == 1) ? "%.0f %s" : "%.1f %s", bytes, unit[i])
    }'
}

# A local file operation failed: STEP is what was tried, TEXT what the tool said.
die_local() {
    local step=$1 text=${2##*: }
    case $text in
        *[Nn]'o space left'* | *[Qq]'uota exceeded'*)
            die $EXIT_FAILED "$step: no space left" \
                "what is there stays; free some space and run the same command again, it goes on from here" ;;
        *[Rr]'ead-only'*) die $EXIT_FAILED "$step: the file system is read-only" "see dmesg and mount" ;;
        *[Pp]'ermission denied'* | *'not permitted'*)
            die $EXIT_FAILED "$step: permission denied" "run as the user who may write there" ;;
        *) die $EXIT_FAILED "$step: ${text:-it did not work}" "look at the disk and the system log" ;;
    esac
}

# local_step STEP COMMAND...: runs a command on local files, and ends the program in the usual words if it fails.
local_step() {
    local step=$1 text
    shift
    text=$("$@" 2>&1 >/dev/null) || die_local "$step" "$text"
}

# ---------------------------------------------------------------------------------------------------------------------
# Command line

url='' directory='' expectations='' ca_file='' limit_rate='' state=''
mode=restore parallel=8 use_aria2c=0 stall=30 first_pause=1 quiet=0
keys=()

parse_arguments() {
    local positional=() only_positional=0
    while (($#)); do
        if ((only_positional)); then
            positional+=("$1")
            shift
            continue
        fi
        case $1 in
            --key | --expect | --parallel | --limit-rate | --ca | --stall | --pause | --state)
                (($# >= 2)) || usage "$1 needs a value"
                take_option "$1" "$2"
                shift ;;
            --key=* | --expect=* | --parallel=* | --limit-rate=* | --ca=* | --stall=* | --pause=* | --state=*)
                take_option "${1%%=*}" "${1#*=}" ;;
            --verify) mode=verify ;;
            --dry-run) mode=plan ;;
            --aria2c) use_aria2c=1 ;;
            --quiet | -q) quiet=1 ;;
            --help | -h) help && exit 0 ;;
            --version) echo "sync.sh $VERSION (format v1)" && exit 0 ;;
            --) only_positional=1 ;;
            -*) usage "$1 is no option" ;;
            *) positional+=("$1") ;;
        esac
        shift
    done
    ((${#positional[@]} == 2)) || usage "a URL and a directory are needed, ${#positional[@]} given"
    url=${positional[0]} directory=${positional[1]}
    check_arguments
}

usage() {
    die $EXIT_USAGE "wrong usage: $1" "sync.sh URL DIR --key FILE|SHA256:fingerprint; see sync.sh --help"
}

take_option() {
    case $1 in
        --key) keys+=("$2") ;;
        --expect) expectations=$2 ;;
        --parallel) parallel=$2 ;;
        --limit-rate) limit_rate=$2 ;;
        --ca) ca_file=$2 ;;
        --stall) stall=$2 ;;
        --pause) first_pause=$2 ;;
        --state) state=$2 ;;
    esac
}

check_arguments() {
    [[ $parallel =~ ^[1-9][0-9]?$ ]] && ((parallel <= 64)) \
        || die $EXIT_USAGE "--parallel $parallel is of no use" "give a number from 1 to 64"
    [[ $stall =~ ^[1-9][0-9]{0,3}$ ]] || die $EXIT_USAGE "--stall $stall is no time" "give seconds"
    [[ $first_pause =~ ^[0-9]{1,2}$ ]] || die $EXIT_USAGE "--pause $first_pause is no time" "give seconds, 0 to 99"
    ((${#keys[@]})) || die $EXIT_USAGE "no key is trusted, so nothing that is published can be believed" \
        "give --key FILE or --key SHA256:... as the publisher states it"
    [ -n "$directory" ] || usage "the directory has no name"
    if [ -n "$limit_rate" ]; then
        [[ $limit_rate =~ ^0*([1-9][0-9]{0,8})([KMGkmg]?)$ ]] \
            || die $EXIT_USAGE "--limit-rate $limit_rate is no rate" "write for example 500K, 20M or 1G"
        case ${BASH_REMATCH[2]} in
            [Kk]) limit_rate=$((BASH_REMATCH[1] << 10)) ;;
            [Mm]) limit_rate=$((BASH_REMATCH[1] << 20)) ;;
            [Gg]) limit_rate=$((BASH_REMATCH[1] << 30)) ;;
            *) limit_rate=${BASH_REMATCH[1]} ;;
        esac
    fi
    [ -z "$ca_file" ] || [ -r "$ca_file" ] || die $EXIT_USAGE "cannot read $ca_file" "give a PEM file with --ca"
    parse_expectations
    parse_url
}

declare -A expected=()

parse_expectations() {
    [ -n "$expectations" ] || return 0
    local part parts name value
    IFS=, read -r -a parts <<<"$expectations"
    [ "${expectations: -1}" != , ] || parts+=('')
    for part in "${parts[@]}"; do
        name=${part%%=*} value=${part#*=}
        case $name in
            chain | pruning | genesis | role) ;;
            *) name= ;;
        esac
        if [ -z "$name" ] || [ "$name" = "$part" ] || [ -z "$value" ] || [ -n "${expected[$name]:-}" ]; then
            die $EXIT_USAGE "--expect $expectations: \"$part\" is no expectation" \
                "write for example --expect chain=polkadot,pruning=archive; names: chain, pruning, genesis, role"
        fi
        expected[$name]=$value
    done
}

base='' database='' snapshot=''

parse_url() {
    local text=$url name
    while [ "${text: -1}" = / ]; do text=${text%/}; done
    [[ $text =~ ^[Hh][Tt][Tt][Pp][Ss]?://[][A-Za-z0-9._~:/%!\&*+,\;=()-]+$ ]] \
        || wrong_url "it is not http:// or https:// and a host, or has a user name, a query or other characters"
    name=${text##*/}
    if is_snapshot "$name"; then
        snapshot=$name
        text=${text%/*}
    fi
    database=${text##*/} base=${text%/*}
    [[ $base == *://?* ]] || wrong_url "nothing stands before the database's name"
    is_database "$database" || wrong_url "\"$database\" is no name of a database"
}

wrong_url() {
    die $EXIT_USAGE "the URL ${url//\/\/*@//...@} is of no use: $1" \
        "write <base>/<database> or <base>/<database>/<snapshot>, as https://snapshots.example.org/polkadot"
}

is_database() {
    [[ $1 =~ ^[a-z0-9][a-z0-9-]{0,62}$ && $1 != chunks && $1 != files ]]
}

is_snapshot() {
    [[ $1 =~ ^([0-9]{4})([0-9]{2})([0-9]{2})T([0-9]{2})([0-9]{2})([0-9]{2})Z-(0|[1-9][0-9]{0,17})$ ]] || return 1
    is_time "${BASH_REMATCH[1]}-${BASH_REMATCH[2]}-${BASH_REMATCH[3]}T${BASH_REMATCH[4]}:${BASH_REMATCH[5]}:${BASH_REMATCH[6]}Z"
}

# A time that there is, as 2026-11-22T08:33:00Z.
is_time() {
    local year month day days=(31 28 31 30 31 30 31 31 30 31 30 31)
    [[ $1 =~ ^([0-9]{4})-([0-9]{2})-([0-9]{2})T([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]Z$ ]] || return 1
    year=10#${BASH_REMATCH[1]} month=10#${BASH_REMATCH[2]} day=10#${BASH_REMATCH[3]}
    ((month >= 1 && month <= 12 && day >= 1)) || return 1
    ((year % 4 == 0 && (year % 100 != 0 || year % 400 == 0))) && days[1]=29
    ((day <= days[month - 1]))
}

# seconds_of TIME: since 1970, of a time in that form.
seconds_of() {
    local year=$((10#${1:0:4})) month=$((10#${1:5:2})) days
    ((month > 2)) || year=$((year - 1)) month=$((month + 12)) # a year begins in March here
    days=$((year * 365 + year / 4 - year / 100 + year / 400))
    printf '%d' $((((days + (153 * (month - 3) + 2) / 5 + 10#${1:8:2} - 1 - 719468) * 24 + 10#${1:11:2}) * 3600 + 10#${1:14:2} * 60 + 10#${1:17:2}))
}

# ---------------------------------------------------------------------------------------------------------------------
# Tools

hash_tool=
stat_format=()
syncs_systems=0 syncs_files=0 # what sync(1) can here: one file system, single files

check_tools() {
    local tool missing=()
    for tool in curl ssh-keygen awk base64 cat chmod cmp cp cut date dd df find fold grep head ls mkdir mktemp mv od rm rmdir \
        sed sh sleep sort stat sync tail touch tr uniq wc xargs; do
        command -v "$tool" >/dev/null 2>&1 || missing+=("$tool")
    done
    ((${#missing[@]} == 0)) || die $EXIT_USAGE "these tools are missing: ${missing[*]}" \
        "install them (Debian, Ubuntu: apt install curl openssh-client coreutils findutils; Alpine: apk add bash curl openssh-keygen)"
    choose_hash_tool
    # Type and mode, number of names, size, path: GNU and busybox have it in this form, the BSDs in that.
    if stat -c %s / >/dev/null 2>&1; then stat_format=(-c '%A %h %s %n'); else stat_format=(-f '%Sp %l %z %N'); fi
    # Asked of what is no disk: that a disk fails must not look as if the tool could not.
    ! sync -f -- /dev >/dev/null 2>&1 || syncs_systems=1
    ! sync -- /dev >/dev/null 2>&1 || syncs_files=1
    if ((use_aria2c)); then
        command -v aria2c >/dev/null 2>&1 || die $EXIT_USAGE "aria2c is missing, and --aria2c asks for it" \
            "install aria2, or leave --aria2c away"
    fi
}

# The fastest one that works: openssl uses the processor's own instructions where some sha256sum does not.
choose_hash_tool() {
    local nothing=e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855 found
    for hash_tool in openssl sha256sum shasum; do
        command -v "$hash_tool" >/dev/null 2>&1 || continue
        found=$(hash_of </dev/null 2>/dev/null) || continue
        [ "$found" = $nothing ] && return
    done
    die $EXIT_USAGE "openssl, sha256sum and shasum are all missing, so no byte can be checked" "install openssl"
}

# SHA-256 of standard input.
hash_of() {
    case $hash_tool in
        openssl) openssl dgst -sha256 -r ;;
        sha256sum) sha256sum ;;
        shasum) shasum -a 256 ;;
    esac | cut -c 1-64
}

# Reads paths, one a line, relative to the current directory; writes `<64 hex>  ./<path>` for those that can be read.
hash_files() {
    local command=("$hash_tool")
    case $hash_tool in
        openssl) command+=(dgst -sha256 -r) ;;
        shasum) command+=(-a 256) ;;
    esac
    sed 's|^|./|' | tr '\n' '\000' | { xargs -0 -n 256 "${command[@]}" 2>/dev/null || true; }
}

# As hash_files; writes type and mode, number of names, size, ./path.
look_at_files() {
    sed 's|^|./|' | tr '\n' '\000' | { xargs -0 -n 256 stat "${stat_format[@]}" 2>/dev/null || true; }
}

# ---------------------------------------------------------------------------------------------------------------------
# State: what this client remembers, in the same form as `caravan fetch`

open_state() {
    if [ -z "$state" ]; then
        state=${CARAVAN_STATE_DIRECTORY:-}
        [ -n "$state" ] || state=${XDG_STATE_HOME:+$XDG_STATE_HOME/caravan}
        [ -n "$state${HOME:-}" ] || die $EXIT_USAGE "HOME is not set, so there is no place to remember anything" "give --state DIR"
        [ -n "$state" ] || state=${HOME:-}/.local/state/caravan
    fi
    [[ $state == /* ]] || state=$PWD/$state
    [[ $state != *[[:cntrl:]\\]* ]] || die $EXIT_USAGE "the state directory has a name that awk cannot take" "give --state DIR"
    local_step "making the state directory $state" private_directory "$state/sync"
    forget_dead_runs
    work=$(mktemp -d "$state/sync/$main_pid.XXXXXX") || die_local "making a directory in $state/sync" ""
    failure=$work/failure
}

private_directory() {
    (umask 077 && mkdir -p -- "$1")
}

# A run that was killed cannot remove its lists.
forget_dead_runs() {
    local run pid
    for run in "$state"/sync/*.??????; do
        pid=${run##*/} pid=${pid%%.*}
        [[ -d $run && $pid =~ ^[0-9]+$ ]] || continue
        # What it left running may still write there, for a second; then the next run removes it.
        kill -0 "$pid" 2>/dev/null || rm -rf -- "$run" 2>/dev/null || true
    done
}

# replace FILE TEXT: whole, at once, private.
replace() {
    (umask 077 && printf '%s\n' "$2" >"$1.new" && flush "$1.new" && mv -f -- "$1.new" "$1")
}

# accept_sequence SEQUENCE WHAT: refuses a pointer that is older than one that was accepted of one of its signers.
accept_sequence() {
    local sequence=$1 what=$2 file seen text name lock memories=() higher=()
    for name in "${signers[@]}"; do
        name=${name//:/-}
        name=${name//\//_}
        name=${name//+/-}
        memories+=("$state/sequences/$name/$database")
    done
    for file in "${memories[@]}"; do
        local_step "making the state directory $state" private_directory "${file%/*}"
    done
    exec {lock}>>"$state/sync/lock"
    lock_or_wait "$lock"
    for file in "${memories[@]}"; do
        seen=0
        if [ -e "$file" ]; then
            text=$(cat -- "$file")
            [[ $text =~ ^caravan-seen-1\ ([0-9]{1,16})$ ]] || die $EXIT_REFUSED \
                "what was remembered in $file cannot be read" "remove it if you know why it is damaged"
            seen=$((10#${BASH_REMATCH[1]}))
        fi
        ((sequence >= seen)) || die $EXIT_REFUSED "$what has sequence $sequence, but $seen was already accepted" \
            "somebody serves an old pointer again; try another network, and tell the publisher. If the publisher began anew with this key, remove $file"
        ((seen == 0 || sequence - seen <= LONGEST_JUMP)) || die $EXIT_REFUSED \
            "$what has sequence $sequence, more than $LONGEST_JUMP above the $seen that was accepted last" \
            "the publisher's key may have been stolen; ask the publisher, and if it is right remove $file"
        ((sequence == seen)) || higher+=("$file")
    done
    for file in "${higher[@]}"; do
        local_step "writing to the state directory $state" replace "$file" "caravan-seen-1 $sequence"
    done
    exec {lock}>&-
}

# Only flock(1) can wait; where it is missing two runs at the same moment may both remember, which does no harm.
lock_or_wait() {
    command -v flock >/dev/null 2>&1 || return 0
    flock "$1"
}

# note KIND: remembers (begun, restored) which manifest the target is made from, so that `caravan verify DIR` works.
note() {
    local name
    name=$(printf '%s' "$target" | hash_of)
    local_step "making the state directory $state" private_directory "$state/$1"
    local_step "writing to the state directory $state" replace "$state/$1/$name" \
        "$manifest_sha256"$'\n'"$base/$database/$snapshot/manifest.jsonl"$'\n'"$target"
    if [ "$1" = restored ]; then
        rm -f -- "$state/begun/$name"
        forget_manifests
    fi
}

was_restored_before() {
    local name
    name=$(printf '%s' "$target" | hash_of)
    [ -e "$state/restored/$name" ]
}

# Manifests that no directory was made from.
forget_manifests() {
    local kept file name
    kept=$(cat -- "$state"/begun/* "$state"/restored/* 2>/dev/null | awk 'length($0) == 64') || true
    for file in "$state"/manifests/*.jsonl; do
        name=${file##*/} name=${name%.jsonl}
        [[ -e $file && $kept != *$name* ]] && rm -f -- "$file"
    done
    return 0
}

# ---------------------------------------------------------------------------------------------------------------------
# Text in awk. Bytes, not characters: LC_ALL is C, and awks differ in everything else.

readonly AWK_TEXT='
# Code points of text, into cp[1..n]; n, or -1 if it is not well-formed UTF-8, or -2 if this awk cannot tell bytes.
function code_points(text, cp,    i, n, at, b, more, value, least) {
    if (!("x" in ord)) {
        for (i = 1; i < 256; i++) ord[sprintf("%c", i)] = i
    }
    if (length("\303\251") != 2 || ord["\303"] != 195) return -2
    n = 0
    for (at = 1; at <= length(text); at++) {
        b = ord[substr(text, at, 1)]
        if (b < 128) { cp[++n] = b; continue }
        if (b >= 194 && b < 224) { more = 1; value = b - 192; least = 128 }
        else if (b >= 224 && b < 240) { more = 2; value = b - 224; least = 2048 }
        else if (b >= 240 && b < 245) { more = 3; value = b - 240; least = 65536 }
        else return -1
        while (more-- > 0) {
            b = ord[substr(text, ++at, 1)]
            if (b < 128 || b > 191) return -1
            value = value * 64 + b - 128
        }
        if (value < least || value > 1114111 || (value >= 55296 && value <= 57343)) return -1
        cp[++n] = value
    }
    return n
}
# How many characters text has as docs/format.md counts them, in units of UTF-16: two beyond U+FFFF. One that is no UTF-8
# is refused as such; an awk that cannot tell bytes counts what it can.
function characters(text,    cp, n, i, count) {
    n = is_simple(text) ? -1 : code_points(text, cp)
    if (n < 0) return length(text)
    count = n
    for (i = 1; i <= n; i++) if (cp[i] > 65535) count++
    return count
}
# Whether text is made of printable ASCII alone, a backslash not counted.
function is_simple(text) {
    gsub(/[] -[^-~]/, "", text)
    return text == ""
}
# What is wrong with a text for people; "" if nothing.
function text_fault(text,    cp, n, i, c) {
    if (length(text) > 1000 && characters(text) > 1000) return "is longer than 1000 characters"
    if (is_simple(text)) return ""
    n = code_points(text, cp)
    if (n == -2) return ""
    if (n < 0) return "is not UTF-8"
    for (i = 1; i <= n; i++) {
        c = cp[i]
        if (c < 32 || (c >= 127 && c <= 159) || c == 8206 || c == 8207 || (c >= 8232 && c <= 8238) \
            || (c >= 8294 && c <= 8297) || c == 65279) return "has a forbidden character"
    }
    return ""
}
function is_number(text) {
    return text ~ /^(0|[1-9][0-9]*)$/ && length(text) <= 16 && text + 0 <= 9007199254740991
}
function whole(number) { return sprintf("%.0f", number) }
'

# Reads one JSON object in one line, strictly; writes rows `path <TAB> kind <TAB> value`, kind being object, array, text,
# long (a text of more than 1000 characters), huge (one of more than 4096, without its value), bad (one that cannot be
# shown), number or other. Names that are not simple
# words are written as ?, which nobody asks for.
readonly AWK_JSON='
function fail(reason) { if (!failed) { failed = 1; print "!" reason } }
function blank() { while (p <= n && index(" \t\r", substr(s, p, 1))) p++ }
function name_of(text) { return text ~ /^[A-Za-z][A-Za-z0-9]*$/ ? text : "?" }
function hex4(   h, v, i, d) {
    h = tolower(substr(s, p, 4)); v = 0
    for (i = 1; i <= 4; i++) {
        d = length(h) >= i ? index("0123456789abcdef", substr(h, i, 1)) : 0
        if (!d) { fail("an escape in a text is cut"); return 0 }
        v = v * 16 + d - 1
    }
    p += 4
    return v
}
function utf8(c) {
    if (c < 128) return sprintf("%c", c)
    if (c < 2048) return sprintf("%c%c", 192 + int(c / 64), 128 + c % 64)
    if (c < 65536) return sprintf("%c%c%c", 224 + int(c / 4096), 128 + int(c / 64) % 64, 128 + c % 64)
    return sprintf("%c%c%c%c", 240 + int(c / 262144), 128 + int(c / 4096) % 64, 128 + int(c / 64) % 64, 128 + c % 64)
}
function string(   out, c, e, low) {
    out = ""; bad = 0; p++
    while (!failed) {
        if (p > n) { fail("a text has no end"); break }
        c = substr(s, p, 1)
        if (c == "\"") { p++; break }
        if (c < " ") { fail("a text has a control character"); break }
        if (c != "\\") { out = out c; p++; continue }
        e = substr(s, p + 1, 1); p += 2
        if (e == "\"" || e == "\\" || e == "/") out = out e
        else if (e != "" && index("bfnrt", e)) { bad = 1; out = out "?" }
        else if (e == "u") {
            c = hex4()
            if (c >= 55296 && c <= 56319 && substr(s, p, 2) == "\\u") {
                p += 2; low = hex4()
                if (low >= 56320 && low <= 57343) c = 65536 + (c - 55296) * 1024 + low - 56320
                else bad = 1
            } else if (c >= 55296 && c <= 57343) bad = 1
            if (c < 32) bad = 1
            out = out (!bad ? utf8(c) : c > 65535 ? "??" : "?")
        } else fail("a text has an escape that is not known")
    }
    return out
}
function kind_of(text,    fault) {
    fault = text_fault(text)
    return fault == "" ? "text" : fault ~ /longer/ ? "long" : "bad"
}
function value(path, depth,   c, rest, k, count, seen) {
    blank()
    c = p > n ? "" : substr(s, p, 1)
    if (c == "{" || c == "[") { if (depth >= 8) { fail("it is nested deeper than 8"); return } }
    if (c == "{") {
        print path "\tobject\t"
        p++; blank()
        if (substr(s, p, 1) == "}") { p++; return }
        while (!failed) {
            blank()
            if (substr(s, p, 1) != "\"") { fail("a name is missing"); return }
            k = string()
            if (length(k) > 256 && characters(k) > 256) fail("a name is longer than 256 characters")
            if (k in seen) fail("the field \"" k "\" occurs twice")
            seen[k] = 1
            blank()
            if (substr(s, p, 1) != ":") { fail("a colon is missing"); return }
            p++
            value(path == "" ? name_of(k) : path "." name_of(k), depth + 1)
            blank(); c = substr(s, p, 1); p++
            if (c == "}") return
            if (c != ",") fail("a comma is missing")
        }
    } else if (c == "[") {
        count = 0
        p++; blank()
        if (substr(s, p, 1) == "]") p++
        else while (!failed) {
            value(path "[" count "]", depth + 1); count++
            blank(); c = substr(s, p, 1); p++
            if (c == "]") break
            if (c != ",") fail("a comma is missing")
        }
        print path "\tarray\t" count
    } else if (c == "\"") {
        rest = string()
        if (length(rest) > 4096 && characters(rest) > 4096) print path "\thuge\t"
        else print path "\t" (bad ? "bad" : kind_of(rest)) "\t" rest
    } else {
        rest = substr(s, p)
        if (match(rest, /^-?(0|[1-9][0-9]*)([.][0-9]+)?([eE][-+]?[0-9]+)?/)) {
            k = substr(rest, 1, RLENGTH)
            if (length(k) > 32) fail("a number is too long")
            print path "\t" (is_number(k) ? "number" : "other") "\t" k
        } else if (match(rest, /^(true|false|null)/)) print path "\tother\t" substr(rest, 1, RLENGTH)
        else { fail("it is not JSON"); return }
        p += RLENGTH
        if (p <= n && !index(" \t\r,]}", substr(s, p, 1))) fail("it is not JSON")
    }
}
NR == 1 { s = $0; n = length(s); p = 1 }
NR == 2 { fail("something follows the line") }
END {
    if (NR == 0) fail("it is empty")
    if (!is_simple(s) && code_points(s, unused) == -1) fail("it is not UTF-8")
    if (!failed) { blank(); if (substr(s, p, 1) != "{") fail("it is not an object") }
    if (!failed) value("", 0)
    if (!failed) { blank(); if (p <= n) fail("something follows the end of the object") }
}'

declare -A json=() json_kind=()

# read_json FILE WHAT FORMAT: the line's values, into json and json_kind. What is of another format may have another form, so
# that is looked at first.
read_json() {
    local path kind value
    json=() json_kind=()
    awk "$AWK_TEXT$AWK_JSON" "$1" >"$work/json"
    while IFS=$'\t' read -r path kind value; do
        if [[ $path == '!'* ]]; then
            [ -z "${json_kind[.format]:-}" ] || json_format "$2" "$3"
            not_usable "$2" "${path#!}"
        fi
        json[".$path"]=$value json_kind[".$path"]=$kind
    done <"$work/json"
    json_format "$2" "$3"
}

not_usable() {
    die $EXIT_DAMAGED "cannot use the $1: $2" \
        "it is signed like this, so tell the publisher; a newer version of this program may read it"
}

# json_value WHAT PATH KIND: the value, into found; ends the program if it is missing or of another kind.
found=
json_value() {
    local kind=${json_kind[".$2"]:-missing}
    [ "$kind" != missing ] || not_usable "$1" "\"$2\" is missing"
    [ "$kind" != huge ] || not_usable "$1" "\"$2\" is longer than 4096 characters"
    [ "${kind/long/text}" = "$3" ] || not_usable "$1" "\"$2\" is not a $3, or has what no $3 may have"
    found=${json[".$2"]}
}

json_people() { # a text for people
    json_value "$1" "$2" text
    [ "${json_kind[".$2"]}" = text ] || not_usable "$1" "\"$2\" is longer than 1000 characters"
}

json_sha256() {
    json_value "$1" "$2" text
    [[ $found =~ ^[0-9a-f]{64}$ ]] || not_usable "$1" "\"$2\" is not 64 lower-case hexadecimal digits"
}

json_time() {
    json_value "$1" "$2" text
    is_time "$found" || not_usable "$1" "\"$2\" is not a time as 2026-11-22T08:33:00Z"
}

json_format() {
    json_value "$1" format text
    [ "$found" = "$2" ] && return
    [[ $found =~ ^${2%-*}-[0-9]+$ ]] && not_usable "$1" "it is in format $found; this program knows $2, a newer one is needed"
    not_usable "$1" "its format is \"$found\", not $2"
}

# ---------------------------------------------------------------------------------------------------------------------
# Trusted keys and signatures

# `ssh-ed25519` and 32 bytes, as SSH strings
readonly HEX_ED25519_KEY='0000000b7373682d6564323535313900000020[0-9a-f]{64}'

trusted_fingerprint=() trusted_namespaces=() trusted_after=() trusted_before=()

load_keys() {
    local key
    for key in "${keys[@]}"; do
        if [[ $key =~ ^SHA256:[A-Za-z0-9+/]{43}$ ]]; then
            trust "$key" '*' '' ''
        elif [[ $key == SHA256:* ]]; then
            die $EXIT_USAGE "cannot use the key $key: a fingerprint has 43 characters after SHA256:" \
                "ssh-keygen -l -f FILE.pub shows the fingerprint of a key"
        else
            load_key_file "$key"
        fi
    done
}

trust() {
    trusted_fingerprint+=("$1") trusted_namespaces+=("$2") trusted_after+=("$3") trusted_before+=("$4")
}

load_key_file() {
    local file=$1 line number=0 count=${#trusted_namespaces[@]}
    [ -f "$file" ] && [ -r "$file" ] || die $EXIT_USAGE "cannot read the trusted keys in $file" \
        "give the publisher's .pub file, an allowed-signers file, or SHA256:<fingerprint>"
    head -c 1048577 -- "$file" >"$work/keys"
    (($(wc -c <"$work/keys") <= 1048576)) || bad_key_file "$file" "it is larger than 1048576 bytes"
    while IFS= read -r line || [ -n "$line" ]; do
        number=$((number + 1))
        line=${line%$'\r'}
        line=${line#"${line%%[![:space:]]*}"}
        line=${line%"${line##*[![:space:]]}"}
        [[ -z $line || $line == '#'* ]] && continue
        load_key_line "$line" "$file" "$number"
    done <"$work/keys"
    ((${#trusted_namespaces[@]} > count)) || bad_key_file "$file" "it has no key"
}

bad_key_file() {
    die $EXIT_USAGE "cannot use the trusted keys in $1: $2" \
        "each line is a public key as in a .pub file, or: name [options] ssh-ed25519 <base64>"
}

# A key as in a .pub file, or principals, perhaps options, and a key. Nothing is skipped in silence.
load_key_line() {
    local line=$1 file=$2 number=$3 namespaces='*' after='' before='' name quoted
    local key='^(ssh|ecdsa|sk)-[^[:space:]"=,]+([[:space:]]|$)'
    local principals='^("[^"]*"|[^[:space:]"]+)[[:space:]]+(.*)$'
    local option='^([A-Za-z-]+)(="(([^"\\]|\\.)*)")?(,?)(.*)$'
    if ! [[ $line =~ $key ]]; then
        [[ $line =~ $principals ]] || bad_key_file "$file" "line $number: it has no key"
        line=${BASH_REMATCH[2]}
        while ! [[ $line =~ $key ]]; do
            [[ $line =~ $option ]] || bad_key_file "$file" "line $number: its options cannot be read"
            name=${BASH_REMATCH[1],,} quoted=${BASH_REMATCH[3]}
            [ -n "${BASH_REMATCH[2]}" ] || [ "$name" = cert-authority ] \
                || bad_key_file "$file" "line $number: the option $name has no value in double quotes, or is not known"
            case $name in
                namespaces) namespaces=${quoted//\\/} ;;
                valid-after) after=$quoted ;;
                valid-before) before=$quoted ;;
                *) bad_key_file "$file" "line $number: the option $name is not supported" ;;
            esac
            line=${BASH_REMATCH[6]}
            if [ -z "${BASH_REMATCH[5]}" ]; then
                line=${line#"${line%%[![:space:]]*}"}
                [[ $line =~ $key ]] || bad_key_file "$file" "line $number: its options cannot be read"
            fi
        done
    fi
    check_key_time "$after" "$file" "$number"
    check_key_time "$before" "$file" "$number"
    [[ $line =~ ^ssh-ed25519[[:space:]]+([A-Za-z0-9+/]{68})([[:space:]]|$) ]] \
        || bad_key_file "$file" "line $number: only keys of type ssh-ed25519 are supported"
    name=$(printf '%s' "${BASH_REMATCH[1]}" | base64_decode | od -An -v -tx1 | tr -d ' \n\t')
    [[ $name =~ ^$HEX_ED25519_KEY$ ]] || bad_key_file "$file" "line $number: its key cannot be read"
    trust "$(fingerprint_of_hex "$name")" "$namespaces" "$after" "$before"
}

check_key_time() {
    [[ $1 =~ ^([0-9]{8}([0-9]{4}([0-9]{2})?)?Z?)?$ ]] || bad_key_file "$2" "line $3: \"$1\" is not YYYYMMDD[HHMM[SS]][Z]"
}

# is_before TIME: whether now is before YYYYMMDD[HHMM[SS]], in this system's time zone or, with a Z, in UTC.
is_before() {
    local digits=${1%Z} now_digits
    digits=${digits}000000
    digits=${digits:0:14}
    if [[ $1 == *Z ]]; then now_digits=$(date -u +%Y%m%d%H%M%S); else now_digits=$(date +%Y%m%d%H%M%S); fi
    [[ $now_digits < $digits ]]
}

# matches_patterns LIST TEXT: as in an allowed-signers file, with *, ? and a leading ! that excludes.
matches_patterns() {
    local pattern patterns matched=1 excludes
    IFS=, read -r -a patterns <<<"$1"
    for pattern in "${patterns[@]}"; do
        excludes=0
        [[ $pattern == '!'* ]] && excludes=1 pattern=${pattern#!}
        pattern=${pattern//[/\\[}
        # shellcheck disable=SC2053 # a pattern is wanted
        if [[ $2 == $pattern ]]; then
            ((excludes)) && return 1
            matched=0
        fi
    done
    return $matched
}

# Why the key of a fingerprint is not believed for a namespace now, into fault; empty if it is.
fault=
find_trust() {
    local at
    fault='the key is not trusted'
    for ((at = 0; at < ${#trusted_fingerprint[@]}; at++)); do
        [ "${trusted_fingerprint[at]}" = "$1" ] || continue
        if ! matches_patterns "${trusted_namespaces[at]}" "$2"; then
            fault="the key is not trusted for $2"
        elif [ -n "${trusted_after[at]}" ] && is_before "${trusted_after[at]}"; then
            fault="the key is trusted only from ${trusted_after[at]} on"
        elif [ -n "${trusted_before[at]}" ] && ! is_before "${trusted_before[at]}"; then
            fault="the key was trusted only until ${trusted_before[at]}"
        else
            fault=
            return
        fi
    done
}

cannot_believe() {
    die $EXIT_DAMAGED "cannot believe $1: $2" \
        "if the publisher has a new key, get its fingerprint from the publisher and give it as a trusted key; else this was damaged or forged on its way"
}

signer='' signers=()

# verify_note FILE NAMESPACE WHAT: the signed line, into FILE.line; the fingerprints of the trusted keys that
# signed it, into signers, and the first of them into signer.
# The line is not looked into.
verify_note() {
    local file=$1 namespace=$2 what=$3 line block=() blocks=0 others='' inside=0
    signer='' signers=()
    case $(head -c 15 -- "$file" | tr -d '\000' | tr '[:upper:]' '[:lower:]') in
        '<!doctype html'* | '<html'*) cannot_believe "$what" "a web page came back" ;;
    esac
    tr -d '\000' <"$file" | cmp -s - "$file" || cannot_believe "$what" "it has bytes that no text has"
    head -n 1 -- "$file" >"$file.line"
    (($(wc -c <"$file.line") > 1)) && [ -z "$(tail -c 1 -- "$file.line")" ] \
        || cannot_believe "$what" "it has no line that could be signed"
    [ -z "$(tail -c 1 -- "$file")" ] || cannot_believe "$what" "its last line has no end"
    tail -n +2 -- "$file" >"$file.blocks"
    while IFS= read -r line; do
        if ((!inside)); then
            [ "$line" = '-----BEGIN SSH SIGNATURE-----' ] || cannot_believe "$what" "something is where a signature should begin"
            ((++blocks <= 8)) || cannot_believe "$what" "it has more than 8 signatures"
            inside=1 block=()
        elif [ "$line" = '-----END SSH SIGNATURE-----' ]; then
            inside=0
            verify_block "$file" "$namespace" "$what" "${block[@]}"
        else
            block+=("$line")
        fi
    done <"$file.blocks"
    ((!inside)) || cannot_believe "$what" "a signature has no end"
    ((blocks)) || cannot_believe "$what" "it has no signature"
    [ -n "$signer" ] || cannot_believe "$what" "no trusted key has signed it, only ${others#, }"
}

# verify_block FILE NAMESPACE WHAT LINE...: sets signer if a trusted key signed; adds to others if one that is not trusted.
verify_block() {
    local file=$1 namespace=$2 what=$3 key
    shift 3
    { (($#)) && printf '%s\n' "$@" | base64_decode >"$file.bin" 2>/dev/null; } \
        && [ "$(base64 <"$file.bin" | tr -d '\n' | fold -w 70)" = "$(printf '%s\n' "$@")" ] \
        && read_signature "$(od -An -v -tx1 <"$file.bin" | tr -d ' \n\t')" \
        || cannot_believe "$what" "its signature cannot be read: it is not in the form that OpenSSH writes"
    key=$(fingerprint_of_hex "$sig_key")
    find_trust "$key" "$namespace"
    if [ -n "$fault" ]; then
        others="$others, $key ($fault)"
        return
    fi
    [ "$sig_namespace" = "$(hex_of "$namespace")" ] || cannot_believe "$what" \
        "its signature by $key is wrong: it is a signature for another purpose than $namespace"
    [ "$sig_hash" = "$(hex_of sha512)" ] && [[ $sig_key =~ ^$HEX_ED25519_KEY$ ]] || cannot_believe "$what" \
        "its signature by $key is wrong: it is not by an Ed25519 key over SHA-512"
    printf 'publisher ssh-ed25519 %s\n' "$(bytes_of "$sig_key" | base64 | tr -d '\n')" >"$file.signers"
    {
        echo '-----BEGIN SSH SIGNATURE-----'
        printf '%s\n' "$@"
        echo '-----END SSH SIGNATURE-----'
    } >"$file.sig"
    ssh-keygen -Y verify -f "$file.signers" -I publisher -n "$namespace" -s "$file.sig" <"$file.line" >/dev/null 2>&1 \
        || cannot_believe "$what" "its signature by $key is wrong: it does not match the signed line"
    signers+=("$key")
    signer=${signers[0]}
}

sig_key='' sig_namespace='' sig_hash=''

# Takes a signature of PROTOCOL.sshsig apart, all in hexadecimal: magic, version 1, key, namespace, nothing, hash, signature.
read_signature() {
    local rest=${1#53534853494700000001}
    [ "$rest" != "$1" ] || return 1
    take_string && sig_key=$taken && take_string && sig_namespace=$taken && take_string && [ -z "$taken" ] \
        && take_string && sig_hash=$taken && take_string && [ -z "$rest" ]
}

# Takes an SSH string (length in 4 bytes, then the bytes) from the front of rest, into taken.
taken=
take_string() {
    local length
    [[ $rest =~ ^[0-9a-f]{8} ]] || return 1
    length=$((2 * 16#${rest:0:8}))
    ((${#rest} - 8 >= length)) || return 1
    taken=${rest:8:length} rest=${rest:8 + length}
}

hex_of() {
    printf '%s' "$1" | od -An -v -tx1 | tr -d ' \n\t'
}

bytes_of() {
    local escaped
    escaped=$(printf '%s' "$1" | sed 's/../\\x&/g')
    # shellcheck disable=SC2059 # the format is made of \x escapes alone
    printf "$escaped"
}

# fingerprint_of_hex KEY: as ssh-keygen -l shows it.
fingerprint_of_hex() {
    local digest
    digest=$(bytes_of "$1" | hash_of)
    printf 'SHA256:%s' "$(bytes_of "$digest" | base64 | tr -d '=\n')"
}

base64_decode() {
    if base64 -d </dev/null >/dev/null 2>&1; then base64 -d; else base64 -D; fi # -D: macOS before 13
}

# ---------------------------------------------------------------------------------------------------------------------
# HTTP with curl. Never a redirect, never another protocol, never a decoded answer, never more bytes than expected.

curl_options=() curl_tells_exit=0

prepare_curl() {
    local version
    version=$(curl --version | awk 'NR == 1 { print $2 }')
    [[ $version =~ ^([0-9]+)\.([0-9]+) ]] || die $EXIT_USAGE "curl says its version is \"$version\"" "install curl 7.63 or newer"
    version=$((BASH_REMATCH[1] * 1000 + BASH_REMATCH[2]))
    ((version >= 7063)) || die $EXIT_USAGE "curl is older than 7.63" "install a newer curl"
    ((version < 7075)) || curl_tells_exit=1
    curl_options=(-q --silent --fail --globoff --proto '=http,https' --max-redirs 0 --connect-timeout 20
        --speed-limit 1 --speed-time "$stall" --user-agent "caravan-sync/$VERSION")
    # One connection for each of our own processes is what HTTP/1.1 is best at.
    [[ $base != [Hh][Tt][Tt][Pp][Ss]:* ]] || curl_options+=(--http1.1)
    [ -z "$ca_file" ] || curl_options+=(--cacert "$ca_file")
    [ -z "$limit_rate" ] || curl_options+=(--limit-rate $((limit_rate / parallel > 0 ? limit_rate / parallel : 1)))
    # One row for each transfer: status, bytes, curl's own verdict, where a redirect leads.
    curl_options+=(--write-out "%{stderr}%{http_code}\t%{size_download}\t$( ((curl_tells_exit)) && echo '%{exitcode}' || echo -)\t%{redirect_url}\n")
}

# transfer CONFIG RESULTS LARGEST [OPTION...]: what the config says, in the current directory. Most answers say how long
# they are, and --max-filesize holds curl to it; the limit on files ends the others.
transfer() {
    local config=$1 results=$2 largest=$3
    shift 3
    (
        trap '' XFSZ
        ulimit -f $((largest / 1024 + 1024)) 2>/dev/null || true
        exec curl "${curl_options[@]}" --max-filesize $((largest + 1)) "$@" --config "$config" >/dev/null 2>"$results"
    ) &
    child=$!
    wait "$child" || true
    child=
}

child=

# What an answer means, in awk: sets kind, reason and hint from status, exit, got, want and redirect.
readonly AWK_ANSWER='
function judge(status, exit_, got, want, redirect) {
    hint = "try again later"
    if (status >= 300 && status < 400) {
        kind = "FINAL"; reason = "answered " status " to " redirect
        hint = "redirects are not followed; give the final URL if you trust it"
    } else if (status == 403 || status == 404 || status == 410) {
        kind = "ABSENT"; reason = "answered " status
        hint = "check the URL; if it is right, the snapshot may have been retired: fetch the latest one"
    } else if (status == 408 || status == 429 || status >= 500) {
        kind = "UNAVAILABLE"; reason = "answered " status
    } else if (status == 206) {
        kind = "DAMAGED"; reason = "answered 206 to a request for the whole"; hint = "a proxy on the way is broken"
    } else if (status != 200 && status != 0) {
        kind = "FINAL"; reason = "answered " status; hint = "check the URL"
    } else if (status == 0 || status == "") {
        kind = "UNAVAILABLE"; reason = "did not answer"; hint = "is the server up, and the URL right?"
        if (exit_ == 6) { reason = "no such host"; hint = "check the URL and DNS" }
        if (exit_ == 7) reason = "connection refused"
        if (exit_ == 28) reason = "no answer in time"
        if (exit_ == 35) reason = "TLS: no agreement with the server"
        if (exit_ == 51 || exit_ == 60 || exit_ == 77) {
            kind = "FINAL"; reason = "the certificate of the server is not trusted"
            hint = "check the host name and the clock; for an authority of your own give --ca FILE"
        }
        if (exit_ == 1 || exit_ == 2 || exit_ == 3) { kind = "FINAL"; reason = "curl cannot ask for it"; hint = "check the URL" }
    } else if (got > want || exit_ == 63) {
        kind = "DAMAGED"; reason = "sent more than the expected " want " bytes"
    } else if (exit_ == 23) {
        kind = "LOCAL"; reason = "could not be written"
    } else if (got < want && exit_ == 0 && exit_ != "-") {
        kind = "DAMAGED"; reason = "ended after " got " bytes, expected " want " bytes"
    } else if (got < want) {
        kind = "UNAVAILABLE"; reason = (exit_ == 28 ? "stood still after " : "was cut after ") got " bytes"
    } else kind = "DAMAGED"
    if (kind == "DAMAGED" && status == 200)
        hint = "something on the way cut or changed the object; look at the headers of the answer and try another network"
}
function attempts(kind) { return kind == "UNAVAILABLE" ? 6 : kind == "FINAL" ? 1 : 3 }
function verdict(kind) { return kind == "UNAVAILABLE" ? 75 : kind == "DAMAGED" ? 3 : 1 }
'

# pause_before ATTEMPT HEADERS: exponential, with jitter, and at least what a server asked for.
pause_before() {
    local longest=$((first_pause << ($1 - 2))) pause asked
    ((longest <= LONGEST_PAUSE)) || longest=$LONGEST_PAUSE
    pause=$((longest == 0 ? 0 : 1 + RANDOM % longest))
    [ -e "$2" ] || : >"$2"
    asked=$(tr -d '\r' <"$2" | awk 'tolower($1) == "retry-after:" && $2 ~ /^[0-9]+$/ && $2 > most { most = $2 } END { print most + 0 }')
    ((asked <= LONGEST_PAUSE)) || asked=$LONGEST_PAUSE
    ((asked <= pause)) || pause=$asked
    ((pause == 0)) || sleep "$pause"
}

# fetch_object PATH SIZE SHA256 FILE: an object of exactly that size and hash; if SHA256 is empty, of at most that size.
fetch_object() {
    local path=$1 size=$2 sha256=$3 file=$4 what=$base/$1 query='' attempt status got curl_exit redirect
    local damaged=0 absent=0 answer kind hint reason
    for ((attempt = 1; ; attempt++)); do
        ((attempt == 1)) || pause_before $attempt "$work/headers"
        rm -f -- "$file" "$work/headers"
        printf 'url = "%s%s"\noutput = "%s"\n' "$what" "$query" "$(quoted "$file")" >"$work/config"
        transfer "$work/config" "$work/results" "$size" --dump-header "$work/headers"
        IFS=$'\t' read -r status got curl_exit redirect <"$work/results" || true
        [ -e "$file" ] || : >"$file"
        # What counts is what is here; curl before 7.87 may count an answer that it does not write.
        if [ "${status:-0}" = 200 ] && [[ $curl_exit == 0 || $curl_exit == - ]]; then
            if is_expected "$file" "$size" "$sha256"; then return; fi
        fi
        answer=$(awk -v status="${status:-0}" -v exit_="${curl_exit:--}" -v got="${got:-0}" -v want="$size" \
            -v any="$([ -n "$sha256" ] || echo 1)" -v redirect="${redirect//[!-A-Za-z0-9._~:\/?#@!&*+,;=%]/?}" "$AWK_ANSWER"'
            BEGIN {
                reason = "does not match what was signed about it"
                judge(status + 0, exit_, got + 0, want + 0, redirect)
                if (any && kind == "DAMAGED" && got + 0 < want + 0) { kind = "UNAVAILABLE"; reason = "was cut" }
                print kind; print reason; print hint
            }')
        kind=${answer%%$'\n'*} answer=${answer#*$'\n'}
        reason=${answer%%$'\n'*} hint=${answer#*$'\n'}
        case $kind in
            DAMAGED)
                damaged=$((damaged + 1))
                ((damaged < 2)) || query="?caravan-retry=$attempt" # a cache on the way sees a new object
                ((damaged < 3 && attempt < MAX_ATTEMPTS)) || die $EXIT_DAMAGED "GET $what $reason (after $attempt attempts)" "$hint" ;;
            ABSENT)
                absent=$((absent + 1))
                ((absent < 2)) || query="?caravan-retry=$attempt" # a cache may keep that there is nothing
                ((absent < 3 && attempt < MAX_ATTEMPTS)) || die $EXIT_FAILED "GET $what $reason (after $attempt attempts)" "$hint" ;;
            LOCAL) die_local "writing $file" "$(can_write "$work")" ;;
            FINAL) die $EXIT_FAILED "GET $what $reason" "$hint" ;;
            *) ((attempt < MAX_ATTEMPTS)) || die $EXIT_AGAIN "GET $what $reason (after $attempt attempts)" "$hint" ;;
        esac
    done
}

# As between the double quotes of a configuration of curl.
quoted() {
    local text=${1//\\/\\\\}
    printf '%s' "${text//\"/\\\"}"
}

is_expected() {
    local size
    size=$(wc -c <"$1")
    if [ -z "$3" ]; then
        ((size <= $2))
    else
        ((size == $2)) && [ "$(hash_of <"$1")" = "$3" ]
    fi
}

# can_write DIRECTORY: what the system says to a megabyte; nothing if it takes it.
can_write() {
    { dd if=/dev/zero bs=65536 count=16 of="$1/probe" 2>&1 >/dev/null | sed -n '/:/{s/^.*: //p;q;}'; } || true
    rm -f -- "$1/probe"
}

# ---------------------------------------------------------------------------------------------------------------------
# The chain of trust: pointer, record, manifest

# A cache may keep an old or a damaged copy of a note, so one that is of no use is asked for once more, past the caches;
# what comes then is judged.
find_snapshot() {
    local latest="$database/latest" record named
    if [ -z "$snapshot" ]; then
        fetch_object "$latest" $MAX_NOTE '' "$work/latest"
        if ! judged read_pointer; then
            fetch_past_caches "$latest" "$work/latest"
            read_pointer
        fi
    else
        latest=
    fi
    named=$snapshot record=$database/$snapshot/record
    fetch_object "$record" $MAX_NOTE '' "$work/record"
    if ! judged verify_record "$base/$record"; then
        # It may have been signed anew between the two as well, or another snapshot was.
        if [ -n "$latest" ]; then
            fetch_past_caches "$latest" "$work/latest"
            read_pointer
            record=$database/$snapshot/record
        fi
        if [ "$snapshot" = "$named" ]; then
            fetch_past_caches "$record" "$work/record"
        else
            fetch_object "$record" $MAX_NOTE '' "$work/record"
        fi
        verify_record "$base/$record"
    fi
    [ -z "$latest" ] || warn_of_age
    read_record "$base/$record"
}

# judged COMMAND...: whether the note is good; what it says is known then. In a process of its own, which may end without us.
judged() {
    local failure=''
    (
        "$@"
        printf '%s\n' "$signer" "$snapshot" "$pointer_size" "$pointer_sha256" "$pointer_published" "$pointer_expires" >"$work/judged"
    ) >/dev/null 2>&1 &
    wait "$!" || return 1
    {
        read -r signer
        read -r snapshot
        read -r pointer_size
        read -r pointer_sha256
        read -r pointer_published
        read -r pointer_expires
    } <"$work/judged"
}

# fetch_past_caches PATH FILE: a note as no cache has it, asked for once; the file stays as it is if that does not work.
# The number is one with which nobody has asked before, for notes change.
fetch_past_caches() {
    local status='' curl_exit=''
    printf 'url = "%s?caravan-retry=%s"\noutput = "%s"\n' "$base/$1" "$(date +%s)" "$(quoted "$2.past")" >"$work/config"
    transfer "$work/config" "$work/results" $MAX_NOTE
    IFS=$'\t' read -r status _ curl_exit _ <"$work/results" || true
    if [ "$status" = 200 ] && [[ $curl_exit == 0 || $curl_exit == - ]] && [ -s "$2.past" ] && is_expected "$2.past" $MAX_NOTE ''; then
        mv -f -- "$2.past" "$2"
    fi
}

# verify_record WHAT: that a trusted key signed it, and that it is the one that the pointer names, if there is a pointer.
verify_record() {
    local size sha256
    verify_note "$work/record" caravan-record "$1"
    [ -n "$pointer_size" ] || return 0
    size=$(wc -c <"$work/record.line") sha256=$(hash_of <"$work/record.line")
    ((size == pointer_size)) && [ "$sha256" = "$pointer_sha256" ] || die $EXIT_DAMAGED \
        "$1 is not the record that the pointer names: its line has $((size)) bytes and $sha256, the pointer says $pointer_size bytes and $pointer_sha256" \
        "a cache on the way mixes two publications; try again in a minute"
}

pointer_size='' pointer_sha256='' pointer_published='' pointer_expires=''

# What was fetched; nothing changes but what is remembered of its sequence.
read_pointer() {
    local what=$base/$database/latest it="pointer $base/$database/latest" sequence published expires
    verify_note "$work/latest" caravan-pointer "$what"
    read_json "$work/latest.line" "$it" caravan-pointer-1
    json_value "$it" database text
    is_database "$found" || not_usable "$it" "it is of no database"
    [ "$found" = "$database" ] || die $EXIT_DAMAGED "$what is the pointer of $found, not of $database" \
        "the server mixes up databases; tell the publisher"
    json_value "$it" sequence number && sequence=$found
    ((sequence >= 1)) || not_usable "$it" "a sequence is at least 1"
    json_people "$it" runId
    json_time "$it" publishedAt && published=$found
    json_time "$it" expiresAt && expires=$found
    [[ $expires > $published ]] || not_usable "$it" "it expires before it is published"
    json_value "$it" record object
    json_value "$it" record.size number && pointer_size=$found
    json_sha256 "$it" record.sha256 && pointer_sha256=$found
    json_value "$it" record.path text
    is_snapshot "${found%/record}" && [ "$found" = "${found%/record}/record" ] \
        || not_usable "$it" "it names the record \"$found\""
    [[ $(date -u +%Y-%m-%dT%H:%M:%SZ) < $expires ]] || die $EXIT_REFUSED "$what expired at $expires; it was signed at $published" \
        "the publisher stopped, a cache serves an old copy, or the clock of this machine is wrong; a snapshot can be fetched by its own URL: .../$database/<snapshot>"
    pointer_published=$published pointer_expires=$expires
    accept_sequence "$sequence" "$what"
    snapshot=${found%/record}
}

# A publisher that is well signs anew by then.
warn_of_age() {
    local from to now
    from=$(seconds_of "$pointer_published") to=$(seconds_of "$pointer_expires")
    now=$(seconds_of "$(date -u +%Y-%m-%dT%H:%M:%SZ)")
    ((quiet || now - from < to - now)) \
        || printf 'note: %s\n' "$base/$database/latest was signed at $pointer_published and will be refused from $pointer_expires on; more than half of that time is over: has its publisher stopped?" >&2
}

manifest_size='' manifest_sha256='' list_size='' list_sha256=''
total_files='' total_directories='' total_chunks='' total_bytes=''

read_record() {
    local what=$1 it="record $1" name at
    read_json "$work/record.line" "$it" caravan-record-1
    json_value "$it" database text && name=$found
    json_value "$it" snapshot text
    [ "$found" = "$snapshot" ] && [ "$name" = "$database" ] || die $EXIT_DAMAGED \
        "$what is the record of snapshot $found of $name" "the server mixes up snapshots; tell the publisher"
    for name in network genesis role pruning nodeVersion heightSource blockHash capture.mode verification drill; do
        json_people "$it" $name
    done
    for name in capture totals manifest chunks; do json_value "$it" $name object; done
    for name in height capture.pauseMillis; do json_value "$it" $name number; done
    for name in createdAt retainUntil; do json_time "$it" $name; done
    json_value "$it" engines array
    ((found <= 256)) || not_usable "$it" "there are more than 256 engines"
    local count=$found
    for ((at = 0; at < count; at++)); do
        json_value "$it" "engines[$at]" text
        [[ $found =~ ^(rocksdb|paritydb|unknown)$ ]] || not_usable "$it" "no engine is called \"$found\""
    done
    json_value "$it" totals.files number && total_files=$found
    json_value "$it" totals.directories number && total_directories=$found
    json_value "$it" totals.chunks number && total_chunks=$found
    json_value "$it" totals.bytes number && total_bytes=$found
    json_value "$it" manifest.size number && manifest_size=$found
    json_sha256 "$it" manifest.sha256 && manifest_sha256=$found
    json_value "$it" chunks.size number && list_size=$found
    json_sha256 "$it" chunks.sha256 && list_sha256=$found
    json_value "$it" manifest.path text
    [ "$found" = manifest.jsonl ] || die $EXIT_DAMAGED "$what names \"$found\" where format v1 has manifest.jsonl" "use a newer client"
    json_value "$it" chunks.path text
    [ "$found" = chunks.tsv ] || die $EXIT_DAMAGED "$what names \"$found\" where format v1 has chunks.tsv" "use a newer client"
    check_expectations
    say "snapshot $snapshot of $database, ${json[.network]} ${json[.role]}, $total_files files, $(shown "$total_bytes"), signed by $signer"
}

check_expectations() {
    local name is
    for name in chain pruning genesis role; do
        [ -n "${expected[$name]:-}" ] || continue
        is=${json[".${name/chain/network}"]}
        [ "${is,,}" = "${expected[$name],,}" ] || die $EXIT_REFUSED \
            "snapshot $snapshot of $database has $name \"$is\", expected \"${expected[$name]}\"" \
            "choose another database, or correct --expect"
    done
}

# The manifest, for its header that says which stores there are, and chunks.tsv, for all the rest.
fetch_lists() {
    local kept=$state/manifests/$manifest_sha256.jsonl
    ((manifest_size <= MAX_LIST && list_size <= MAX_LIST && total_files <= MAX_FILES && total_directories <= MAX_FILES \
        && total_chunks <= 4 * MAX_FILES)) || die $EXIT_REFUSED \
        "snapshot $snapshot has $total_files files and $total_chunks chunks, more than this script can handle" \
        "use the Java client: caravan fetch"
    require_space "$state" $((manifest_size + 4 * list_size)) 0
    local_step "making the state directory $state" private_directory "$state/manifests"
    if ! { [ -e "$kept" ] && is_expected "$kept" "$manifest_size" "$manifest_sha256"; }; then
        fetch_object "$database/$snapshot/manifest.jsonl" "$manifest_size" "$manifest_sha256" "$work/manifest"
        mv -f -- "$work/manifest" "$kept"
    fi
    read_header "$kept"
    fetch_object "$database/$snapshot/chunks.tsv" "$list_size" "$list_sha256" "$work/chunks.tsv"
    : >"$work/frames"
    if grep -q '	zst$' "$work/chunks.tsv"; then list_frames "$kept"; fi
}

# The stores, into $work/stores: engine, chunk size, path.
read_header() {
    local it="manifest $base/$database/$snapshot/manifest.jsonl" at count path engine seal
    head -n 1 -- "$1" >"$work/header"
    read_json "$work/header" "$it" caravan-manifest-1
    json_value "$it" database text && [ "$found" = "$database" ] || not_usable "$it" "it is of database $found"
    json_value "$it" snapshot text && [ "$found" = "$snapshot" ] || not_usable "$it" "it is of snapshot $found"
    json_value "$it" stores array
    count=$found
    ((count >= 1 && count <= 256)) || not_usable "$it" "it has $count stores"
    : >"$work/stores"
    for ((at = 0; at < count; at++)); do
        json_value "$it" "stores[$at]" object
        json_people "$it" "stores[$at].capture"
        json_people "$it" "stores[$at].verification"
        json_value "$it" "stores[$at].path" text && path=$found
        json_value "$it" "stores[$at].engine" text && engine=$found
        json_value "$it" "stores[$at].seal" text && seal=$found
        case $engine in
            rocksdb) engine=CURRENT ;;
            paritydb) engine=metadata ;;
            unknown) engine='' ;;
            *) not_usable "$it" "no engine is called \"$engine\"" ;;
        esac
        [ "$seal" = "${engine:+${path:+$path/}$engine}" ] || not_usable "$it" "the seal of the store \"$path\" is not \"$seal\""
        json_value "$it" "stores[$at].chunkSize" number
        ((found >= 1 && found <= 2147483648)) || not_usable "$it" "a chunk size of $found bytes is not possible"
        printf 'S\t%s\t%s\t%s\n' "${engine:-unknown}" "$found" "$path" >>"$work/stores"
    done
}

# Size and hash of each compressed chunk, which chunks.tsv does not have: rows `chunk size sha256`. A quotation mark
# within a text is always escaped, so this form occurs where a chunk is told and nowhere else.
list_frames() {
    command -v zstd >/dev/null 2>&1 || die $EXIT_USAGE "zstd is missing, and chunks of this snapshot are compressed" \
        "install zstd (Debian, Ubuntu, Alpine: package zstd)"
    awk '{
        rest = $0
        while (match(rest, /\["[0-9a-f]+",[0-9]+,\{"encoding":"zst","size":[0-9]+,"sha256":"[0-9a-f]+"\}\]/)) {
            split(substr(rest, RSTART, RLENGTH), part, "\"")
            size = part[9]
            gsub(/[^0-9]/, "", size)
            print part[2] "\t" size "\t" part[12]
            rest = substr(rest, RSTART + RLENGTH)
        }
    }' "$1" >"$work/frames"
}

# ---------------------------------------------------------------------------------------------------------------------
# The rules of chunks.tsv (docs/format.md, sections 4, 5, 11, 15)

# Reads stores, frames and chunks.tsv. Writes into the directory `out`:
#   files  rows: size, chunks, place, path     place: where it is built, its path or, for a seal, a name of our own
#   todo   rows: chunk's number, offset, size, SHA-256, bytes stored, SHA-256 stored (or -), block size for dd,
#                chunks of the file, file's size, place
#   dirs   every directory, outer ones first
#   totals files, directories, chunks, bytes
# At the first broken rule it writes a row to `fault` instead: status, line, reason.
readonly AWK_RULES='
function fail(status, reason) {
    if (!failed) { failed = 1; print status "\t" line "\t" reason > (out "/fault") }
    exit
}
function path_fault(path,    names, n, i) {
    if (length(path) > 4096) return "is longer than 4096 bytes"
    if (substr(path, 1, 8) == ".caravan") return "begins with the reserved name .caravan"
    if (!is_simple(path)) { i = character_fault(path); if (i != "") return i }
    if (path ~ /^[A-Za-z]:/) return "begins with a drive letter"
    n = split(path, names, "/")
    if (n == 0) return "is empty"
    for (i = 1; i <= n; i++) {
        if (names[i] == "") return "is absolute or has an empty name"
        if (names[i] ~ /[. ]$/) return "has a name that ends in a dot or a space"
        if (length(names[i]) > 255) return "has a name longer than 255 bytes"
    }
    return ""
}
# Beyond ASCII only what is in normal form C for certain and whose other case is known: Latin letters of U+00C0-00FF,
# kana, CJK, Hangul, and emoji.
function character_fault(path,    cp, n, i, c) {
    n = code_points(path, cp)
    if (n == -2) fail(4, "this awk cannot judge the path \"" path "\"")
    if (n == -1) return "is not UTF-8"
    for (i = 1; i <= n; i++) {
        c = cp[i]
        if (c == 92 || c < 32 || (c >= 127 && c <= 159) || (c >= 8203 && c <= 8207) || (c >= 8232 && c <= 8238) \
            || (c >= 8288 && c <= 8303) || c == 65279 || (c >= 65520 && c <= 65535) || (c >= 917504 && c <= 921599))
            return "has a forbidden character"
    }
    for (i = 1; i <= n; i++) {
        c = cp[i]
        if (c >= 128 && !(c >= 192 && c <= 255) && !(c >= 12353 && c <= 12438) && !(c >= 12449 && c <= 12538) \
            && !(c >= 19968 && c <= 40959) && !(c >= 44032 && c <= 55203) && !(c >= 127744 && c <= 128591) \
            && !(c >= 128640 && c <= 128767))
            fail(4, "the path \"" path "\" has a character of which this script cannot tell upper and lower case and normal form")
    }
    return ""
}
# Equal for two paths that a file system may take for one.
function folded(path,    i, out_) {
    path = tolower(path)
    if (index(path, "\303")) {
        gsub(/\303\237/, "ss", path)
        for (i = 128; i <= 158; i++)
            if (i != 151 && index(path, "\303" sprintf("%c", i))) {
                out_ = sprintf("%c", i + 32)
                gsub("\303" sprintf("%c", i), "\303" out_, path)
            }
    }
    return path
}
# Kinds: 1 store, 2 directory, 3 empty directory, 8 file; a file of several chunks +4, compressed +2.
function put(path, kind,    key, was, before) {
    key = folded(path)
    if (!(key in seen)) {
        if (++count > 2 * 1000000) fail(4, "there are more files and directories than this script can handle")
        seen[key] = path == key ? kind : kind "\t" path
        if (kind < 8) print path > (out "/dirs")
        return
    }
    was = seen[key]; before = key
    if (index(was, "\t")) { before = substr(was, index(was, "\t") + 1); was = substr(was, 1, index(was, "\t") - 1) }
    was += 0
    if (before "" != path "") fail(3, "the path \"" path "\" differs from an earlier one in upper and lower case alone")
    if (was == 1 && kind < 8) { seen[key] = path == key ? kind : kind "\t" path; return }
    if (was == 2 && kind == 2) return
    if ((was >= 8 && kind >= 8) || (was == 3 && kind == 3)) fail(3, "the path \"" path "\" occurs twice")
    if (was < 8 && kind < 8) fail(3, "the directory \"" path "\" is listed as empty and is not")
    fail(3, "the path \"" path "\" is both a file and a directory")
}
function parent_of(path) {
    if (!match(path, /\/[^\/]*$/)) return ""
    return substr(path, 1, RSTART - 1)
}
# Everything that leads to path; what leads to the one before is there already.
function put_parents(path, kind,    parent, at, rest, part) {
    parent = parent_of(path)
    if (parent == "" || (kind == 2 && parent "" == last_parent "")) return
    rest = parent; part = ""
    while (rest != "") {
        at = index(rest, "/")
        if (at) { part = part substr(rest, 1, at - 1); rest = substr(rest, at + 1) }
        else { part = part rest; rest = "" }
        put(part, kind)
        part = part "/"
    }
    if (kind == 2) last_parent = parent
}
# Chunk size of the innermost store; 0 if there is none.
function chunk_size_of(path,    parent, at, best) {
    parent = parent_of(path)
    if (parent in cut) return cut[parent]
    best = -1
    for (at = 1; at <= stores; at++)
        if ((store_path[at] == "" || index(path, store_path[at] "/") == 1) && (best < 0 || length(store_path[at]) > length(store_path[best]))) best = at
    return cut[parent] = best < 0 ? 0 : store_cut[best]
}
# The largest block for dd that divides every offset and does not take much memory.
function block_of(c,    parts) {
    if (c in block) return block[c]
    for (parts = int((c + 4194303) / 4194304); parts < 4096 && c % parts; parts++) ;
    return block[c] = c % parts == 0 ? c / parts : c <= 268435456 ? c : 1
}
function end_of_file() {
    if (path == "") return
    if (chunks != parts) fail(3, "the file \"" path "\" of " whole(size) " bytes has " chunks " chunks, by its store'"'"'s chunk size it has " parts)
    if (at != size) fail(3, "the chunks of \"" path "\" have " whole(at) " bytes, the file has " whole(size))
    if (path in place_of) {
        if (size == 0) fail(3, "the file \"" path "\", without which its store does not open, is empty")
        sealed[path] = 1
    }
    kind = 8 + (parts > 1 ? 4 : 0) + (packed ? 2 : 0)
    put_parents(path, 2)
    put(path, kind)
    check_made_up(path)
    print whole(size) "\t" chunks "\t" place "\t" path > (out "/files")
    path = ""
}
# No path is the name that an export makes up for a part of another file.
function check_made_up(path,    name, bits, key, was, kind_) {
    name = path; bits = 0
    if (name ~ /..*[.]zst$/) { name = substr(name, 1, length(name) - 4); bits += 2 }
    if (match(name, /[.]part-[0-9]+$/) && RSTART > 1 && RLENGTH >= 11) { name = substr(name, 1, RSTART - 1); bits += 4 }
    if (!bits) return
    key = folded(name)
    if (!(key in seen)) return
    was = seen[key]
    if (index(was, "\t")) {
        if (substr(was, index(was, "\t") + 1) "" != name "") return
        was = substr(was, 1, index(was, "\t") - 1)
    } else if (key "" != name "") return
    kind_ = was - 8
    if (kind_ < 0) return
    if ((bits % 4 >= 2 && kind_ % 4 < 2) || (bits >= 4 && kind_ < 4)) return
    fail(3, "the path \"" path "\" is the name of a part of the file \"" name "\" in the exports")
}
function check_order(previous, path, what) {
    if (previous != "" && previous "" >= path "")
        fail(3, what " \"" path "\" does not come after \"" previous "\" in the order of bytes")
}
# Nothing is called as the lock file of a RocksDB (LOCK) or ParityDB (lock), whatever its case.
function check_no_lock(path,    low, at) {
    low = tolower(path)
    if (low !~ /(^|\/)lock(\/|$)/) return
    low = folded(path) "/"
    for (at = 1; at <= stores; at++)
        if (store_seal[at] != "" && index(low, folded((store_path[at] == "" ? "" : store_path[at] "/") "lock/")) == 1)
            fail(3, "the path \"" path "\" is where the engine of the store \"" store_path[at] "\" has its lock file")
}
# No store lies at or below the seal or the lock file of another.
function check_stores(    i, j) {
    checked = 1
    for (i = 1; i <= stores; i++) for (j = 1; j <= stores; j++)
        if (store_seal[j] != "" && (store_path[i] "" == store_seal[j] "" || index(store_path[i], store_seal[j] "/") == 1))
            fail(3, "the store \"" store_path[i] "\" is where the file " store_seal[j] " of another store belongs")
    for (i = 1; i <= stores; i++) check_no_lock(store_path[i])
}
# No store lacks what makes it one.
function check_complete(    at) {
    for (at = 1; at <= stores; at++)
        if (store_seal[at] != "" && !(store_seal[at] in sealed))
            fail(3, "there is no file \"" store_seal[at] "\", without which its store does not open")
    for (at = 1; at <= stores; at++)
        if (store_path[at] != "" && seen[folded(store_path[at])] + 0 == 1)
            fail(3, "the store \"" store_path[at] "\" has no file, and its directory is not listed as empty")
}
function check_path(path,    fault_) {
    fault_ = path_fault(path)
    if (fault_ != "") fail(3, "the path \"" path "\" " fault_)
}
BEGIN { FS = "\t" }
{ line = FNR }
FILENAME ~ /\/stores$/ {
    stores++
    store_path[stores] = $4; store_cut[stores] = $3 + 0
    store_seal[stores] = $2 == "unknown" ? "" : ($4 == "" ? $2 : $4 "/" $2)
    if ($4 != "") { check_path($4); put_parents($4, 1); put($4, 1) }
    for (above = parent_of($4); above != ""; above = parent_of(above)) above_store[above] = 1
    for (i = 1; i < stores; i++) if (store_path[i] "" == $4 "") fail(3, "there are two stores with path \"" $4 "\"")
    if (store_seal[stores] != "") place_of[store_seal[stores]] = ".caravan/seal-" (stores - 1)
    next
}
FILENAME ~ /\/frames$/ { frame_size[$1] = $2; frame_hash[$1] = $3; next }
!checked { check_stores() }
$1 == "F" && NF == 3 {
    end_of_file()
    if (last_directory != "") fail(3, "a file comes after an empty directory")
    path = $3
    check_path(path)
    if (!is_number($2)) fail(3, "the size of \"" path "\" is not a number")
    size = $2 + 0
    if (size > 1125899906842624) fail(3, "a file of " $2 " bytes is larger than 1125899906842624")
    check_order(last_file, path, "the file")
    c = chunk_size_of(path)
    if (!c) fail(3, "the file \"" path "\" lies in no store")
    check_no_lock(path)
    parts = size == 0 ? 0 : size <= 2 * c ? 1 : int((size - 1) / c) + 1
    if (parts > 1048576) fail(3, "a file of " $2 " bytes has " parts " chunks, more than 1048576")
    at = 0; chunks = 0; packed = 0
    place = path in place_of ? place_of[path] : path
    last_file = path
    files++; bytes += size
    if (bytes > 9007199254740991) fail(3, "there are more than 9007199254740991 bytes in all")
    if (files > 1000000) fail(4, "there are more files than this script can handle")
    next
}
$1 == "C" && NF == 5 {
    if (path == "") fail(3, "a chunk belongs to no file")
    if (!is_number($2) || !is_number($3)) fail(3, "offset or size of a chunk of \"" path "\" is not a number")
    if ($3 + 0 < 1) fail(3, "a chunk has at least 1 byte")
    if (length($4) != 64 || $4 !~ /^[0-9a-f]+$/) fail(3, "a SHA-256 is 64 lower-case hexadecimal digits")
    if (++chunks > parts) fail(3, "the file \"" path "\" has more than " parts " chunks")
    if ($2 + 0 != at) fail(3, "chunk " (chunks - 1) " of \"" path "\" begins at " $2 ", not at " whole(at))
    want = parts == 1 ? size : chunks < parts ? c : size - (parts - 1) * c
    if ($3 + 0 != want) fail(3, "chunk " (chunks - 1) " of the file \"" path "\" has " $3 " bytes, by its store'"'"'s chunk size it has " whole(want))
    stored = $3; stored_hash = "-"
    if ($5 == "zst") {
        packed = 1
        if (!($4 in frame_size)) fail(3, "the manifest has no compressed chunk " $4)
        stored = frame_size[$4]; stored_hash = frame_hash[$4]
        if (!is_number(stored) || stored + 0 < 1 || stored + 0 > want + int(want / 256) + 512 || length(stored_hash) != 64)
            fail(3, "the compressed chunk " $4 " is longer than Zstandard ever makes it")
    } else if ($5 != "plain") fail(3, "a chunk is stored as \"" $5 "\", which is not known")
    print all + 0 "\t" $2 "\t" $3 "\t" $4 "\t" stored "\t" stored_hash "\t" (parts > 1 ? block_of(c) : 1) "\t" parts "\t" whole(size) "\t" place > (out "/todo")
    at += $3; all++
    next
}
$1 == "D" && NF == 2 {
    end_of_file()
    check_path($2)
    check_order(last_directory, $2, "the directory")
    check_no_lock($2)
    if ($2 in above_store) fail(3, "the directory \"" $2 "\" is listed as empty, and there is a store in it")
    put_parents($2, 2)
    put($2, 3)
    last_directory = $2
    directories++
    next
}
{ fail(3, "it is no row of format v1") }
END {
    if (failed) exit
    line = FNR
    if (!checked) check_stores()
    end_of_file()
    if (!failed) check_complete()
    if (!failed) print files + 0 "\t" directories + 0 "\t" all + 0 "\t" whole(bytes) > (out "/totals")
}'

# check_list STORES FRAMES CHUNKS OUT: holds chunks.tsv against the rules; the rows in OUT if it keeps them, a row in
# OUT/fault if not.
check_list() {
    mkdir -p -- "$4"
    : >"$4/files" && : >"$4/todo" && : >"$4/dirs"
    rm -f -- "$4/fault" "$4/totals"
    if ! tr -d '\000' <"$3" | cmp -s - "$3"; then
        printf '3\t0\tit has bytes that no text has\n' >"$4/fault"
    elif [ -s "$3" ] && [ -n "$(tail -c 1 -- "$3")" ]; then
        printf '3\t0\tits last line has no end\n' >"$4/fault"
    else
        awk -v out="$4" "$AWK_TEXT$AWK_RULES" "$1" "$2" "$3" </dev/null || printf '1\t0\tawk failed\n' >>"$4/fault"
    fi
}

read_list() {
    local status line reason totals
    check_list "$work/stores" "$work/frames" "$work/chunks.tsv" "$work"
    if [ -s "$work/fault" ]; then
        IFS=$'\t' read -r status line reason <"$work/fault"
        ((status != EXIT_REFUSED)) || die $EXIT_REFUSED "$base/$database/$snapshot/chunks.tsv: line $line: $reason" \
            "use the Java client: caravan fetch"
        die "$status" "cannot use the list $base/$database/$snapshot/chunks.tsv: line $line: $reason" \
            "it is signed like this, so tell the publisher; a newer version of this program may read it"
    fi
    totals=$(cat -- "$work/totals")
    [ "$totals" = "$total_files"$'\t'"$total_directories"$'\t'"$total_chunks"$'\t'"$total_bytes" ] \
        || die $EXIT_DAMAGED "$base/$database/$snapshot/chunks.tsv lists ${totals//$'\t'/, } (files, directories, chunks, bytes), its record says $total_files, $total_directories, $total_chunks, $total_bytes" \
            "the publisher signed a record for another list; tell the publisher"
    # Paths as they are in the end, for what is compared and not built.
    awk -F '\t' -v OFS='\t' '
        NR == FNR { path[$3] = $4; next }
        { $10 = path[$10]; print }' "$work/files" "$work/todo" >"$work/published"
    # Where each seal is built, and where it belongs.
    awk -F '\t' -v OFS='\t' '$3 != $4 { print $3, $4 }' "$work/files" >"$work/seals"
    list_outer_stores
}

# ---------------------------------------------------------------------------------------------------------------------
# Where to restore to

target=     # the directory as asked for, without a link in its path
root=       # where the files are written: the target, or the stage beside it
fresh=0     # whether that is the stage
begun=0     # whether a restore in place has begun and not ended

locate_target() {
    local parent
    [[ $directory != *[[:cntrl:]]* ]] || die $EXIT_REFUSED "the name of the directory has a control character" "rename it"
    if [ -d "$directory" ]; then
        target=$(cd -P -- "$directory" && pwd -P) || die $EXIT_FAILED "cannot enter $directory" "look at its permissions"
        [ "$target" != / ] || die $EXIT_REFUSED "the root of the file system is no target" "name a directory of its own"
        return
    fi
    [ ! -L "$directory" ] || die $EXIT_REFUSED "$directory is a link to nothing" "remove it or make what it names"
    [ ! -e "$directory" ] || die $EXIT_REFUSED "$directory is not a directory" "name a directory to restore into"
    while [[ $directory == */ ]]; do directory=${directory%/}; done
    case $directory in
        */*) parent=${directory%/*} ;;
        *) parent=. ;;
    esac
    [ -d "${parent:-/}" ] || die $EXIT_REFUSED "the directory $parent does not exist" \
        "is the disk mounted? If it is to be made: mkdir -p $parent"
    parent=$(cd -P -- "${parent:-/}" && pwd -P)
    case ${directory##*/} in
        .. | .) die $EXIT_REFUSED "$directory is no name for a directory" "name a directory to restore into" ;;
    esac
    target=${parent%/}/${directory##*/}
}

choose_target() {
    local names
    root=$target.caravan-incomplete fresh=1
    if [ -d "$target" ]; then
        names=$(ls -A -- "$target" | awk '$0 != "lost+found"' | head -n 6)
        if [ -z "$names" ]; then
            ! cannot_be_renamed_to || { root=$target fresh=0; }
        elif [ -e "$target/$MARKER" ] || [ "$names" = $OWN ] || holds_database; then
            root=$target fresh=0
            [ ! -e "$target/$MARKER" ] || begun=1
        else
            die $EXIT_REFUSED "$target is not empty and holds no database of this snapshot: found $(printf '%s' "$names" | head -n 5 | tr '\n' ' ')" \
                "name an empty or new directory, or the root of the database that is to be replaced"
        fi
    fi
    if ((fresh)) && { [ -e "$root" ] || [ -L "$root" ]; }; then
        [ ! -L "$root" ] && [ -d "$root" ] && [ -w "$root" ] && [ -O "$root" ] || die $EXIT_REFUSED \
            "$root is in the way: it is no directory of ours" "look at what it is and remove it; a restore is built under this name"
    fi
}

# Somebody else's parent, or a file system of its own.
cannot_be_renamed_to() {
    [ ! -w "${target%/*}/" ] || [ -e "$target/lost+found" ] || [ "$(disk_of "$target")" != "$(disk_of "${target%/*}/")" ]
}

disk_of() {
    df -P -- "$1" | awk 'NR == 2 { print $1, $NF }'
}

# A store of an engine we do not know has no seal to tell it by.
holds_database() {
    local seal path
    while IFS=$'\t' read -r _ seal _ path; do
        if [ "$seal" = unknown ]; then
            was_restored_before && return
            [ -n "$path" ] && [ -d "$target/$path" ] && [ ! -L "$target/$path" ] && return
        else
            seal=$target/${path:+$path/}$seal
            [ -f "$seal" ] && [ ! -L "$seal" ] && return
        fi
    done <"$work/stores"
    return 1
}

free_bytes=0

# require_space DIRECTORY BYTES FILES: is there room? Asked before the first byte is written. Sets free_bytes.
require_space() {
    local at=$1 needed=$2 files=$3 free
    while [ ! -d "$at" ]; do at=${at%/*} at=${at:-/}; done
    free=$(df -Pk -- "$at" | awk '{ for (i = NF; i > 1; i--) if ($i ~ /^[0-9]+%$/) { free = $(i - 1); break } } END { printf "%.0f", free * 1024 }')
    free_bytes=$free
    ((needed <= free)) || die $EXIT_REFUSED "no space left for $1: $needed bytes ($(shown "$needed")) needed, $free ($(shown "$free")) free" \
        "free $(shown $((needed - free))) or choose another disk; nothing was written"
    # Some file systems have no fixed number of files; they say 0 or -.
    free=$(df -Pi -- "$at" 2>/dev/null | awk 'NR == 2 { for (i = NF; i > 2; i--) if ($i ~ /^[0-9]+%$/) { if ($(i - 2) + $(i - 1) > 0) free = $(i - 1); break } } END { print free }') || free=
    [ -z "$free" ] || ((files <= free)) || die $EXIT_REFUSED \
        "no inodes left for $1: $files files and directories needed, $free free" "free some or choose another disk; nothing was written"
}

# ---------------------------------------------------------------------------------------------------------------------
# Processes that use the target

# Locks of this moment, into $work/locks: rows `inode kind device pid`. None where there is no /proc/locks.
list_locks() {
    : >"$work/locks"
    [ -r /proc/locks ] || return 0
    awk '$2 != "->" && NF >= 6 { n = split($6, at, ":"); print at[n], $2, at[1] ":" at[2], $5 }' /proc/locks >"$work/locks"
}

holder='' in_doubt=0

# find_holder FILE: who holds a lock on it by $work/locks, into holder; empty if nobody does. The device in that list is
# not that of stat(1) on btrfs and overlays, so the inode makes somebody suspect, and what he has open decides. Who may
# not be looked at counts as a holder: in_doubt.
find_holder() {
    local inode row kind device pid status
    holder='' in_doubt=0
    inode=$(stat -c %i -- "$1" 2>/dev/null) || return 0 # gone
    while read -r row kind device pid; do
        [ "$row" = "$inode" ] || continue
        if [ "$kind" = FLOCK ] && { [ "${own_locks[$inode]:-}" = 1 ] || can_be_locked "$pid" "$1"; }; then continue; fi
        status=0
        has_open "$pid" "$kind" "$1" || status=$?
        case $status in
            0) holder="process $pid" in_doubt=0 && return ;;
            2) ! may_be_on "$1" "$device" || holder="process $pid" in_doubt=1 ;;
        esac
    done <"$work/locks"
    # Locks of open files (OFD) name no process, and who took another may have ended and left it to a child.
    [ -z "$holder" ] || [ -d "/proc/${holder#process }" ] || holder='a process' in_doubt=0
}

# has_open PID KIND FILE: 0 yes, 1 no, 2 it is not permitted to know.
has_open() {
    local fd status=1
    # A lock of kind FLOCK may outlive who took it, in a child.
    [ "$2" != POSIX ] || [ -d "/proc/$1" ] || return 1
    for fd in "/proc/$1/fd/"*; do
        [ ! "$fd" -ef "$3" ] || return 0
        [ -e "$fd" ] || status=2
    done
    return $status
}

# can_be_locked PID FILE: whether the lock of one who has ended is gone from the file. What a killed run of ours has left
# running keeps it for a second.
can_be_locked() {
    local fd tries
    [ ! -d "/proc/$1" ] && [ -r "$2" ] && command -v flock >/dev/null 2>&1 || return 1
    for ((tries = 0; tries < 5; tries++)); do
        ((tries == 0)) || sleep 1
        if (exec {fd}<"$2" && flock -n "$fd") 2>/dev/null; then return; fi
    done
    return 1
}

# may_be_on FILE DEVICE: whether a lock that is listed with this device can be one on the file. The list of mounts names
# the same device as that of locks, but for overlays before Linux 4.19.
may_be_on() {
    local fd mount
    [ -r "$1" ] && [ -r /proc/self/mountinfo ] || return 0
    exec {fd}<"$1"
    mount=$(awk '$1 == "mnt_id:" { print $2 }' "/proc/self/fdinfo/$fd" 2>/dev/null) || mount=
    exec {fd}<&-
    awk -v mount="$mount" -v device="$2" '
        $1 == mount {
            split($3, number, ":")
            other = sprintf("%02x:%02x", number[1], number[2]) != device && !/ - (overlay|aufs) /
        }
        END { exit other }' /proc/self/mountinfo
}

# Ends the program if a process holds any file of a store, by a lock of whatever kind: RocksDB locks LOCK with fcntl(2),
# ParityDB lock with flock(2).
require_unused() {
    local inode file inodes=() store
    list_locks
    cut -d ' ' -f 1 "$work/locks" | sort -u >"$work/inodes"
    while read -r inode; do
        ((${#inodes[@]} == 0)) || inodes+=(-o)
        inodes+=(-inum "$inode")
    done <"$work/inodes"
    while IFS= read -r store; do
        [ -d "$root/$store" ] || continue
        if [ -r /proc/locks ]; then
            ((${#inodes[@]})) || continue
            local_step "looking for a process that uses $root" files_of "$root/$store" "${inodes[@]}"
            while IFS= read -r file; do
                find_holder "$file"
                [ -z "$holder" ] || in_use "$file" "$holder"
            done <"$work/found"
        else
            local_step "looking for a process that uses $root" files_of "$root/$store" -name LOCK -o -name lock
            while IFS= read -r file; do
                require_not_open "$file"
            done <"$work/found"
        fi
    done <"$work/outer"
}

# files_of DIRECTORY TEST...: files below it, into $work/found.
files_of() {
    local from=$1
    shift
    find "$from" -type f \( "$@" \) >"$work/found"
}

in_use() {
    ((!in_doubt)) || die $EXIT_REFUSED "target in use: $2 seems to hold the lock of ${1#"$root"/} in $root, and may not be looked at" \
        "stop the node that runs on this database; if it is stopped, restore as root or as the user of that process"
    die $EXIT_REFUSED "target in use: $2 holds the lock of ${1#"$root"/} in $root" \
        "stop the node that runs on this database, then restore again"
}

# Without /proc/locks: nobody may even have the lock file open.
require_not_open() {
    local pids
    if command -v lsof >/dev/null 2>&1; then
        pids=$(lsof -t -- "$1" 2>/dev/null | tr '\n' ' ') || true
    elif command -v fuser >/dev/null 2>&1; then
        pids=$(fuser "$1" 2>/dev/null) || true
    else
        die $EXIT_REFUSED "cannot tell whether a process uses $1: there is neither /proc/locks nor lsof nor fuser" \
            "make sure that the node is stopped, remove that file and restore again"
    fi
    [ -z "${pids// /}" ] || in_use "$1" "process ${pids%% *}"
}

declare -A own_locks=()

# Keeps ParityDB, `caravan fetch` and other runs of this script out until we end. RocksDB locks in another way, which no
# shell can; the seals keep it out.
hold_engine_locks() {
    local file fd store inode
    command -v flock >/dev/null 2>&1 || return 0
    while IFS= read -r store; do
        [ -d "$root/$store" ] || continue
        local_step "looking for locks in $root" files_of "$root/$store" -name LOCK -o -name lock
        while IFS= read -r file; do
            [ -r "$file" ] || die_local "locking $file" "Permission denied"
            exec {fd}<"$file"
            flock -n "$fd" || can_be_locked none "$file" && flock -n "$fd" || in_use "$file" "a process"
            inode=$(stat -c %i -- "$file" 2>/dev/null) || continue
            own_locks[$inode]=1
        done <"$work/found"
    done <"$work/outer"
}

# Stores that lie in no other, into $work/outer: their paths, `.` for the root.
list_outer_stores() {
    awk -F '\t' '{ path[NR] = $4 }
        END {
            for (i = 1; i <= NR; i++) {
                outer = 1
                for (j = 1; j <= NR; j++) if (i != j && (path[j] == "" || index(path[i], path[j] "/") == 1)) outer = 0
                if (outer) print (path[i] == "" ? "." : path[i])
            }
        }' "$work/stores" >"$work/outer"
}

lock_fd=

# Keeps a second restore out of root, which has our own directory in it. What a killed run has left running holds the
# lock for a moment; another run holds it for long.
lock_target() {
    local file=$root/$OWN/lock tries inode
    [ ! -L "$file" ] || die $EXIT_REFUSED "$file is a link" "links are never followed; look at what it is and remove it"
    if command -v flock >/dev/null 2>&1; then
        exec {lock_fd}>>"$file" || die_local "locking $file" ""
        for ((tries = 0; ; tries++)); do
            ! flock -n "$lock_fd" || break
            [ -s "$file.pid" ] && ! is_at_work "$file" && ((tries < 60)) || other_restore
            sleep 1
        done
        inode=$(stat -c %i -- "$file" 2>/dev/null) || inode=none
        own_locks[$inode]=1
        # `caravan fetch` locks the same file with fcntl(2)
        list_locks
        find_holder "$file"
        [ -z "$holder" ] || other_restore
        printf '%s\n' "$main_pid" >"$file.pid"
        note_begin "$file"
    elif (set -C && printf '%s\n' "$main_pid" >"$file.pid") 2>/dev/null; then
        note_begin "$file"
    else
        ! is_at_work "$file" || other_restore
        printf '%s\n' "$main_pid" >"$file.pid"
        note_begin "$file"
        sleep 2 # what a killed run has left running sees within a second that it is alone
    fi
}

# The number of a process alone, which is what others look for, may be that of a later one some day.
note_begin() {
    printf '%s %s\n' "$main_pid" "$(began_at "$main_pid")" >"$1.began"
}

# is_at_work FILE: whether the run whose number is in FILE.pid still is there.
is_at_work() {
    local pid begun_at now
    pid=$(cat -- "$1.pid" 2>/dev/null) || pid=
    [[ $pid =~ ^[1-9][0-9]*$ ]] || return 1
    begun_at=$(sed -n "s/^$pid //p" "$1.began" 2>/dev/null) || begun_at=
    now=$(began_at "$pid")
    if [ -z "$now" ]; then kill -0 "$pid" 2>/dev/null; else [ -z "$begun_at" ] || [ "$begun_at" = "$now" ]; fi
}

# began_at PID: when it began, in whatever form this system tells it; nothing if it does not, or if there is no such process.
began_at() {
    local text
    if [ -r /proc/self/stat ]; then
        text=$(cat "/proc/$1/stat" 2>/dev/null) || return 0
        # The name of a program may have spaces and parentheses.
        printf '%s' "${text##*) }" | cut -d ' ' -f 20
    else
        ps -o lstart= -p "$1" 2>/dev/null | tr -s ' ' '-' || true
    fi
}

other_restore() {
    die $EXIT_REFUSED "another fetch is at work in $root" "wait for it, or stop it; two would write the same files"
}

# ---------------------------------------------------------------------------------------------------------------------
# Workers

in_pool=0 stop_status=0

# stop STATUS: what a signal does. A wait that it interrupts must end first, and none may follow: bash may then wait for
# ever for a process that it has reaped already.
stop() {
    ((in_pool)) || exit "$1"
    stop_status=$1
}

# run_pool PHASE BYTES FUNCTION COUNT: FUNCTION 1, FUNCTION 2, ... FUNCTION COUNT, as many at a time as --parallel says.
run_pool() {
    local function=$3 count=$4 pids=() pid worker status=0
    in_pool=1
    rm -rf -- "$work/claims" "$work"/done.* && mkdir -- "$work/claims"
    : >"$work/pids"
    printf '%s %s %s\n' "$1" "$2" "$(date +%s)" >"$work/phase.new" && mv -f -- "$work/phase.new" "$work/phase"
    for ((worker = 0; worker < parallel && worker < count; worker++)); do
        work_off "$function" "$count" </dev/null &
        pids+=($!)
        printf '%s\n' "$!" >>"$work/pids"
    done
    for pid in "${pids[@]}"; do
        wait "$pid" || status=$?
        ((stop_status == 0)) || exit "$stop_status"
    done
    in_pool=0
    : >"$work/pids"
    [ ! -s "$failure" ] || exit $EXIT_FAILED # finish says why
    ((status == 0)) || die $EXIT_FAILED "a part of this program ended with status $status" "look at the system log: is memory short?"
    rm -f -- "$work/phase"
}

# Takes one number after the other that no other worker has.
work_off() {
    local number
    trap '[ -z "$child" ] || kill "$child" 2>/dev/null; exit 143' TERM
    trap - EXIT INT HUP
    for ((number = 1; number <= $2; number++)); do
        [ ! -e "$failure" ] || return 0
        if claim "$number"; then "$1" "$number"; fi
    done
}

# Who makes the file first has the number: noclobber opens with O_EXCL. Without a process of its own.
claim() {
    set -C
    if { : >"$work/claims/$1"; } 2>/dev/null; then
        set +C
        return 0
    fi
    set +C
    return 1
}

# All but the process that calls it; they end by themselves as soon as they see it.
stop_workers() {
    local pid
    [ -s "$work/pids" ] || return 0
    while read -r pid; do
        [ "$pid" = "$BASHPID" ] || kill "$pid" 2>/dev/null || true
    done <"$work/pids"
}

watcher=

# Shows how far we are, and ends the workers if we were killed without a chance to do it ourselves.
watch_over() {
    local tick
    for ((tick = 1; ; tick++)); do
        sleep 1 >/dev/null 2>&1 # who reads what we print does not wait for it
        if ! kill -0 "$main_pid" 2>/dev/null; then
            if [ -e "$work/pids" ]; then stop_workers 2>/dev/null; fi
            rm -rf -- "$work"
            return
        fi
        if ((quiet)) || [ ! -e "$work/phase" ]; then continue; fi
        if [ -t 2 ]; then show_progress '\r\033[K%s' >&2; elif ((tick % 10 == 0)); then show_progress '%s\n'; fi
    done
}

show_progress() {
    local phase total since sofar now
    { read -r phase total since <"$work/phase"; } 2>/dev/null || return 0
    now=$(date +%s)
    sofar=$(cat -- "$work"/done.* "$work"/results.* /dev/null 2>/dev/null | awk 'NF == 1 { sum += $1 } $1 == 200 { sum += $2 } END { printf "%.0f", sum }') || return 0
    # shellcheck disable=SC2059 # one of the two formats above
    printf "$1" "$(awk -v phase="$phase" -v total="$total" -v sofar="$sofar" -v took=$((now - since)) '
        function shown(bytes,    i) {
            for (i = 1; bytes >= 1024 && i < 6; i++) bytes /= 1024
            return sprintf((i == 1) ? "%.0f %s" : "%.1f %s", bytes, unit[i])
        }
        BEGIN {
            split("bytes KiB MiB GiB TiB PiB", unit, " ")
            if (sofar > total) sofar = total
            text = sprintf("%s %d%%, %s of %s", phase, total ? int(sofar * 100 / total) : 100, shown(sofar), shown(total))
            if (took > 0 && sofar > 0) {
                left = int((total - sofar) * took / sofar)
                text = text sprintf(", %s/s, %d:%02d:%02d left", shown(sofar / took), left / 3600, int(left / 60) % 60, left % 60)
            }
            print text
        }')"
}

# ---------------------------------------------------------------------------------------------------------------------
# What is there

# Looks at root, and at nothing outside the stores if it is the target itself. Rows in $work:
#   existing     size, number of names, path of the files of the snapshot that are there as files
#   obstacles    paths where a link or something odder is, and a file or directory of the snapshot should be
#   extra-files, extra-dirs    what the snapshot does not have; inner directories first
survey() {
    local from=() store
    : >"$work/tree" && : >"$work/odd" && : >"$work/parents"
    if [ -d "$root" ]; then
        cd -P -- "$root" || die_local "entering $root" ""
        require_real_parents
        if ((fresh)); then
            from=(.)
        else
            while IFS= read -r store; do
                if [ "$store" = . ]; then from=(.); elif [ -e "$store" ] || [ -L "$store" ]; then from+=("./$store"); fi
            done <"$work/outer"
        fi
        if ((${#from[@]})); then
            if find "${from[@]}" -name $'*\n*' | grep -q .; then
                die $EXIT_REFUSED "a name in $root has a line break" "no engine makes such names; look at what it is and remove it"
            fi
            tree_of -exec stat "${stat_format[@]}" {} + >"$work/tree" 2>"$work/message" || die_local "listing $root" "$(head -n 1 "$work/message")"
        fi
        cd / || true
    fi
    awk -F '\t' -v fresh="$fresh" -v out="$work" '
        FILENAME ~ /\/files$/ { size[$4] = $1; next }
        FILENAME ~ /\/dirs$/ { is_directory[$1] = 1; next }
        FILENAME ~ /\/parents$/ { found[$1] = 1; next }
        {
            at = index($0, " ./")
            if (!at) next # the root
            split(substr($0, 1, at), column, " ")
            entry(substr($0, 1, 1), column[2], column[3], substr($0, at + 3))
        }
        function entry(type, names, bytes, path,    name) {
            if (path in size) {
                if (type == "-") { print bytes "\t" names "\t" path > (out "/existing"); return }
                if (type != "d") { print path > (out "/obstacles"); return }
            }
            if (path in is_directory) {
                if (type == "d") { found[path] = 1; return }
                if (type != "-") { print path > (out "/obstacles"); return }
            }
            if (type == "d") { extra[++extras] = path; return }
            name = path
            sub(/.*\//, "", name)
            # The lock of a store that stays is the engine'"'"'s; that of one that goes would keep its directory.
            if (!fresh && (name == "LOCK" || name == "lock") && (name == path || substr(path, 1, length(path) - 5) in is_directory)) return
            print path > (out "/extra-files")
        }
        END {
            for (; extras > 0; extras--) print extra[extras] > (out "/extra-dirs")
            for (path in is_directory) if (!(path in found)) print path > (out "/missing-dirs")
        }' "$work/files" "$work/dirs" "$work/parents" "$work/tree"
    for store in existing obstacles extra-files extra-dirs missing-dirs; do
        [ -e "$work/$store" ] || : >"$work/$store"
    done
    cat -- "$work/odd" >>"$work/obstacles"
    # Inner ones first: longest paths first is enough.
    awk '{ print length($0) "\t" $0 }' "$work/extra-dirs" | sort -rn | cut -f 2- >"$work/sorted" && mv -f -- "$work/sorted" "$work/extra-dirs"
}

tree_of() {
    find "${from[@]}" \( -path "./$OWN*" -o -path ./lost+found \) -prune -o "$@"
}

# What lies above the stores, where nothing else looks.
require_real_parents() {
    local parent
    awk -F '\t' '{
        path = $4
        while (match(path, /\/[^\/]*$/)) { path = substr(path, 1, RSTART - 1); print length(path) "\t" path }
    }' "$work/stores" | sort -n | cut -f 2- | uniq >"$work/above"
    while IFS= read -r parent; do
        if [ -L "$parent" ] || { [ -e "$parent" ] && [ ! -d "$parent" ]; }; then
            printf '%s\n' "$parent" >>"$work/odd"
            return
        fi
        [ ! -d "$parent" ] || printf '%s\n' "$parent" >>"$work/parents"
    done <"$work/above"
}

require_no_obstacle() {
    [ -s "$work/obstacles" ] || return 0
    die $EXIT_REFUSED "$root/$(head -n 1 -- "$work/obstacles") is a link, or neither file nor directory" \
        "links are never followed; look at what it is and remove it"
}

# Hashes what is there. Rows in $work: have (numbers of chunks that are in place).
check_what_is_there() {
    local count bytes
    rm -f -- "$work"/check.* "$work"/have.*
    # Batches of files, by hundreds or by a quarter of a gigabyte; a chunk of a longer file counts as one.
    awk -F '\t' -v out="$work" '
        FILENAME ~ /\/existing$/ { there[$3] = $1; next }
        $10 in there && there[$10] >= $2 + $3 {
            if (!batch || rows >= 500 || bytes + $3 > 268435456) {
                if (batch) close(out "/check." batch)
                batch++; rows = 0; bytes = 0
            }
            rows++; bytes += $3; all += $3
            print (($8 == 1 && there[$10] == $9) ? "whole" : "part") "\t" $0 > (out "/check." batch)
        }
        END { print batch + 0, sprintf("%.0f", all) }' "$work/existing" "$work/published" >"$work/batches"
    read -r count bytes <"$work/batches"
    ((count == 0)) || run_pool checking "$bytes" check_batch "$count"
    cat -- "$work"/have.* /dev/null 2>/dev/null >"$work/have" || true
    rm -f -- "$work"/check.* "$work"/have.*
}

check_batch() {
    local rows=$work/check.$1 number offset size sha256 block path
    cd -P -- "$root"
    awk -F '\t' '$1 == "whole" { print $11 }' "$rows" | hash_files >"$work/hashes.$1"
    awk -F '\t' '
        NR == FNR { hash[substr($0, 69)] = substr($0, 1, 64); next }
        $1 == "whole" && hash[$11] == $5 { print $2 }' "$work/hashes.$1" "$rows" >"$work/have.$1"
    awk -F '\t' -v OFS='\t' '$1 == "part" { print $2, $3, $4, $5, $8, $11 }' "$rows" >"$work/parts.$1"
    while IFS=$'\t' read -r number offset size sha256 block path; do
        [ "$(read_range "$path" "$offset" "$size" "$block" | hash_of)" != "$sha256" ] || printf '%s\n' "$number" >>"$work/have.$1"
    done <"$work/parts.$1"
    awk -F '\t' '{ sum += $4 } END { printf "%.0f\n", sum }' "$rows" >>"$work/done.$BASHPID"
    rm -f -- "$work/hashes.$1" "$work/parts.$1"
}

# read_range FILE OFFSET SIZE BLOCK: BLOCK divides OFFSET.
read_range() {
    if (($2 == 0)); then
        head -c "$3" -- "$1"
    else
        { dd if="./$1" bs="$4" skip=$(($2 / $4)) count=$((($3 + $4 - 1) / $4)) 2>/dev/null || true; } | head -c "$3"
    fi
}

# Sets: needed_bytes, kept_bytes, growth, and the rows in $work/needed; what is on its way to its place at a time needs
# room too: largest_part for one chunk of it, all_parts for all; exact, if there is nothing to do.
needed_bytes=0 kept_bytes=0 growth=0 largest_part=0 all_parts=0 needed_chunks=0 exact=0

compare() {
    local different
    rm -f -- "$work/needed"
    awk -F '\t' -v out="$work" '
        FILENAME ~ /\/have$/ { have[$1] = 1; next }
        FILENAME ~ /\/existing$/ { there[$3] = $1; names[$3] = $2; next }
        FILENAME ~ /\/files$/ {
            size = $4 in there ? there[$4] : 0
            if (!($4 in there) || size != $1) different++
            if ($1 > size) growth += $1 - size
            if ($3 != $4) seal[$3] = 1
            else if (names[$4] > 1) { linked[$4] = size; if (size > $1) changed[$4] = 1 }
            next
        }
        {
            if (!($1 in have)) { different++; missing += $3 }
            if ($1 in have && !($10 in seal)) { kept += $3; next }
            print > (out "/needed")
            chunks++; bytes += $5; changed[$10] = 1
            part = ($8 > 1 ? $3 : 0) + ($6 != "-" ? $5 : 0)
            parts += part
            if (part > largest) largest = part
        }
        END {
            # Whoever else has the file keeps it as it is.
            for (path in linked) if (path in changed) growth += linked[path]
            printf "%.0f %.0f %.0f %.0f %.0f %d %d\n", bytes, kept, growth, largest, parts, chunks, different
        }' "$work/have" "$work/existing" "$work/files" "$work/todo" >"$work/comparison"
    read -r needed_bytes kept_bytes growth largest_part all_parts needed_chunks different <"$work/comparison"
    [ -e "$work/needed" ] || : >"$work/needed"
    exact=0
    if ((different == 0 && !fresh && !begun)) && [ ! -s "$work/extra-files" ] && [ ! -s "$work/extra-dirs" ] && [ ! -s "$work/missing-dirs" ]; then
        exact=1
    fi
}

batch_room=$MOST_BATCH

# require_room BYTES FILES: space for what is added to the target, and for what is on its way at a time: at least a chunk for
# each transfer, and more, which saves connections, if there is more.
require_room() {
    local least=$((parallel * largest_part)) most=$((parallel * MOST_BATCH)) left
    ((least <= all_parts)) || least=$all_parts
    ((most <= all_parts)) || most=$all_parts
    # What a killed run had fetched takes its room already.
    left=$({ find "$root/$OWN/parts" -type f -exec stat "${stat_format[@]}" {} + 2>/dev/null || true; } | awk '{ sum += $3 } END { printf "%.0f", sum }')
    require_space "$target" $(($1 + (least > left ? least - left : 0))) "$2"
    batch_room=$largest_part
    (($1 + most > free_bytes)) || batch_room=$MOST_BATCH
    require_size_of_files
}

require_size_of_files() {
    local limit largest
    limit=$(ulimit -f)
    [ "$limit" != unlimited ] || return 0
    largest=$(awk -F '\t' '$1 > largest { largest = $1 } END { printf "%.0f", largest }' "$work/files")
    ((largest / 1024 < limit)) || die $EXIT_REFUSED "a file of the snapshot has $largest bytes, and here none may have more than $((limit * 1024))" \
        "ulimit -f unlimited; nothing was written"
}

# In place, before anything is changed: every directory that gets or loses a name, every file that is written into.
require_writable() {
    local name
    : >"$work/unwritable"
    awk -F '\t' '
        BEGIN { print "." }
        FILENAME ~ /\/existing$/ { there[$3] = 1; next }
        FILENAME ~ /\/needed$/ { if ($8 > 1 && $10 in there && !($10 in seen)) { seen[$10] = 1; print $10 }; next }
        { print $1 }' "$work/existing" "$work/needed" "$work/parents" "$work/dirs" "$work/extra-dirs" >"$work/written"
    (cd -P -- "$root" && each_line "$work/written" sh -c 'for name do [ ! -e "$name" ] || [ -w "$name" ] || printf "%s\n" "$name"; done' sh) >"$work/unwritable"
    name=$(head -n 1 -- "$work/unwritable")
    [ -z "$name" ] || die $EXIT_REFUSED "$root/${name#./} may not be written to by this user" \
        "run as the user whom the database belongs to, or as root; nothing was written"
}

# ---------------------------------------------------------------------------------------------------------------------
# Restoring

restore() {
    if ((fresh)); then
        build
    else
        replace_in_place
    fi
}

# Our directory in the tree, in which nothing may be but our own plain files.
make_own_directory() {
    [ -L "$OWN" ] || [ -d "$OWN" ] || local_step "making $root/$OWN" mkdir -- "$OWN"
    require_own_directory
}

require_own_directory() {
    [ -z "$(find "./$OWN" ! -type f ! -type d | head -n 1)" ] || die $EXIT_REFUSED \
        "$root/$OWN is a link, or has one in it" "links are never followed; look at what it is and remove it"
}

# flush PATH: returns when the file system of PATH has everything on the disk, and fails if it says that it has not;
# where sync(1) cannot be told which, all have, as far as it knows.
flush() {
    if ((syncs_systems)) && [ -r "$1" ]; then sync -f -- "$1"; else sync; fi
}

# What may have been written, name by name, when all of it is on the disk: before Linux 5.8 a file system keeps it to
# itself that it could not write something, and only the file tells.
flush_files() {
    local count
    ((syncs_files)) || return 0
    rm -f -- "$work"/sync.*
    awk -F '\t' -v all=$((fresh || begun)) -v out="$work" '
        FILENAME ~ /\/needed$/ { changed[$10] = 1; next }
        FILENAME ~ /\/cut-off$/ { changed[$2] = 1; next }
        FILENAME ~ /\/files$/ { if (!all && !($3 in changed)) next }
        rows++ % 500 == 0 { if (batch) close(out "/sync." batch); batch++ }
        { print (FILENAME ~ /\/files$/ ? $3 : $1) > (out "/sync." batch) }
        END { print batch + 0 }' "$work/needed" "$work/cut-off" "$work/files" "$work/dirs" >"$work/batches"
    read -r count <"$work/batches"
    ((count == 0)) || run_pool syncing 0 flush_batch "$count"
}

flush_batch() {
    cd -P -- "$root"
    local_step "syncing $root" each_line "$work/sync.$1" sync --
}

mode_of() { # as chmod(1) takes it
    stat "${stat_format[@]}" "$1" | awk '{
        user = substr($1, 2, 3); group = substr($1, 5, 3); other = substr($1, 8, 3)
        gsub(/[^rwx]/, "", user); gsub(/[^rwx]/, "", group); gsub(/[^rwx]/, "", other)
        print "u=" user ",g=" group ",o=" other
    }'
}

# The tree grows beside the target, private, and gets its name when it is complete.
build() {
    local made=0 mode
    survey
    require_no_obstacle
    : >"$work/have"
    compare
    require_room $((total_bytes - $(awk '{ sum += $1 } END { printf "%.0f", sum }' "$work/existing"))) $((total_files + total_directories))
    if [ ! -d "$root" ]; then
        local_step "making $root" mkdir -m 700 -- "$root"
        local_step "syncing ${root%/*}/" flush "${root%/*}/"
        made=1
    fi
    cd -P -- "$root" || die_local "entering $root" ""
    make_own_directory
    lock_target
    if ((!made)); then
        survey
        require_no_obstacle
        cd -P -- "$root"
        # What a restore of another snapshot left here; the whole directory is ours.
        local_step "removing what is not in the snapshot" each_line "$work/extra-files" rm -f --
        local_step "removing what is not in the snapshot" each_line "$work/extra-dirs" rmdir --
        check_what_is_there
        compare
    fi
    write_all
    if [ -d "$target" ]; then mode=$(mode_of "$target"); else mode=$(mode_of "$OWN"); fi
    # Other clients' names, too: all that begin like ours are reserved for clients.
    rm -rf -- "./$OWN"*
    local_step "setting the mode of $root" chmod "$mode" .
    local_step "syncing $root" flush .
    cd /
    if [ -d "$target" ]; then
        rmdir -- "$target" 2>/dev/null || die $EXIT_FAILED "$target is no longer empty; the restored tree is complete in $root" \
            "look who writes there, empty it and start again"
    fi
    local_step "giving $root its name" mv -- "$root" "$target"
    local_step "syncing ${target%/*}/" flush "${target%/*}/"
}

# each_line FILE COMMAND...: runs the command with the lines of the file as last arguments, as names below `.`.
each_line() {
    local file=$1
    shift
    [ -s "$file" ] || return 0
    sed 's|^|./|' <"$file" | tr '\n' '\000' | xargs -0 -n 500 "$@"
}

replaced=

# From the first line that is written here on, no engine opens any of the stores until the last.
replace_in_place() {
    local seal
    require_unused
    hold_engine_locks
    require_no_restore_beside
    survey
    require_no_obstacle
    check_what_is_there
    compare
    if ((exact)); then
        if [ -d "$root/$OWN" ]; then remove_own_directory; fi
        return
    fi
    require_room "$growth" "$needed_chunks"
    cd -P -- "$root" || die_local "entering $root" ""
    require_writable
    make_own_directory
    lock_target
    local_step "writing $root/$MARKER" put "$MARKER" "caravan-restore-1 $database $snapshot $manifest_sha256"
    while IFS=$'\t' read -r _ seal; do
        case $seal in */*) local_step "making ${seal%/*}" mkdir -p -- "./${seal%/*}" ;; esac
        local_step "writing $root/$seal" put "$seal" "$INCOMPLETE_SEAL"
    done <"$work/seals"
    local_step "syncing $root" flush .
    require_unused # an engine may have been faster
    move_extras
    write_all
    remove_own_directory
}

put() {
    rm -f -- "./$OWN/new-file" && printf '%s\n' "$2" >"./$OWN/new-file" && mv -f -- "./$OWN/new-file" "./$1"
}

# `caravan fetch` locks a file beside a target while it looks at it.
require_no_restore_beside() {
    [ -f "$root.caravan-lock" ] || return 0
    list_locks
    find_holder "$root.caravan-lock"
    [ -z "$holder" ] || other_restore
}

# Moves out what the snapshot does not have: an engine would replay an old log. Nothing is deleted.
move_extras() {
    local parent time
    if [ -s "$work/extra-files" ]; then
        time=$(date -u +%Y%m%dT%H%M%SZ)
        replaced=$root.caravan-replaced-$time
        if [ ! -w "${root%/*}/" ] || [ "$(disk_of "$root")" != "$(disk_of "${root%/*}/")" ]; then
            replaced=$root/$OWN-replaced-$time
        fi
        [ ! -e "$replaced" ] || replaced=$replaced-$main_pid
        local_step "making $replaced" mkdir -m 700 -- "$replaced"
        sort -- "$work/extra-files" | awk -v out="$work" '
            { parent = "."; if (match($0, /\/[^\/]*$/)) parent = substr($0, 1, RSTART - 1) }
            parent != last || !n { if (n) close(out "/move." n); n++; print parent > (out "/move-to"); last = parent }
            { print > (out "/move." n) }'
        local number=0
        while IFS= read -r parent; do
            number=$((number + 1))
            local_step "making $replaced/$parent" mkdir -p -- "$replaced/$parent"
            local_step "moving files to $replaced" each_line "$work/move.$number" sh -c 'mv -f -- "$@" "$0"' "$replaced/$parent/"
        done <"$work/move-to"
    fi
    local_step "removing a directory that the snapshot does not have" each_line "$work/extra-dirs" rmdir --
    local_step "syncing $root" flush .
}

# Everything but the names of the seals, then, when that is on the disk, those, all together.
write_all() {
    local seal place
    prepare_places
    fetch_all
    local_step "syncing $root" flush .
    flush_files
    while IFS=$'\t' read -r place seal; do
        local_step "sealing $seal" mv -f -- "./$place" "./$seal"
    done <"$work/seals"
    local_step "syncing $root" flush .
}

# Directories, empty files, and files that are there and need something before chunks are written into them.
prepare_places() {
    local path size
    local_step "making $root/$OWN/parts" mkdir -p -- "./$OWN/parts"
    # What a killed run had fetched and not yet put into its place.
    parts_left=$(find "./$OWN/parts" -type f | head -n 1)
    local_step "making the directories of $root" each_line "$work/dirs" mkdir -p --
    awk -F '\t' -v out="$work" '
        FILENAME ~ /\/existing$/ { there[$3] = $1; names[$3] = $2; next }
        FILENAME ~ /\/needed$/ { needed[$10] = 1; next }
        {
            if ($3 != $4) { if ($1 == 0) print $3 > (out "/make-empty"); next }
            if (!($4 in there)) { if ($1 == 0) print $4 > (out "/make-empty"); next }
            changes = ($4 in needed) || there[$4] > $1
            if (!changes) next
            if ($2 <= 1 && ($4 in needed || $1 == 0)) { # written anew, so whoever else holds the old file keeps it
                print $4 > (out "/remove")
                if ($1 == 0) print $4 > (out "/make-empty")
                next
            }
            if (names[$4] > 1) print $4 > (out "/copy-apart")
            if (there[$4] > $1) print $1 "\t" $4 > (out "/cut-off")
        }' "$work/existing" "$work/needed" "$work/files"
    for path in remove make-empty copy-apart cut-off; do [ -e "$work/$path" ] || : >"$work/$path"; done
    local_step "removing old files" each_line "$work/remove" rm -f --
    while IFS= read -r path; do
        local_step "copying $root/$path" cp -- "./$path" "./$OWN/new-copy"
        local_step "copying $root/$path" mv -f -- "./$OWN/new-copy" "./$path"
    done <"$work/copy-apart"
    while IFS=$'\t' read -r size path; do
        local_step "cutting $root/$path" dd if=/dev/null of="./$path" bs=1 seek="$size" count=0
    done <"$work/cut-off"
    local_step "making files in $root" each_line "$work/make-empty" touch --
}

parts_left=

fetch_all() {
    local count
    rm -f -- "$work"/batch.*
    # Batches of a size that keeps all workers busy to the end, loses little if we are killed, and for which there is room.
    awk -F '\t' -v OFS='\t' -v out="$work" -v all="$needed_bytes" -v parallel="$parallel" -v largest="$MOST_BATCH" -v room="$batch_room" '
        BEGIN { most = all / parallel / 4; if (most > largest) most = largest; if (most < 4194304) most = 4194304 }
        {
            part = ($8 > 1 ? $3 : 0) + ($6 != "-" ? $5 : 0)
            if (!batch || rows >= 256 || bytes + $5 > most || (part && parts + part > room)) {
                if (batch) close(out "/batch." batch)
                batch++; rows = 0; bytes = 0; parts = 0
            }
            rows++; bytes += $5; parts += part
            print $0, 0, 0, 0 > (out "/batch." batch)
        }
        END { print batch + 0 }' "$work/needed" >"$work/batches"
    read -r count <"$work/batches"
    ((count == 0)) || run_pool fetching "$needed_bytes" fetch_batch "$count"
}

# In awk: where a row (of todo, with counts of damaged, absent and all attempts) is written to.
readonly AWK_ROW='
function dest() { return $8 > 1 || $6 != "-" ? ".caravan/parts/" $1 : $10 }
function key() { return "chunks/" substr($4, 1, 2) "/" $4 ($6 == "-" ? "" : ".zst") }
function url() { return base "/" key() ($11 >= 2 || $12 >= 2 ? "?caravan-retry=" $13 : "") }
'

fetch_batch() {
    local number=$1 rows=$work/batch.$1 attempt first=1 largest status message hint got=0
    cd -P -- "$root"
    [ -z "$parts_left" ] || first=0 # look before asking
    for ((attempt = first; ; attempt++)); do
        ((attempt <= 1)) || pause_before $attempt "$work/headers.$number"
        rm -f -- "$work/headers.$number" "$work/fatal.$number"
        largest=$(awk -F '\t' '$5 > most { most = $5 } END { print most }' "$rows")
        if ((attempt == 0)); then
            awk '{ print "-" }' "$rows" >"$work/results.$number"
        elif ((use_aria2c && attempt == 1)); then
            fetch_with_aria2c "$number" "$rows" "$largest"
        else
            awk -F '\t' -v base="$base" "$AWK_ROW"'{
                name = dest(); gsub(/"/, "\\\"", name)
                print "url = \"" url() "\"\noutput = \"./" name "\""
            }' "$rows" >"$work/config.$number"
            transfer "$work/config.$number" "$work/results.$number" "$largest" --dump-header "$work/headers.$number"
        fi
        unpack "$rows"
        awk -F '\t' "$AWK_ROW"'{ print dest() }' "$rows" >"$work/names.$number"
        hash_files <"$work/names.$number" >"$work/hashes.$number"
        look_at_files <"$work/names.$number" >"$work/looks.$number"
        sort_out "$number" "$rows"
        place_parts "$work/good.$number"
        got=$(awk -F '\t' '{ sum += $5 } END { printf "%.0f", sum }' "$work/good.$number")
        rm -f -- "$work/results.$number"
        printf '%s\n' "$got" >>"$work/done.$BASHPID"
        if [ -s "$work/fatal.$number" ]; then
            IFS=$'\t' read -r status message hint <"$work/fatal.$number"
            [ "$status" != LOCAL ] || die_local "writing $root/$message" "$(can_write "./$OWN")"
            die "$status" "$message" "$hint"
        fi
        [ -s "$work/bad.$number" ] || break
        rows=$work/rows.$number
        mv -f -- "$work/bad.$number" "$rows"
    done
    rm -f -- "$work"/*."$number"
}

# Several connections for each object; who cannot be told to follow no redirect is believed no more than anybody else.
fetch_with_aria2c() {
    local number=$1 rows=$2 largest=$3
    # aria2 drops spaces before a value, replaces ${HOME}, and writes a file beside: odd names are left to curl.
    awk -F '\t' -v base="$base" "$AWK_ROW"'{
        name = dest()
        if (name !~ /^[A-Za-z0-9.][A-Za-z0-9._\/-]*$/ || length(name) > 200) next
        print url() "\n  out=" name
        print name ".aria2" > control
    }' control="$work/control.$number" "$rows" >"$work/config.$number"
    : >"$work/results.$number"
    [ -s "$work/config.$number" ] || return 0
    (
        trap '' XFSZ
        ulimit -f $((largest / 1024 + 1024)) 2>/dev/null || true
        exec aria2c --no-conf=true --input-file="$work/config.$number" --dir=. --max-concurrent-downloads=2 --split=4 \
            --max-connection-per-server=4 --min-split-size=8M --file-allocation=none --allow-overwrite=true \
            --auto-file-renaming=false --max-tries=1 --connect-timeout=20 --timeout="$stall" --http-accept-gzip=false \
            --max-overall-download-limit="$((limit_rate / parallel))" ${ca_file:+--ca-certificate="$ca_file"} \
            --quiet=true --enable-dht=false --follow-torrent=false --follow-metalink=false >/dev/null 2>&1
    ) &
    child=$!
    wait "$child" || true
    child=
    # What it did not bring is asked for again, by curl, as if it had not been asked for.
    awk '{ print "-" }' "$rows" >"$work/results.$number"
    each_line "$work/control.$number" rm -f --
}

# Compressed chunks: the frame by its size and hash, then its content, no more than there should be.
unpack() {
    local part size stored stored_hash
    grep -qv '	-	' "$1" || return 0
    awk -F '\t' -v OFS='\t' "$AWK_ROW"'$6 != "-" { print dest(), $3, $5, $6 }' "$1" >"$1.packed"
    while IFS=$'\t' read -r part size stored stored_hash; do
        [ -f "$part" ] || continue
        if (($(wc -c <"$part") == stored)) && [ "$(hash_of <"$part")" = "$stored_hash" ] \
            && { zstd -d -c -q --memory=8388608 <"$part" 2>/dev/null || true; } | head -c $((size + 1)) >"$part.plain"; then
            mv -f -- "$part.plain" "$part"
        else
            rm -f -- "$part" "$part.plain"
        fi
    done <"$1.packed"
    rm -f -- "$1.packed"
}

# sort_out NUMBER ROWS: rows that are right now to good, those to ask for again to bad, with their counts; a failure
# that ends everything to fatal.
sort_out() {
    : >"$work/good.$1" && : >"$work/bad.$1"
    awk -F '\t' -v OFS='\t' -v base="$base" -v number="$1" -v out="$work" -v max="$MAX_ATTEMPTS" "$AWK_ROW$AWK_ANSWER"'
        FILENAME ~ /\/hashes\.[0-9]+$/ { hash[substr($0, 69)] = substr($0, 1, 64); next }
        FILENAME ~ /\/looks\.[0-9]+$/ { at = index($0, " ./"); split(substr($0, 1, at), column, " "); size[substr($0, at + 3)] = column[3]; next }
        FILENAME ~ /\/results\.[0-9]+$/ { n++; status[n] = $1; got[n] = $2; exit_[n] = $3; redirect[n] = $4; next }
        {
            row++
            is = hash[dest()]
            # The size too, at every place: a manifest may say a wrong one of a right hash.
            if (is == $4 && size[dest()] == $3 && ($6 != "-" || status[row] == 200 || status[row] == "-")) { print > (out "/good." number); next }
            if (status[row] == "-") { print > (out "/bad." number); next }
            reason = "does not match its name: the bytes hash to " (is == "" ? "nothing" : is) ", expected " $4
            if ($6 != "-") reason = "is not the compressed chunk that the manifest names, or cannot be decompressed to " $3 " bytes that hash to " $4
            judge(status[row] + 0, (row in exit_) ? exit_[row] : "-", got[row] + 0, $5 + 0, redirect[row])
            what = "GET " url()
            $13 = $13 + 1
            if (kind == "LOCAL") { print "LOCAL", dest(), "-" > (out "/fatal." number); exit }
            if (kind == "DAMAGED") $11 = $11 + 1
            if (kind == "ABSENT") $12 = $12 + 1
            tries = kind == "DAMAGED" ? $11 : kind == "ABSENT" ? $12 : $13
            if (tries >= attempts(kind) || $13 >= max) {
                print verdict(kind), what " " reason ($13 > 1 ? " (after " $13 " attempts)" : ""), hint > (out "/fatal." number)
                exit
            }
            print > (out "/bad." number)
        }' "$work/hashes.$1" "$work/looks.$1" "$work/results.$1" "$2"
}

# place_parts ROWS: chunks of longer files, and those that came compressed, to where they belong.
place_parts() {
    local part offset block parts place
    awk -F '\t' -v OFS='\t' "$AWK_ROW"'$8 > 1 || $6 != "-" { print dest(), $2, $7, $8, $10 }' "$1" >"$1.places"
    while IFS=$'\t' read -r part offset block parts place; do
        if ((parts == 1)); then
            local_step "writing $root/$place" mv -f -- "./$part" "./$place"
        else
            local_step "writing $root/$place" dd if="./$part" of="./$place" bs="$block" seek=$((offset / block)) conv=notrunc
            rm -f -- "./$part"
        fi
    done <"$1.places"
    rm -f -- "$1.places"
}

# Of our own; the mark of an incomplete restore last.
remove_own_directory() {
    cd -P -- "$root" || die_local "entering $root" ""
    require_own_directory
    find "./$OWN" -mindepth 1 -maxdepth 1 ! -name "${MARKER##*/}" -exec rm -rf -- {} +
    rm -f -- "./$MARKER"
    rmdir -- "./$OWN"
    local_step "syncing $root" flush .
}

# ---------------------------------------------------------------------------------------------------------------------
# Checking and planning, which change nothing

verify() {
    local shown faults=0
    [ -d "$target" ] || {
        [ ! -d "$target.caravan-incomplete" ] || die $EXIT_REFUSED "$target is not a directory" "a restore into it has not ended: run it again"
        die $EXIT_REFUSED "$target is not a directory" "check the path"
    }
    root=$target fresh=0
    [ ! -e "$root/$MARKER" ] || die $EXIT_REFUSED "$target is being restored: the restore has not ended" \
        "run the same restore again, it goes on where it was"
    survey
    check_what_is_there
    awk -F '\t' '
        FILENAME ~ /\/have$/ { have[$1] = 1; next }
        FILENAME ~ /\/existing$/ { there[$3] = $1; next }
        FILENAME ~ /\/obstacles$/ { print $0 " is a link, or neither file nor directory"; odd[$0] = 1; next }
        FILENAME ~ /\/extra-files$/ { print $0 " is not in the snapshot"; next }
        FILENAME ~ /\/extra-dirs$/ { print "directory " $0 " is not in the snapshot"; next }
        FILENAME ~ /\/missing-dirs$/ { print "directory " $0 " is missing"; next }
        FILENAME ~ /\/files$/ {
            if (!($4 in there)) { if (!($4 in odd)) print $4 " is missing" }
            else if (there[$4] != $1) print $4 " has " there[$4] " bytes instead of " $1
            next
        }
        !($1 in have) && $10 in there && there[$10] >= $2 + $3 {
            printf "%s differs from the snapshot in bytes %s to %.0f, expected %s\n", $10, $2, $2 + $3 - 1, $4
        }' "$work/have" "$work/existing" "$work/obstacles" "$work/extra-files" "$work/extra-dirs" "$work/missing-dirs" \
        "$work/files" "$work/published" >"$work/faults"
    faults=$(wc -l <"$work/faults")
    if ((faults > 0)); then
        head -n 20 -- "$work/faults" | tr -d '\001-\011\013-\037' >&2
        shown="listed above"
        ((faults <= 20)) || shown="the first 20 of them listed above"
        die $EXIT_DAMAGED "$target is not snapshot $snapshot of $database: $((faults)) fault$( ((faults == 1)) || echo s), $shown" \
            "restore the snapshot again: only what is damaged is fetched"
    fi
    say "$target is snapshot $snapshot of $database: $total_files files, $(shown "$total_bytes"), every byte is right"
}

plan() {
    survey
    require_no_obstacle
    check_what_is_there
    compare
    if ((exact)); then
        say "$target already is snapshot $snapshot of $database"
        return
    fi
    say "a restore into $target would fetch $(shown "$needed_bytes") in $needed_chunks chunks and keep $(shown "$kept_bytes")"
    if ((fresh)); then
        require_room "$growth" $((total_files + total_directories))
    else
        say "it would replace what is there; $(wc -l <"$work/extra-files" | tr -d ' ') files of the old database would be moved to $target.caravan-replaced-<time>"
        require_unused
        require_room "$growth" "$needed_chunks"
        require_writable
    fi
}

# ---------------------------------------------------------------------------------------------------------------------

finish() {
    local status=$?
    trap '' EXIT INT TERM HUP
    stop_workers
    [ -z "$watcher" ] || kill "$watcher" 2>/dev/null || true
    if [ -n "$failure" ] && [ -s "$failure" ]; then
        status=$(head -n 1 -- "$failure")
        tail -n +2 -- "$failure" >&2
    fi
    if [ -n "$work" ]; then
        ((stop_status == 0)) || sleep 1 # for the workers
        rm -rf -- "$work" 2>/dev/null || true
    fi
    exit "$status"
}

main() {
    local begin=$SECONDS
    parse_arguments "$@"
    check_tools
    umask "$(printf '%04o' $(($(umask) | 0022)))" # files 0644 and directories 0755, less what the user takes away
    trap finish EXIT
    trap 'stop 130' INT
    trap 'stop 143' TERM
    trap 'stop 129' HUP
    open_state
    load_keys
    prepare_curl
    watch_over </dev/null &
    watcher=$!
    find_snapshot
    locate_target
    fetch_lists
    read_list
    choose_target
    case $mode in
        verify) verify ;;
        plan) plan ;;
        restore)
            note begun
            restore
            note restored
            say_what_was_done $((SECONDS - begin)) ;;
    esac
}

say_what_was_done() {
    local took=$1
    ((quiet)) || [ ! -t 2 ] || printf '\r\033[K' >&2
    if ((!fresh && exact)); then
        say "$target already is snapshot $snapshot of $database: $total_files files, $(shown "$total_bytes") verified, nothing changed, $took s"
    else
        say "$target now is snapshot $snapshot of $database: $total_files files, $(shown "$total_bytes"); fetched $(shown "$needed_bytes"), kept $(shown "$kept_bytes"), $took s${replaced:+; what was in the way is in $replaced}"
    fi
}

# Not when a test reads the functions.
if [ "${BASH_SOURCE[0]}" = "$0" ]; then
    main "$@"
fi
