#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# top and hist, --by service: one row for whoever asks the same server, one for the port that is
# served, however many sockets and processes have a part in it.
# vm: kernel=6.1 cpus=1 icount=1
# vm: kernel=6.1 cpus=1 icount=1 backend=kprobe
# vm: kernel=6.1 cpus=1 icount=1 backend=tracepoint
# vm: kernel=7.x cpus=1 icount=1
. "$(dirname "$0")/lib.sh"

# Two clients with two connections each, to a server of one process; UDP likewise, but
# for one that takes from anybody. Each connection asks ten times.
cat > "$TMP/service.py" <<'PY'
import os, socket, threading
ASK, CONNECTIONS, CLIENTS = 10, 2, 2

def serve(c):
    while c.recv(64):
        c.send(b"y" * 32)

def tcp_server(l):
    for t in [threading.Thread(target=serve, args=(l.accept()[0],))
              for _ in range(CLIENTS * CONNECTIONS)]:
        t.start()

def udp_server(u):
    for _ in range(CLIENTS * ASK):
        data, who = u.recvfrom(64)
        u.sendto(data, who)

def ask(s):
    s.send(b"x" * 16)
    s.recv(64)

def client():
    tcp = [socket.create_connection(("127.0.0.1", 5432)) for _ in range(CONNECTIONS)]
    udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    udp.connect(("127.0.0.1", 5353))
    for _ in range(ASK):
        for s in tcp + [udp]:
            ask(s)
    a, b = socket.socketpair()
    a.send(b"z")
    b.recv(1)
    os._exit(0)

l = socket.create_server(("127.0.0.1", 5432), backlog=8)
u = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
u.bind(("0.0.0.0", 5353))
for f, s in (tcp_server, l), (udp_server, u):
    threading.Thread(target=f, args=(s,)).start()
for _ in range(CLIENTS):
    if not os.fork():
        client()
PY

# Python 3.12 and later have something to say of fork().
export PYTHONWARNINGS=ignore
iophase top --json --by service -i 600 -- python3 "$TMP/service.py" > "$TMP/out" 2> "$TMP/err"
is "$? $(cat "$TMP/err")" "0 " "traced to the end"

# Rows, reads with data, and bytes of a service.
of() # SERVICE ROLE PROTO
{
	values "top: service == \"$1\" && role == \"$2\" && proto == \"$3\"" \
		'count(1)' 'sum(reads - eof)' 'sum(bytes)' < "$TMP/out"
}
is "$(of 127.0.0.1:5432 client tcp)" "1 40 1280" "four connections to one server are a row"
is "$(of :5432 server tcp)" "1 40 640" "so is what it serves"
# Before 6.3 tracepoints know the addresses of TCP alone.
if [ "${BACKEND:-}" != tracepoint ]; then
	is "$(of 127.0.0.1:5353 client udp)" "1 20 320" "UDP that is connected"
	is "$(of :5353 server udp)" "1 20 320" "UDP that takes from anybody"
	is "$(values 'top: proto == "unix"' reads service role < "$TMP/out")" "2 null null" \
		"what has no address is a row by its protocol"
fi
is "$(grep -cE '"type":"top".*"(pid|fd)":' "$TMP/out")" 0 "a row is nobody's alone"
is "$(values top 'sum(reads)' < "$TMP/out")" "$(values counters seen < "$TMP/out")" \
	"each read is in one"

if at_length; then
	iophase top --json --by service -i 600 --port 5432 -- python3 "$TMP/service.py" > "$TMP/out"
	is "$(values top service < "$TMP/out" | sort | xargs)" "127.0.0.1:5432 :5432" \
		"filters go by the sockets' own ends"
	# Its histogram: how long do we wait for that server?
	iophase hist --json --by service --proto tcp -- python3 "$TMP/service.py" > "$TMP/out"
	is "$(jq -sc 'map(select(.type == "hist" and .phase == "wait")) |
		map([.service, .role, .proto, .reads - .eof,
			(.buckets | map(.[-1]) | add) == .timed]) | sort' "$TMP/out")" \
		'[["127.0.0.1:5432","client","tcp",40,true],[":5432","server","tcp",40,true]]' \
		"hist has each by itself"
fi

# Within one process: its own connections alone, not those of others to the same server.
cat > "$TMP/two.py" <<'PY'
import os, socket, sys, time
l = socket.create_server(("127.0.0.1", 5433), backlog=8)
pids = []
go, start = os.pipe()
for asks in 5, 7:
    pid = os.fork()
    if not pid:
        s = socket.create_connection(("127.0.0.1", 5433))
        os.read(go, 1)
        for _ in range(asks):
            s.recv(32)
        time.sleep(600)
    pids.append(pid)
    c, _ = l.accept()
    pids.append(c)
print(pids[0], flush=True)
sys.stdin.readline()
os.write(start, b"..")
for _ in range(7):
    for c in pids[1::2]:
        c.send(b"y" * 32)
    time.sleep(0.05)
for pid in pids[::2]:
    os.kill(pid, 9)
PY
mkfifo "$TMP/go"
python3 "$TMP/two.py" < "$TMP/go" > "$TMP/pid" &
exec 3> "$TMP/go"
wait_for "[ -s $TMP/pid ]"
iophase top --json --by service -i 600 -p "$(cat "$TMP/pid")" > "$TMP/out" 2> "$TMP/err" 3>&- &
tracer=$!
wait_for "grep -q '\"type\":\"start\"' $TMP/out" || sleep 5
echo >&3
exec 3>&-
wait $tracer
is "$(of 127.0.0.1:5433 client tcp)" "1 5 160" "-p: what that process has asked"
is "$(values top 'count(1)' < "$TMP/out")" 1 "-p: and nobody else"
