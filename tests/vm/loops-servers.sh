#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# iophase loops and real servers: the channels of each process are the connections
# that its open files and /proc/net say it has.
# vm: kernel=6.1 cpus=1 icount=1
# vm: kernel=6.12 cpus=1 icount=1 full=1
# vm: kernel=7.x cpus=1 icount=1 full=1
# vm: kernel=6.1 cpus=1 icount=1 backend=kprobe full=1
. "$(dirname "$0")/lib.sh"

have redis-server && have nginx || {
	skip "there are no redis-server and nginx"
	exit
}

# The peers' ports of a process's TCP connections, by its open files.
connections_of() # PID
{
	local inodes

	inodes=$(find "/proc/$1/fd" -type l -printf '%l\n' | sed -n 's/^socket:\[\(.*\)]$/\1/p')
	awk -v inodes="$inodes" 'BEGIN { n = split(inodes, i, "\n")
			for (; n > 0; n--) ours[i[n]] }
		$4 == "01" && $10 in ours { print substr($3, index($3, ":") + 1) }' \
		/proc/net/tcp | while read -r port; do echo $((16#$port)); done | sort -n
}

# The same of its channels, in the last interval.
channels_of() # FILE PID
{
	local of="channel: pid == $2 && proto == \"tcp\""

	values "$of && ts_ns == $(values "$of" 'max(ts_ns)' < "$1")" peer < "$1" |
		sed 's/.*://' | sort -n
}

last_of() # FILE PID KEY
{
	values "loop: pid == $2" "$3" < "$1" | tail -n 1
}

connect() # PORT: keeps a connection, and says its descriptor
{
	local fd

	exec {fd}<> "/dev/tcp/127.0.0.1/$1"
	fds+=("$fd")
}
fds=()

redis-server --port 6399 --bind 127.0.0.1 --save '' --dir "$TMP" > /dev/null &
redis=$!
nginx_conf
nginx -c "$TMP/nginx.conf" &
nginx=$!
wait_for "redis-cli -p 6399 ping > /dev/null 2>&1"
wait_for "[ \$(pgrep -c -P $nginx) = 2 ]"
workers=$(pgrep -P $nginx)

# Nobody has come back from waiting so far; their parent has the same sockets open.
iophase loops --json -n 1 -i 0.2 -c nginx -o "$TMP/idle" 2> "$TMP/err"
is "$(values loop pid < "$TMP/idle" | sort -n | xargs)" \
	"$(sort -n <<< "$workers" | xargs)" "nginx: each worker has a loop, and nobody else"

# Three connections from before iophase, three more while it runs.
for _ in 1 2 3; do
	connect 6399
	connect 8099
done
iophase loops --json --channels -i 1 -p $redis -f -p $nginx -o "$TMP/out" 2> "$TMP/err" &
iophase=$!
wait_for "grep -q start $TMP/out"
for _ in 1 2 3; do
	connect 6399
	connect 8099
done
# Redis closes a connection that speaks HTTP to it.
for ((i = 0; i < ${#fds[@]}; i += 2)); do
	printf 'PING\r\n' >&"${fds[i]}"
	printf 'GET /index.html HTTP/1.1\r\nHost: a\r\n\r\n' >&"${fds[i + 1]}"
done
wait_for "[ \$(grep -c '\"type\":\"loop\",.*\"pid\":$redis,' $TMP/out) -ge 2 ]"
seen=$(grep -c '"type":"loop"' "$TMP/out")
wait_for "[ \$(grep -c '\"type\":\"loop\"' $TMP/out) -ge $((seen + 6)) ]"
for pid in $redis $workers; do
	connections_of "$pid" > "$TMP/connections.$pid"
done
kill -INT $iophase
wait $iophase
# a second may be over before the first request comes
is "$? $(grep -v 'no reads so far' "$TMP/err")" "0 " "iophase has nothing to complain about"
for pid in $redis $workers; do
	is "$(channels_of "$TMP/out" "$pid")" "$(cat "$TMP/connections.$pid")" \
		"$(cat "/proc/$pid/comm") $pid: the channels are its connections"
	is "$(last_of "$TMP/out" "$pid" moved)" 0 "$pid: none has moved"
done
is "$(wc -l < "$TMP/connections.$redis")" 6 "redis has six of them"
is "$(for pid in $workers; do cat "$TMP/connections.$pid"; done | wc -l)" 6 "nginx has six, too"
is "$(last_of "$TMP/out" $redis role)" both "redis: one loop that accepts and reads"
kill $redis $nginx
wait $redis $nginx
