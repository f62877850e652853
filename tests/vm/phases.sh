#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# Every lab model with 1, 10 and 50 ms of injected sender delay: each read's
# wait is the delay that the lab saw (asked until the peer sent), counts and
# bytes match exactly, and the phases add up.
# Counting instructions, so that time passes in the guest only: elsewhere this
# machine's other work would lie between the lab's clock and the kernel's.
# vm: kernel=6.1 cpus=1 icount=1
# vm: kernel=6.1 cpus=1 icount=1 backend=kprobe
# vm: kernel=6.12 cpus=1 icount=1
# vm: kernel=6.12 cpus=1 icount=1 backend=kprobe
# vm: kernel=7.x cpus=1 icount=1
# vm: kernel=7.x cpus=1 icount=1 backend=kprobe full=1
# vm: kernel=5.10 cpus=1 icount=1
. "$(dirname "$0")/lib.sh"

COUNT=20
SIZES="1 64 1024 65536 1048576"

MODELS=(blocking nonblocking select poll epoll epoll-et sigio "sigio --rtsig"
	io_uring)

# All runs under one trace: label, then the lab's arguments.
{
	for delay in 1 10 50; do
		for m in "${MODELS[@]}"; do
			echo "$m, $delay ms: $m --delay $delay --count $COUNT"
		done
	done
	for size in $SIZES; do
		echo "$size bytes: blocking --size $size --count 10"
	done
} > "$TMP/runs"
while IFS=: read -r label args; do
	echo "iophase-lab $args --json > '$TMP/$label'"
done < "$TMP/runs" > "$TMP/run"
# With this CPU to itself only when nobody else wants it, iophase does not get between
# a program's clock and its system call.
chrt -i 0 iophase trace --json -- chrt -o 0 sh "$TMP/run" > "$TMP/trace"
is $? 0 "all runs are traced"

is "$(values counters lost rejected unmatched "missed <= $MAY_MISS" 'seen == shown + filtered' \
	< "$TMP/trace")" "0 0 0 1 1" "counters"

# Reads that differ between the lab's list and the trace. Data arrives while the peer
# sends it.
DELAY="(lab.send_begin_ns - lab.asked_ns)"
SLACK="max(0.3ms, $DELAY / 20)"
while IFS=: read -r label args; do
	case $label in
	*bytes) continue ;;
	select* | poll* | epoll*) model=multiplexed ;;
	sigio*) model=signal ;;
	io_uring*) model=async ;;
	*) model=${label%%[ ,]*} ;;
	esac
	is "$(check pairs tid "$TMP/$label" "$TMP/trace" "model == \"$model\"" \
		'bytes == lab.bytes' 'polls == lab.polls' \
		"wait_ns >= $DELAY - $SLACK" \
		"wait_ns <= lab.send_end_ns - lab.asked_ns + $SLACK" \
		'call_ns <= lab.returned_ns - lab.called_ns' \
		'total_ns == wait_ns + wake_ns + dispatch_ns + copy_ns + rest_ns' 2>&1)" "" \
		"$label: every read is there, its wait the delay"
done < "$TMP/runs"

# Copies grow with size. Each counts as the median: an interrupt may fall into one.
last=0
for size in $SIZES; do
	tid=$(values read tid < "$TMP/$size bytes" | head -n 1)
	read -r bytes copy < <(values "read: tid == $tid" 'sum(bytes)' \
		'round(median(copy_ns) * count(1))' < "$TMP/trace")
	is "$bytes" "$((size * 10))" "$size bytes: every byte is there"
	[ "$copy" -gt "$last" ] && ok "$size bytes: copy grows ($copy ns)" ||
		not_ok "$size bytes: copy $copy ns is not above $last ns"
	last=$copy
done
