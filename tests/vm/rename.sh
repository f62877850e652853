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
is "$(values read pid tid comm bytes flags < "$out")" "$pid $tid before-name 10 -
$pid $tid after-name 20 -
$pid $pid cat 30 -
$pid $pid cat 0 eof" "each read has the name of its time"
is "$(values 'read: comm != "cat"' 'count(wait_ns > 19ms && wait_ns < 25ms)' < "$out")" 2 \
	"the thread's reads waited 20 ms"
is "$(values 'read: comm == "cat"' 'count(wait_ns < 45ms)' < "$out")" 2 \
	"nothing that the thread was in is the new program's"
is "$(values counters seen shown unmatched rejected < "$out")" "4 4 0 0" \
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
is "$(values counters unmatched rejected < "$out")" "0 0" \
	"a first thread that is killed in a read: nothing is out of joint"
iophase trace --json -- "$TMP/rename" vanish > "$out" 2> "$err"
is "$(values 'read: bytes > 0' bytes < "$out" | xargs)" "10 20 30" \
	"and no read is missing"

at_length || exit 0

iophase trace $QUICK --json -c after-name -- "$TMP/rename" > "$out" 2> "$err"
is "$(values read comm bytes < "$out")" "after-name 20" \
	"-c: only while it has that name"
is "$(values counters seen shown filtered < "$out")" "4 1 3" "the others are counted"
iophase trace $QUICK --json -d 60 -c after-name > "$out" 2> "$err" &
tracer=$!
wait_for "grep -q '\"start\"' $out"
"$TMP/rename"
sleep 0.2
kill -INT $tracer
wait $tracer
is "$(values read comm bytes < "$out")" "after-name 20" \
	"also of whoever comes"

# name, id, bytes: of all intervals
rows()
{
	values top comm tid bytes < "$out" | awk '{ bytes[$1 " " $2] += $3 }
		END { for (row in bytes) print row, bytes[row] }' | sort | xargs
}

iophase top $QUICK --json --by thread -i 1 -- "$TMP/rename" > "$out" 2> "$err"
read -r pid tid < "$TMP/ids"
is "$(rows)" "after-name $tid 30 cat $pid 30" \
	"rows of threads: present names, and none has both"
iophase top $QUICK --json -i 1 -- "$TMP/rename" > "$out" 2> "$err"
read -r pid tid < "$TMP/ids"
is "$(values top pid comm < "$out" | tail -n 1)" "$pid cat" \
	"a process that execs bears its present name"
