# Holds a node still, and lets it go on again whatever happens to Caravan.
#
# It runs in a session of its own and ignores every signal that can be ignored. Orders come on standard input, one a
# line; answers go to standard output. When the input ends, because Caravan let go of it or was killed, or when the
# longest pause is over, the node goes on: that is promised from before it is stopped, by the process that stops it.
#
#   longest SECONDS         how long the node may stand still
#   process PID START       freeze this process with SIGSTOP, if it still is the one that started at START
#   cgroup DIRECTORY        freeze this cgroup (version 2)
#   keeper PID START        holds the locks while the node is down; it and its process group are killed before a start
#   limit SECONDS           how long a command may take
#   stop COMMAND            how to stop the node
#   start COMMAND           how to start it
#   pause MILLISECONDS      before a start that failed is tried again; twice as long each time, up to a minute
#   hold                    stop or freeze     -> held | failed WHY
#   down                    the node has ended -> noted
#   release                 start or thaw      -> released | late | failed WHY
#
# "late": the longest pause was over before. "failed" after release: the start command did not succeed so far; it is
# tried again until it does. One start command runs at a time: whoever is to start the
# node waits for the timer, if that has begun to. It is then started once more, unless it was seen to have ended before:
# a slow stop may have ended the node that the timer started.
set -fu
trap '' HUP INT QUIT TERM PIPE USR2
longest= processes= cgroup= keeper= limit=60 stop= start= first=1000 timer= armed=0 ended=

# Caravan may be gone, and nobody hears it.
say() {
    { echo "$1"; } 2>/dev/null
}

note() {
    echo "$(date -u +%Y-%m-%dT%H:%M:%SZ) $1" >&2
}

# A process is known by its number and the time of its start, field 22: numbers are given again.
is_same() {
    wanted=$2
    line=
    { read -r line <"/proc/$1/stat"; } 2>/dev/null || return 1
    # Its name stands in parentheses and may hold anything.
    # shellcheck disable=SC2086 # the fields are words
    set -- ${line##*) }
    [ $# -ge 20 ] || return 1
    state=$1 threads=${18}
    shift 19
    [ "$1" = "$wanted" ]
}

# What a process held is free when its last thread has ended, also if nobody has asked for its status yet.
is_over() {
    is_same "$1" "$2" || return 0
    [ "$state" = Z ] && [ "$threads" -le 1 ]
}

# Caravan gives the locks back before it says "release". If it is dead or hangs, nobody else does.
free_locks() {
    [ -n "$keeper" ] || return 0
    is_over "${keeper%:*}" "${keeper#*:}" && return 0
    kill -KILL "-${keeper%:*}" 2>/dev/null
    waits=0
    until is_over "${keeper%:*}" "${keeper#*:}" || [ "$waits" -ge 100 ]; do
        waits=$((waits + 1))
        sleep 0.1
    done
    # The rest of its group was killed with it, and may need a moment more.
    sleep 0.1
}

signal() {
    for process in $processes; do
        is_same "${process%:*}" "${process#*:}" && kill "$1" "${process%:*}" 2>/dev/null || return 1
    done
}

# What a command prints goes nowhere: a node that it starts would keep the file.
run() {
    setsid timeout -k 5 "$limit" sh -c "$1" </dev/null >/dev/null 2>&1
}

# What the status of "run" means.
blame() {
    case $2 in
        124) why="the $1 command took longer than its limit of $limit s" ;;
        137) why="the $1 command was killed, by somebody or because it went on after its limit of $limit s" ;;
        *) why="the $1 command ended with status $2" ;;
    esac
}

# Hundredths of a second since this machine was started: no clock that somebody sets.
uptime() {
    read -r now rest </proc/uptime
    echo "${now%.*}${now#*.}"
}

hold() {
    if [ -n "$stop" ]; then
        run "$stop" || { blame stop $?; return 1; }
    fi
    if [ -n "$cgroup" ]; then
        { echo 1 >"$cgroup/cgroup.freeze"; } 2>/dev/null || { why="$cgroup cannot be frozen"; return 1; }
    fi
    signal -STOP || { why="a process to freeze is gone, or is not ours"; return 1; }
}

# Each part is tried, whatever came of the others.
thaw() {
    for process in $processes; do
        is_same "${process%:*}" "${process#*:}" && kill -CONT "${process%:*}" 2>/dev/null
    done
    if [ -n "$cgroup" ]; then
        { echo 0 >"$cgroup/cgroup.freeze"; } 2>/dev/null || note "$cgroup cannot be thawed"
    fi
}

# "$1" is called after the fourth failure, and may be called again after that.
bring_up() {
    [ -n "$start" ] || return 0
    free_locks
    tries=0
    pause=$first
    until run "$start"; do
        blame start $?
        tries=$((tries + 1))
        note "$why, attempt $tries"
        [ "$tries" -lt 4 ] || "$1"
        [ "$tries" -lt 1000 ] || return 1
        sleep "$(printf '%d.%03d' "$((pause / 1000))" "$((pause % 1000))")" </dev/null >/dev/null 2>&1 &
        # The timer is woken by the question what came of it.
        wait $! || { kill -KILL $! 2>/dev/null; [ "$tries" -lt 4 ] || "$1"; }
        pause=$((pause * 2))
        [ "$pause" -le 60000 ] || pause=60000
    done
    [ "$tries" -eq 0 ] || note "the start command succeeded"
}

nobody() {
    :
}

say_failed() {
    [ -z "$said" ] || return 0
    said=yes
    say "failed $why"
}

say_if_asked() {
    [ -z "$asked" ] || say_failed
}

# Acts once, at the end of the longest pause, unless it is told to stop first. Told so later, it goes on, and says if the
# start command keeps failing. Its status: 0 if it has let the node go on, 2 if it has said something before that, else
# others.
arm() {
    armed=$(uptime)
    (
        sleeping= asked= said=
        # It ignores what we ignore, so nothing less ends it.
        trap 'kill -KILL $sleeping 2>/dev/null; exit 1' USR1
        sleep "$longest" </dev/null >/dev/null 2>&1 &
        sleeping=$!
        wait $sleeping
        trap 'asked=yes' USR1
        thaw
        bring_up say_if_asked || exit 3
        note "the longest pause of $longest s was over: the node goes on"
        [ -z "$said" ] || exit 2
        exit 0
    ) </dev/null &
    timer=$!
}

# Returns when the timer does nothing any more, with its status.
disarm() {
    [ -n "$timer" ] || return 1
    kill -USR1 "$timer" 2>/dev/null
    { wait "$timer"; } 2>/dev/null
}

# Whether the node goes on by what the timer did, whose status is $1, and no stop can have ended it since.
is_going() {
    { [ "$1" -eq 0 ] || [ "$1" -eq 2 ]; } && [ -n "$ended" ] &&
        [ "$ended" -lt "$((armed + ${longest%.*} * 100))" ]
}

while read -r order rest; do
    case $order in
        longest) longest=$rest ;;
        process) processes="$processes ${rest% *}:${rest#* }" ;;
        cgroup) cgroup=$rest ;;
        keeper) keeper="${rest% *}:${rest#* }" ;;
        limit) limit=$rest ;;
        stop) stop=$rest ;;
        start) start=$rest ;;
        pause) first=$rest ;;
        hold)
            arm
            if hold; then
                say held
            else
                said=
                reason=$why
                thaw
                disarm
                [ $? -ne 2 ] || said=yes
                bring_up say_failed
                timer=
                [ -n "$said" ] || say "failed $reason"
            fi
            ;;
        down)
            ended=$(uptime)
            say noted
            ;;
        release)
            said=
            thaw
            disarm
            came=$?
            case $came in
                0) answer=late ;;
                2) said=yes ;;
                *) answer=released ;;
            esac
            is_going "$came" || bring_up say_failed
            timer=
            [ -n "$said" ] || say "$answer"
            ;;
    esac
done
if [ -n "$timer" ]; then
    thaw
    disarm
    is_going $? || bring_up nobody
    note "Caravan was gone: the node goes on"
fi
exit 0
