#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# Reads of servers in which one thread waits and another reads, a Java pool and Caddy
# (net/http of Go), beside a bpftrace script that joins wait calls and reads by socket.
# vm: kernel=6.1 cpus=1 icount=1
# vm: kernel=6.1 cpus=2 full=1
. "$(dirname "$0")/lib.sh"

have bpftrace && have caddy && [ -x /usr/lib/jvm/default-java/bin/javac ] || {
	skip "there is no bpftrace, no Caddy or no Java"
	exit
}
# The hooks of each lie inside the other's. Where two CPUs are emulated a thread may have
# to wait between them, and a read in ten may differ.
within=2000 may_differ=10 # µs, %
[ "$(nproc)" != 1 ] || within=100 may_differ=0

# Four connections, ten rounds of a request on each of them.
cat > "$TMP/ask" <<'ASK'
for _ in $(seq 100); do
	(: < /dev/tcp/127.0.0.1/9096) 2> /dev/null && break
	sleep 0.1
done
for _ in 1 2 3 4; do
	exec {fd}<> /dev/tcp/127.0.0.1/9096
	fds+=("$fd")
done
for _ in $(seq 10); do
	for fd in "${fds[@]}"; do
		printf 'GET / HTTP/1.1\r\nHost: a\r\n\r\n' >&"$fd"
	done
	for fd in "${fds[@]}"; do
		while IFS= read -r -u "$fd" line && [ "$line" != $'\r' ]; do :; done
		read -r -N 5 -u "$fd" body
		echo "$body"
	done
	sleep 0.1
done
ASK
cat > "$TMP/servers" <<SERVERS
tools/lab/netty/run Pool 12 > $TMP/pool
GOMAXPROCS=4 caddy respond --listen 127.0.0.1:9096 --body hello > /dev/null 2>&1 &
bash $TMP/ask > $TMP/caddy
kill \$!
wait \$!
true
SERVERS
tools/lab/netty/run Pool 1 > /dev/null
echo "iophase trace --json -o $TMP/trace -- sh $TMP/servers 2> $TMP/err" > "$TMP/both"
bpftrace -o "$TMP/theirs" -c "/bin/sh $TMP/both" "$(dirname "$0")/handoff.bt" \
	> "$TMP/bt.err" 2>&1
is "$(cat "$TMP/pool") $(grep -c hello "$TMP/caddy")" "48 40" \
	"the servers have answered each request"
is "$(values counters lost rejected unmatched < "$TMP/trace")" "0 0 0" \
	"nothing is lost, rejected or unmatched"

# Reads of data, of one program, that differ from bpftrace's of the same thread.
differing() # NAME
{
	awk -v name="$1" -v within=$within '
		FNR == NR { if (NF == 5) theirs[$2, ++n[$2]] = $3 " " $4 " " $5; next }
		index($6, name) == 1 && $2 > 0 {
			split(theirs[$1, ++m[$1]], t)
			d = int($3 / 1000) - t[3]
			handed = t[2] && t[2] != $1
			if ($2 != t[1] || ($5 ~ /handoff/) != handed || d > within || d < -within)
				print $1, $2, $3, $4, $5, "not", t[1], t[2], t[3]
		}' <(sort -n "$TMP/theirs") \
		<(values read tid bytes wait_ns model flags comm < "$TMP/trace")
}

reads_of() # NAME CONDITION
{
	values read comm bytes model flags wait_ns < "$TMP/trace" |
		awk -v name="$1" "index(\$1, name) == 1 && \$2 > 0 && ($2)" | wc -l
}

agrees() # NAME DESCRIPTION
{
	local found

	found=$(differing "$1")
	if [ $((100 * $(grep -c . <<< "$found"))) -le $((may_differ * $(reads_of "$1" 1))) ]; then
		ok "$2"
	else
		not_ok "$2: but for $found"
	fi
}

is "$(reads_of pool- '$3 == "multiplexed" && $4 ~ /handoff/')" 48 \
	"pool: each request was handed to the thread that read it"
is "$(($(reads_of pool- '$5 > 20000000') >= 24))" 1 \
	"pool: and most were waited for, in the client's pause"
agrees pool- "pool: who waited and for how long is what bpftrace says"
is "$(($(reads_of caddy 1) >= 40))" 1 "caddy: reads its requests"
[ "$(nproc)" = 1 ] || is "$(($(reads_of caddy '$4 ~ /handoff/') > 0))" 1 \
	"caddy: some were handed over"
agrees caddy "caddy: who waited and for how long is what bpftrace says"
