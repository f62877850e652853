#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# Each way of hooking gives the same numbers, in one boot: as many reads, bytes,
# copies and sleeps; medians of every phase that differ by no more than what the
# probes add (seen at most: wake, level-triggered, where sock_poll() has three:
# 5.7 µs on 6.12, below 5 µs on 6.1; elsewhere less).
# vm: kernel=6.1 cpus=1 icount=1
# vm: kernel=6.12 cpus=1 icount=1
. "$(dirname "$0")/lib.sh"

PROBES_NS=6000
RUNS=(blocking "blocking --proto udp" "blocking --proto unix" "nonblocking"
	select poll epoll epoll-et "epoll --proto udp6" "poll --proto unix-dgram"
	sigio io_uring)

for i in "${!RUNS[@]}"; do
	echo "iophase-lab ${RUNS[i]} --count 20 --delay 2 --json > $TMP/lab-\$B-$i"
done > "$TMP/run"
for b in btf kprobe; do
	iophase trace --backend $b --json -- env B=$b sh "$TMP/run" > "$TMP/$b"
done

# The reads of one run under one backend.
reads() # BACKEND RUN
{
	jq -c --argjson tid "$(jq -s '.[0].tid' "$TMP/lab-$1-$2")" \
		'select(.type == "read" and .tid == $tid)' "$TMP/$1"
}

counts() # BACKEND RUN
{
	reads "$@" | jq -sc '[length, (map(.bytes) | add), (map(.copies) | add),
		(map(.sleeps) | add), (map(.model) | unique)]'
}

# Phases whose medians differ by too much.
far_apart() # RUN
{
	jq -rn --slurpfile a <(reads btf "$1") --slurpfile b <(reads kprobe "$1") \
		--argjson most $PROBES_NS '
	def median(k): map(.[k]) | sort | .[length / 2 | floor];
	("wait_ns", "wake_ns", "dispatch_ns", "copy_ns", "rest_ns") as $k |
	($a | median($k)) as $x | ($b | median($k)) as $y |
	(if $x > $y then $x - $y else $y - $x end) as $d |
	# the peer sleeps by the clock, and a poll may come any time later
	if $d > $most + (if $k == "wait_ns" then 50000
			 elif $k == "dispatch_ns" and $a[0].polls > 0 then 200000
			 else 0 end)
	then "\($k): \($x), \($y)" else empty end'
}

for i in "${!RUNS[@]}"; do
	is "$(counts kprobe "$i")" "$(counts btf "$i")" "${RUNS[i]}: same counts"
	is "$(far_apart "$i")" "" "${RUNS[i]}: same medians"
done
