#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# Many of everything (docs/scale.md): beside 10,000 sockets in one epoll, 1,000
# threads, 100 processes and thousands of connections a second every read is
# counted, memory is bounded, and looking costs the same however much was read.
# FULL=1: a minute of connections, not two seconds.
# vm: kernel=6.1 cpus=1 icount=1 mem=2048
. "$(dirname "$0")/lib.sh"

SOCKETS=10000 THREADS=1000 PROCESSES=100
CHURN=${FULL:+60}
CHURN=${CHURN:-2}
MOST=49152 # KiB of kernel memory

at_most() # VALUE LIMIT DESCRIPTION
{
	[ "$1" -gt 0 ] && [ "$1" -le "$2" ] && ok "$3: $1, of $2" || not_ok "$3: $1, of $2"
}

# Out of RAM: a page fetched from outside makes time leap.
cp build/iophase build/tests/vm/many_sockets build/tests/vm/map_usage "$(command -v strace)" "$TMP"
cd "$TMP" || exit
ldd iophase many_sockets map_usage strace | awk '/=>/ { print $3 }' | sort -u | xargs cp -t .
export PATH=$TMP:$PATH LD_LIBRARY_PATH=$TMP TZ=UTC0

# --- start -------------------------------------------------------------------------

# Less the interval, and less the time from libbpf's first map to its last link; and
# from where execve() has fetched ld.so, from outside.
for _ in 1 2; do # what it needs is in memory then
	strace -f --seccomp-bpf -ttt -T -e trace=execve,bpf,write -o calls \
		iophase top -i 1 -n 2 > /dev/null 2>&1
done
read -r own libbpf < <(awk '
	match($0, /[0-9.]+>$/) { end = $2 + substr($0, RSTART, RLENGTH - 1) }
	!from { from = end }
	/BPF_MAP_CREATE/ && !first { first = $2 }
	/BPF_PROG_LOAD|BPF_LINK_CREATE/ { last = end }
	/write\(1,/ {
		print int(1000 * (first - from + $2 - last - 1)), int(1000 * (last - first))
		exit
	}' calls)
at_most "$own" 1000 "ms to the first line beyond the interval and libbpf's ${libbpf:-?}"

# --- the server ------------------------------------------------------------------------

cgroup=/sys/fs/cgroup/iophase
echo +memory > /sys/fs/cgroup/cgroup.subtree_control
mkdir $cgroup
(
	echo $BASHPID > $cgroup/cgroup.procs
	exec iophase top --json --by thread -i 1 -c many_sockets > top 2> err
) &
pid=$!
wait_for "grep -q poll /proc/$pid/wchan"
mkfifo commands answers
many_sockets $SOCKETS $THREADS $PROCESSES < commands > answers &
server=$!
exec 3> commands 4< answers
read -r answer <&4
is "$answer" standing "$SOCKETS sockets, $THREADS threads, $PROCESSES processes"

tell() # COMMAND
{
	echo "$*" >&3
	read -r answer <&4
}

# What iophase spends in three seconds, with N exchanges in one of its intervals;
# in µs. Where they fell into two, again.
spends() # N
{
	local rows cpu end

	for _ in 1 2 3 4 5 6; do
		rows=$(wc -l < top)
		read -r cpu _ < /proc/$pid/schedstat
		end=$((${EPOCHREALTIME/./} + 3000000))
		tell each "$1"
		sleep "$(((end - ${EPOCHREALTIME/./}) / 1000))e-3"
		spent=$((($(cut -d ' ' -f 1 /proc/$pid/schedstat) - cpu) / 1000))
		rows=$(($(wc -l < top) - rows))
		echo "# $1 reads of each of $rows rows: $spent us"
		[ $rows = $((THREADS + PROCESSES + 1)) ] && return
		sleep 0.3
	done
}

least() # VALUE... : the least of them
{
	printf '%d\n' "$@" | sort -n | head -n 1
}

tell each 1 # rows are new
sleep 2
# Interrupts on iophase's time, and memory that grows, come to either: the least of two.
spends 1; few=$spent
spends 10; many=$spent
spends 1; few=$(least "$few" "$spent")
spends 10; many=$(least "$many" "$spent")
at_most "$many" $((few + few / 10)) "us spent on rows with ten reads each, of $few with one"

read -r threads socks rows < <(map_usage)
[ "$threads" -ge $((THREADS + PROCESSES)) ] &&
	[ "$socks" -ge $((2 * (SOCKETS + THREADS + PROCESSES))) ] &&
	[ "$rows" -ge $((THREADS + PROCESSES)) ] &&
	ok "the state of $threads threads and $socks sockets is held, and $rows rows" ||
	not_ok "held are $threads threads, $socks sockets, $rows rows"

tell churn $CHURN
at_most $(($(sed -n 's/^kernel //p' $cgroup/memory.stat) / 1024)) $MOST "KiB of kernel memory"
at_most "$(awk '/^VmHWM/ { print $2 }' /proc/$pid/status)" 32768 "KiB of RSS, at the most"

exec 3>&-
read -r made <&4
wait $server
connections=$(jq .connections <<< "$made")
[ "${connections:-0}" -ge $((1000 * CHURN)) ] && ok "$connections connections in $CHURN s" ||
	not_ok "$connections connections in $CHURN s"
wait_for '[ "$(map_usage | awk "{ print (\$1 < 20 && \$2 < 20 && \$3 < 20) }")" = 1 ]'
is "$?" 0 "nothing is kept of who has left: $(map_usage) threads, sockets, rows"

kill -INT $pid
wait $pid
is "$(awk -F '"reads":|,"bytes":|,"errors"' '/"type":"top"/ { r += $2; b += $3 }
	END { printf "{\"reads\":%d,\"bytes\":%d", r, b }' top)" "${made%%,\"conn*}" \
	"all intervals together have every read and byte"
is "$(tail -n 1 top | jq -c '[.lost, .rejected, .unmatched, .threads_full, .socks_full]')" \
	"[0,0,0,0,0]" "and nothing was lost or found no room"
