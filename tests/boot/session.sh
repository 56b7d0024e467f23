# Functions for scripted sessions on a guest's serial console; sourced by the boot tests.
#
# A session is a program whose standard input is a FIFO and whose output is a file. session_expect waits
# for text behind what was matched before. Every check counts into $passed and $failed. A test that has more to
# end than the session defines session_cleanup.
#
# Every limit in seconds is meant for an idle machine; TEST_PATIENCE (default 10) times as long is waited, so that a
# busy host fails nothing. Wait for an event, never for a time in which it will have happened.
passed=0
failed=0
session_pid=
session_dir=

# patience SECONDS: the limit to wait for.
patience() {
    echo $(($1 * ${TEST_PATIENCE:-10}))
}

# within SECONDS COMMAND...: the command, ended with status 124 after that limit.
within() {
    timeout "$(patience "$1")" "${@:2}"
}

# eventually SECONDS COMMAND...: until the command succeeds; 1 after that limit.
eventually() {
    local deadline=$((SECONDS + $(patience "$1")))
    shift
    until "$@"; do
        [ $SECONDS -lt $deadline ] || return 1
        sleep 0.1
    done
}

# $1: name of the test's folder under build/boot; the rest: the command.
session_start() {
    session_dir=build/boot/$1
    shift
    rm -rf "$session_dir"
    mkdir -p "$session_dir"
    mkfifo "$session_dir/in"
    : >"$session_dir/out"
    exec 7<>"$session_dir/in"
    "$@" <"$session_dir/in" >"$session_dir/out" 2>"$session_dir/err" 7>&- &
    session_pid=$!
    session_mark=0
    trap session_end EXIT
}

session_cleanup() { :; }

session_end() {
    session_kill
    session_cleanup
}

session_kill() {
    if [ -n "$session_pid" ]; then
        kill "$session_pid" 2>/dev/null
        wait "$session_pid" 2>/dev/null
        session_pid=
    fi
    exec 7>&-
}

session_send() {
    printf '%b' "$1" >&7
}

# Waits at most $1 seconds for the fixed text $2. 0 when it came.
session_wait_text() {
    local deadline=$((SECONDS + $(patience "$1"))) at last=0 pause=0.05 text=${2//$'\n'/$'\t'}
    while :; do
        kill -0 "$session_pid" 2>/dev/null || last=1
        # grep matches lines: newlines are made tabs, on both sides.
        at=$(tail -c +$((session_mark + 1)) "$session_dir/out" | tr '\n' '\t' |
            grep -abo -F -- "$text" | head -n 1 | cut -d : -f 1)
        if [ -n "$at" ]; then
            session_mark=$((session_mark + at + ${#2}))
            return 0
        fi
        [ $last = 1 ] && return 1
        [ $SECONDS -ge $deadline ] && return 1
        sleep $pause
        pause=0.3
    done
}

ok() {
    passed=$((passed + 1))
}

bad() {
    failed=$((failed + 1))
    echo "FAIL $test_name: $*"
}

# A check: $1 seconds, $2 text, $3 what it proves.
session_expect() {
    if session_wait_text "$1" "$2"; then
        ok
    else
        bad "$3: no \"$2\" (last lines: $(tail -c 200 "$session_dir/out" | tr -c '[:print:]' ' '))"
        return 1
    fi
}

# session_ask SECONDS PROMPT COMMAND TEXT: what a shell answers has the text, when the prompt is back. A command that fails
# fails the check at once.
session_ask() {
    local from=$session_mark said
    session_send "$3\r"
    if session_wait_text "$1" "$2"; then
        said=$(head -c "$session_mark" "$session_dir/out" | tail -c +$((from + 1)) | tr -cd '[:print:]\n')
        if grep -qF -- "$4" <<<"$said"; then
            ok
            return
        fi
        bad "$3: no \"$4\" but $(tail -n +2 <<<"$said" | tr '\n' ' ')"
    else
        bad "$3: no prompt behind it (last lines: $(tail -c 200 "$session_dir/out" | tr -c '[:print:]' ' '))"
    fi
    return 1
}

# session_monitor SOCKET COMMAND...: to a monitor, until it has done the last one.
session_monitor() {
    python3 - "$@" <<'END'
import socket, sys
hmp = socket.socket(socket.AF_UNIX)
hmp.connect(sys.argv[1])
for line in [*sys.argv[2:], "info status"]:
    hmp.sendall(line.encode() + b"\n")
said = b""
while b"VM status" not in said:
    more = hmp.recv(4096)
    if not more:
        sys.exit("the monitor has ended")
    said += more
END
}

# Demands that the program ends by itself within $1 seconds with status $2.
session_expect_exit() {
    local deadline=$((SECONDS + $(patience "$1"))) status
    while kill -0 "$session_pid" 2>/dev/null; do
        if [ $SECONDS -ge $deadline ]; then
            bad "still running $(patience "$1") s after it should have ended"
            session_kill
            return 1
        fi
        sleep 0.05
    done
    wait "$session_pid"
    status=$?
    session_pid=
    if [ $status -eq "$2" ]; then
        ok
    else
        bad "exit status $status, expected $2: $(head -n 1 "$session_dir/err")"
    fi
}

# The last line of every test.
finish() {
    echo "$passed passed, $failed failed"
    [ "$failed" -eq 0 ]
    exit
}
