#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# A thread that renames itself and then execs: its id becomes its process's, its name
# changes twice, and nothing is left of what it was.
# vm: kernel=6.1 cpus=1 icount=1
# vm: kernel=6.12 cpus=1 icount=1
# vm: kernel=6.1 cpus=1 icount=1 backend=kprobe
# shellcheck disable=SC2086 # QUICK is words
. "$(dirname "$0")/lib.sh"

out=$TMP/out err=$TMP/err

# The second thread reads 10 bytes as "before-name", 20 as "after-name", then execs cat
# with the socket as standard input, which reads 30 and the end. "vanish": the first
# thread reads, too, another socket, and is killed there by the exec.
cat > "$TMP/rename.py" <<'PY'
import ctypes, os, socket, sys, threading, time
prctl = ctypes.CDLL(None).prctl
ours, theirs = socket.socketpair()
silent, other = socket.socketpair()
ready = os.pipe()
if not os.fork():
    ours.close()
    for n in (10, 20, 30):
        os.read(ready[0], 1)
        time.sleep(0.02)
        theirs.send(b"x" * n)
    time.sleep(0.02)
    os._exit(0)
theirs.close()
def second():
    with open(sys.argv[1], "w") as f:
        print(os.getpid(), threading.get_native_id(), file=f)
    prctl(15, b"before-name", 0, 0, 0)
    os.write(ready[1], b"x")
    ours.recv(64)
    prctl(15, b"after-name", 0, 0, 0)
    os.write(ready[1], b"x")
    ours.recv(64)
    os.dup2(ours.fileno(), 0)
    os.write(ready[1], b"x")
    os.execlp("cat", "cat")
t = threading.Thread(target=second)
t.start()
if len(sys.argv) > 2:
    silent.recv(64)
t.join()
PY
printf '#!/bin/sh\nexec python3 %s %s "$@" > /dev/null\n' "$TMP/rename.py" "$TMP/ids" \
	> "$TMP/rename"
chmod +x "$TMP/rename"

iophase trace --json -- "$TMP/rename" > "$out" 2> "$err"
read -r pid tid < "$TMP/ids"
is "$(jq -c 'select(.type == "read") | [.pid, .tid, .comm, .bytes, .flags]' "$out" |
	paste -sd ' ')" "[$pid,$tid,\"before-name\",10,[]] [$pid,$tid,\"after-name\",20,[]] \
[$pid,$pid,\"cat\",30,[]] [$pid,$pid,\"cat\",0,[\"eof\"]]" "each read has the name of its time"
is "$(jq -sc 'map(select(.type == "read"))[:2] |
	all(.wait_ns > 19000000 and .wait_ns < 25000000)' "$out")" true \
	"the thread's reads waited 20 ms"
is "$(jq -sc 'map(select(.type == "read"))[2:] | all(.wait_ns < 45000000)' "$out")" true \
	"nothing that the thread was in is the new program's"
is "$(tail -n 1 "$out" | jq -c '[.seen, .shown, .unmatched, .rejected]')" "[4,4,0,0]" \
	"four reads were seen"

cp build/tests/vm/map_usage "$TMP" 2> /dev/null
iophase trace --json -d 30 -c after-name > "$out" 2> "$err" &
tracer=$!
wait_for "grep -q '\"start\"' $out"
for _ in 1 2 3; do
	"$TMP/rename" vanish
done
if [ -x "$TMP/map_usage" ]; then
	held=$("$TMP/map_usage")
	[ "${held%% *}" -lt 3 ] && ok "no state is left of threads that are gone" ||
		not_ok "state is held of ${held%% *} threads"
fi
kill -INT $tracer
wait $tracer
is "$(tail -n 1 "$out" | jq -c '[.unmatched, .rejected]')" "[0,0]" \
	"a first thread that is killed in a read: nothing is out of joint"
iophase trace --json -- "$TMP/rename" vanish > "$out" 2> "$err"
is "$(jq -sc 'map(select(.type == "read" and .bytes > 0) | .bytes)' "$out")" "[10,20,30]" \
	"and no read is missing"

at_length || exit 0

iophase trace $QUICK --json -c after-name -- "$TMP/rename" > "$out" 2> "$err"
is "$(jq -c 'select(.type == "read") | [.comm, .bytes]' "$out")" '["after-name",20]' \
	"-c: only while it has that name"
is "$(tail -n 1 "$out" | jq -c '[.seen, .shown, .filtered]')" "[4,1,3]" "the others are counted"
iophase trace $QUICK --json -d 60 -c after-name > "$out" 2> "$err" &
tracer=$!
wait_for "grep -q '\"start\"' $out"
"$TMP/rename"
sleep 0.2
kill -INT $tracer
wait $tracer
is "$(jq -c 'select(.type == "read") | [.comm, .bytes]' "$out")" '["after-name",20]' \
	"also of whoever comes"

# name, id, bytes: of all intervals
rows()
{
	jq -rsc --arg key "$1" 'map(select(.type == "top")) | group_by([.comm, .[$key]]) |
		map([.[0].comm, .[0][$key], (map(.bytes) | add)])' "$out"
}

iophase top $QUICK --json --by thread -i 1 -- "$TMP/rename" > "$out" 2> "$err"
read -r pid tid < "$TMP/ids"
is "$(rows tid)" "[[\"after-name\",$tid,30],[\"cat\",$pid,30]]" \
	"rows of threads: present names, and none has both"
iophase top $QUICK --json -i 1 -- "$TMP/rename" > "$out" 2> "$err"
read -r pid tid < "$TMP/ids"
is "$(jq -rs 'map(select(.type == "top")) | last | [.pid, .comm] | tostring' "$out")" \
	"[$pid,\"cat\"]" "a process that execs bears its present name"
