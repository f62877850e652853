#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# Whose reads are shown: processes, threads, names, patterns, children; and what is
# said when nobody's are.
# vm: kernel=6.1 cpus=1 icount=1
# vm: kernel=6.12 cpus=1 icount=1
# vm: kernel=6.1 cpus=1 icount=1 backend=kprobe
# shellcheck disable=SC2086 # $quick is words
. "$(dirname "$0")/lib.sh"

out=$TMP/out err=$TMP/err

# Readers bear the names of their files, as far as the kernel keeps them.
for name in nioEventLoop-1 nioEventLoop-2 other late-comer a-name-that-is-too-long; do
	cp "$(command -v iophase-lab)" "$TMP/$name"
done

pids=()
reader() # NAME: reads every 60 ms; its process is $pid
{
	"$TMP/$1" blocking --delay 60 --count 100000 > /dev/null 2>&1 &
	pid=$!
	pids+=("$pid")
}

# A process whose first thread does not read, but another one, of another name.
cat > "$TMP/threads.py" <<'PY'
import ctypes, os, socket, threading, time
prctl = ctypes.CDLL(None).prctl
def work():
    prctl(15, b"worker", 0, 0, 0)
    a, b = socket.socketpair()
    while True:
        b.send(b"x")
        a.recv(64)
        time.sleep(0.06)
prctl(15, b"chief", 0, 0, 0)
t = threading.Thread(target=work, daemon=True)
t.start()
print(t.native_id, flush=True)
t.join()
PY

# Which processes were seen, by name.
seen()
{
	values read comm < "$out" | sort -u | paste -sd ' '
}

quick=
trace() # OPTIONS...
{
	iophase trace --json $quick -d 1.5 "$@" > "$out" 2> "$err"
}

top() # OPTIONS...
{
	iophase top $quick "$@" > "$out" 2> "$err"
}

reader nioEventLoop-1
one=$pid
reader nioEventLoop-2
two=$pid
reader other
other=$pid
python3 "$TMP/threads.py" > "$TMP/tid" &
chief=$!
pids+=("$chief")
wait_for "[ -s $TMP/tid ]"
worker=$(cat "$TMP/tid")
sleep 1

# --- with each backend -------------------------------------------------------------

trace -p $two -p $chief -c 'w*'
is "$(seen)" "worker" "-c narrows -p"
is "$(values counters 'filtered > 0' 'seen == shown + filtered' < "$out")" "1 1" \
	"and what it leaves out is counted"

iophase trace --json -c 'late*' -d 60 > "$out" 2> "$err" &
tracer=$!
wait_for "grep -q '\"start\"' $out"
reader late-comer
wait_for "grep -q late-comer $out"
kill -INT $tracer
wait $tracer
is "$(seen)" "late-comer" "-c: who comes later"

cat > "$TMP/parent" <<PARENT
while :; do $TMP/other blocking --delay 60 --count 15 > /dev/null; done
PARENT
cp "$(command -v sh)" "$TMP/parent-sh"
"$TMP/parent-sh" "$TMP/parent" &
parent=$!
pids+=("$parent")
sleep 1
trace -p $parent -f -d 4
is "$(seen)" "other" "-f: its children"
is "$(($(values "read by pid" 'count(1)' < "$out" | wc -l) > 1))" 1 \
	"those there are and those to come"
# A thread of the kernel's, of another id, does what a ring's maker asks for. What is
# there already when that looks, as where the CPU is late, is a read of its own.
makers()
{
	seen | tr ' ' '\n' | grep -v '^iou-sqp-'
}

mkfifo "$TMP/go"
"$PROGRAMS/sqpoll" < "$TMP/go" > "$TMP/maker" &
pids+=($!)
exec 7> "$TMP/go"
wait_for "[ -s $TMP/maker ]"
maker=$(cat "$TMP/maker")
iophase trace --json -t "$maker" -d 60 > "$out" 2> "$err" &
tracer=$!
wait_for "grep -q '\"start\"' $out"
echo >&7
wait_for "grep -q '\"async\"' $out"
kill -INT $tracer
wait $tracer
is "$(makers)" "ring-maker" "-t: reads of a ring that the thread makes"
trace -t "$maker"
is "$(makers)" "ring-maker" "-t: reads of a ring that it has made"
trace -c ring-maker
is "$(makers)" "ring-maker" "-c: likewise"

at_length || {
	kill "${pids[@]}"
	pkill -x other
	exit 0
}
quick=$QUICK

# --- by id -------------------------------------------------------------------------

trace -p $one
is "$(seen)" "nioEventLoop-1" "-p: that process"
trace -p $one -p $other
is "$(seen)" "nioEventLoop-1 other" "-p repeats"
is "$(cat "$err")" "" "there are reads: nothing is said"
trace -p $one -t $one
is "$(seen)" "nioEventLoop-1" "-p and -t of one process: its reads"
trace -p $one -t "$worker"
is "$(seen)" "nioEventLoop-1 worker" "-p and -t are joined"
trace -t $chief
is "$(seen)" "" "-t of a first thread: not the others"
trace -p "$worker"
is "$?, $(cat "$err")" \
	"1, iophase: $worker is a thread of process $chief: -t $worker or -p $chief" \
	"-p of a thread says whose it is"

# --- by name ------------------------------------------------------------------------

trace -c nioEventLoop-1
is "$(seen)" "nioEventLoop-1" "-c: a name"
trace -c 'nioEvent*'
is "$(seen)" "nioEventLoop-1 nioEventLoop-2" "-c: a pattern"
trace -c '*-?' -c 'oth?r'
is "$(seen)" "nioEventLoop-1 nioEventLoop-2 other" "-c repeats"
trace -c chief
is "$(seen)" "worker" "-c: all threads of a process whose first has that name"
trace -c worker
is "$(seen)" "worker" "-c: a thread"
reader a-name-that-is-too-long
trace -c a-name-that-is-too-long
is "$(seen)" "a-name-that-is-" "-c: too long a name is cut"
grep -q "is cut to 'a-name-that-is-'" "$err" && ok "and says so" || not_ok "said: $(cat "$err")"

# --- children ------------------------------------------------------------------------

trace -p $parent
is "$(seen)" "" "-p without -f: not its children"
grep -q '^iophase: no reads so far; 1 children of -p are not traced: -f follows them$' "$err" &&
	ok "which is said" || not_ok "said: $(cat "$err")"
trace -f -c parent-sh -d 2
is "$(seen)" "other" "-f follows who bears the name"

# --- nobody ------------------------------------------------------------------------

trace -c nobody
grep -q '^iophase: no process or thread has such a name so far (-c)$' "$err" &&
	ok "-c that nobody has: it says so" || not_ok "said: $(cat "$err")"
sleep 100 &
pids+=("$!")
trace -p $!
grep -q '^iophase: no reads so far by what was asked for$' "$err" &&
	ok "no reads: it says so" || not_ok "said: $(cat "$err")"
quick='' trace -p $one --port 1
grep -q '^iophase: [0-9]* reads so far, none that was asked for$' "$err" &&
	ok "only others: it says so" || not_ok "said: $(cat "$err")"

# --- rows ------------------------------------------------------------------------------

top --json -p $chief -n 2
is "$(values top pid tid comm < "$out" | sort -u)" "$chief null chief" \
	"a process's row bears its name"
top --json --by thread -p $chief -n 2
is "$(values top pid tid comm < "$out" | sort -u)" "$chief $worker worker" \
	"a thread's row the thread's"

kill "${pids[@]}"
wait 2> /dev/null
pkill -x other

# --- sockets ----------------------------------------------------------------------------

cat > "$TMP/udp.py" <<'PY'
import socket
a = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
a.bind(("127.0.0.1", 5353))
b = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
for i in range(5):
    b.sendto(b"x", ("127.0.0.1", 5353))
    a.recv(64)
PY
sockets="$LAB blocking --count 20 --proto tcp; python3 $TMP/udp.py"
iophase top --by socket -- sh -c "$sockets" > "$out" 2> "$err"
grep -q ' FD PEER, LOCAL BELOW ' "$out" && ok "--by socket has the descriptor and both ends" ||
	not_ok "--by socket: $(cat "$out")"
is "$(grep -c '127\.0\.0\.1:[0-9]' "$out")" 3 "an end a line"
is "$(awk 'length > 80' "$out")" "" "and fits"
grep -q ' no peer ' "$out" && grep -q ' 127.0.0.1:5353' "$out" && ok "no peer: it says so" ||
	not_ok "no peer: $(cat "$out")"
iophase top --json --by socket -- sh -c "$sockets" > "$out" 2> "$err"
is "$(values 'top: proto == "tcp"' 'count(1) > 0' \
	'count(fd > 2 && local has "127.0.0.1:" && peer has "127.0.0.1:") == count(1)' \
	< "$out")" "1 1" "in JSON, too"
is "$(values 'top: proto == "udp"' local peer < "$out" | sort -u)" "127.0.0.1:5353 null" \
	"null in JSON"
