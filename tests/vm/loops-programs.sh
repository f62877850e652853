#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# iophase loops and what real programs know of themselves: each loop's channels are the
# connections in its epoll, and its time in turns is what Node, asyncio and Redis say.
# vm: kernel=6.1 cpus=1 icount=1 full=1
# vm: kernel=6.12 cpus=1 icount=1 full=1
# vm: kernel=7.x cpus=1 icount=1 full=1
# vm: kernel=6.1 cpus=1 icount=1 backend=kprobe full=1
. "$(dirname "$0")/lib.sh"

here=$(cd "$(dirname "$0")" && pwd)
for p in redis-server nginx haproxy memcached node python3 caddy wrk; do
	have $p || { skip "there is no $p"; exit; }
done

# Which connections a process waits for, by its epolls' lists: a line for each epoll
# that has some, their descriptors in order.
epolls_of() # PID
{
	local connected fds f

	connected=" $(awk '$4 == "01" { print $10 }' "/proc/$1/net/tcp"* | xargs) "
	for f in "/proc/$1/fdinfo"/*; do
		fds=
		for fd in $(awk '$1 == "tfd:" { print $2 }' "$f" | sort -n); do
			inode=$(readlink "/proc/$1/fd/$fd" | tr -dc '0-9')
			[[ $connected != *" $inode "* ]] || fds+="$fd "
		done
		[ -z "$fds" ] || echo "$fds"
	done | sort
}

# The same as iophase has it of each loop then: in the last interval that had ended.
loops_of() # PID
{
	awk -v pid="$1" -v when="$(cat "$TMP/when")" '$2 != pid || $1 / 1e9 > when { next }
		$1 != ts { delete fds; ts = $1 }
		{ fds[$3] = fds[$3] $4 " " }
		END { for (tid in fds) print fds[tid] }' "$TMP/channels" | sort
}

# Of those of its loops that have had sockets, likewise.
roles_of() # PID
{
	awk -v pid="$1" -v when="$(cat "$TMP/when")" '$2 != pid || $1 / 1e9 > when { next }
		$1 != ts { delete role; ts = $1 }
		{ role[$3] = $4 }
		END { for (tid in role) if (role[tid] != "idle") print role[tid] }' \
		"$TMP/loops" | sort | xargs
}

sum_of() # PID KEY-OF-LOOPS [TID]
{
	awk -v pid="$1" -v column="$2" -v tid="${3:-}" '$2 == pid && (tid == "" || $3 == tid) {
			n += $column }
		END { print n + 0 }' "$TMP/loops"
}
moved=5 turns=6 busy_ms=7 turn_max=8 # columns of $TMP/loops

nginx_conf reuseport
cat > "$TMP/haproxy.cfg" <<CONF
global
	nbthread 2
defaults
	mode tcp
	timeout connect 1h
	timeout client 1h
	timeout server 1h
listen all
	bind 127.0.0.1:8098
	server nginx 127.0.0.1:8099
CONF

# All that follows is iophase's PROGRAM, so that it sees each from its first turn on.
# A server's process is in $TMP/pid.NAME, its epolls are in $TMP/epolls.NAME.
serve() # NAME PORT COMMAND...
{
	local name=$1 port=$2

	shift 2
	"$@" > "$TMP/log.$name" 2>&1 &
	echo $! > "$TMP/pid.$name"
	servers+=("$name")
	wait_for "(: < /dev/tcp/127.0.0.1/$port) 2> /dev/null"
}

# Connections that stay, each with a request and an answer.
connect() # PORT REQUEST
{
	local fd

	for _ in 1 2 3 4 5 6; do
		exec {fd}<> "/dev/tcp/127.0.0.1/$1"
		printf "$2" >&"$fd"
		read -r -u "$fd" _
	done
	last=$fd
}

ask() # REQUEST: on the last of them
{
	local answer

	echo -n "$1" >&"$last"
	# Whom its answer wakes may run before the turn has ended that it counts so far.
	[ "$1" != '?' ] || sleep 0.1
	read -r -u "$last" answer
	echo "$answer"
}

run_servers()
{
	local name pid get='GET /index.html HTTP/1.1\r\nHost: a\r\n\r\n' servers=() last

	# the first whose epolls are looked at: it ends its connections after 30 s
	serve caddy 9096 env GOMAXPROCS=4 caddy respond --listen 127.0.0.1:9096 --body hello
	serve node 8101 node "$here/loops-node.js" 8101
	serve asyncio 8102 python3 "$here/loops-asyncio.py" 8102
	serve redis 6399 redis-server --port 6399 --bind 127.0.0.1 --save '' --dir "$TMP"
	serve io-threads 6398 redis-server --port 6398 --bind 127.0.0.1 --save '' \
		--dir "$TMP" --io-threads 3 --io-threads-do-reads yes
	serve memcached 11311 memcached -u root -l 127.0.0.1 -p 11311 -U 0 -t 2
	serve nginx 8099 nginx -c "$TMP/nginx.conf"
	serve haproxy 8098 haproxy -db -f "$TMP/haproxy.cfg"
	wait_for "[ \$(pgrep -c -P $(cat "$TMP/pid.nginx")) = 2 ]"
	for pid in $(pgrep -P "$(cat "$TMP/pid.nginx")"); do
		echo "$pid" > "$TMP/pid.nginx-$pid"
		servers+=("nginx-$pid")
	done
	redis-benchmark -p 6398 -c 50 -n 1000 -t ping > /dev/null
	wrk -t 1 -c 16 -d 1 http://127.0.0.1:9096/ > /dev/null

	connect 6399 'PING\r\n'
	connect 6398 'PING\r\n'
	connect 11311 'version\r\n'
	connect 8099 "$get"
	connect 8098 "$get"
	connect 8101 a
	for _ in $(seq 20); do
		ask a > /dev/null
	done
	ask '?' > "$TMP/said.node"
	connect 8102 a
	for _ in $(seq 20); do
		ask a > /dev/null
	done
	ask '?' > "$TMP/said.asyncio"
	redis-cli -p 6399 info stats | tr -d '\r' | grep '^eventloop' > "$TMP/said.redis"
	connect 9096 "$get"
	sleep 3
	cut -d ' ' -f 1 /proc/uptime > "$TMP/when"
	for name in "${servers[@]}"; do
		epolls_of "$(cat "$TMP/pid.$name")" > "$TMP/epolls.$name"
	done
	for name in "${servers[@]}"; do
		kill "$(cat "$TMP/pid.$name")"
	done 2> /dev/null
	wait
}

{
	declare -p TMP here
	declare -f wait_for epolls_of serve connect ask run_servers
	echo run_servers
} > "$TMP/program"
iophase loops --json --channels -i 1 -o "$TMP/out" -- bash "$TMP/program" \
	> "$TMP/said" 2> "$TMP/err"
is "$? $(cat "$TMP/said" "$TMP/err")" "0 " "nobody has anything to complain about"
is "$(values counters lost rejected threads_full socks_full loops_full channels_full \
	< "$TMP/out")" "0 0 0 0 0 0" "nothing is lost"

jq -r 'select(.type == "channel" and .proto == "tcp") | [.ts_ns, .pid, .tid // "-", .fd] |
	@tsv' "$TMP/out" | sort -n -k 1,1 -k 4,4 > "$TMP/channels"
jq -r 'select(.type == "loop") | [.ts_ns, .pid, .tid // "-", .role, .moved, .turns // 0,
	(.busy // 0) * .interval_ns / 1000000, (.turn_max_ns // 0) / 1000000, .threads] |
	@tsv' "$TMP/out" > "$TMP/loops"

for f in "$TMP"/epolls.*; do
	name=${f##*/epolls.} pid=$(cat "$TMP/pid.${f##*/epolls.}")
	[ "$name" != nginx ] || continue # the master process has none
	is "$(loops_of "$pid")" "$(cat "$f")" "$name: each loop's channels are its epoll's"
	case $name in
	memcached) roles="acceptor worker worker" ;;
	haproxy) roles="both both" ;;
	*) roles=both ;;
	esac
	is "$(roles_of "$pid")" "$roles" "$name: $roles"
	case $name in
	io-threads) is "$(($(sum_of "$pid" $moved) > 0))" 1 "$name: other threads read" ;;
	*) is "$(sum_of "$pid" $moved)" 0 "$name: none has moved" ;;
	esac
done
is "$(sort -u "$TMP"/epolls.nginx-* | grep -c .)" 2 "nginx: both workers have connections"

# One of its other threads has a loop, too.
pid=$(cat "$TMP/pid.node")
close_to "$(cat "$TMP/said.node")" "$(sum_of "$pid" $busy_ms "$pid")" 1 \
	"node: busy for as long as eventLoopUtilization() says"

pid=$(cat "$TMP/pid.asyncio")
read -r count sum longest < "$TMP/said.asyncio"
is "$(sum_of "$pid" $turns)" "$count" "asyncio: as many turns as it counts"
close_to "$sum" "$(sum_of "$pid" $busy_ms)" 1 \
	"asyncio: busy for as long as it says"
close_to "$longest" "$(awk -v pid="$pid" -v column=$turn_max '$2 == pid && $column > max {
	max = $column } END { print max }' "$TMP/loops")" 1 "asyncio: its longest turn"

pid=$(cat "$TMP/pid.redis")
if [ -s "$TMP/said.redis" ]; then
	close_to "$(sed -n 's/eventloop_cycles://p' "$TMP/said.redis")" \
		"$(sum_of "$pid" $turns)" 5 "redis: as many turns as it counts"
	close_to "$(sed -n 's/eventloop_duration_sum://p' "$TMP/said.redis")" \
		"$(awk -v ms="$(sum_of "$pid" $busy_ms)" 'BEGIN { print 1000 * ms }')" 5 \
		"redis: busy for as long as it says"
else
	skip "this Redis does not count its loop's cycles"
fi

is "$(awk -v pid="$(cat "$TMP/pid.caddy")" '$2 == pid && $3 == "-" { shared = $9 }
	END { print (shared > 1) }' "$TMP/loops")" 1 "caddy: threads share a poller"
