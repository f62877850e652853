#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# Every lab model with 1, 10 and 50 ms of injected sender delay: each read's
# wait is the delay that the lab saw (asked until the peer sent), counts and bytes match exactly, and the
# phases add up.
# Counting instructions, so that time passes in the guest only: elsewhere this
# machine's other work would lie between the lab's clock and the kernel's.
# vm: kernel=6.1 cpus=1 icount=1
. "$(dirname "$0")/lib.sh"

COUNT=20

# Reads that differ between the lab's list and the trace, one line each.
differences() # LAB TRACE MODEL
{
	jq -rn --slurpfile lab "$1" --slurpfile trace "$2" --arg model "$3" '
	def abs: if . < 0 then -. else . end;
	($lab | map(select(.type == "read"))) as $l |
	($l[0].tid) as $tid |
	($trace | map(select(.type == "read" and .tid == $tid))) as $t |
	(if ($l | length) != ($t | length) then
		"lab read \($l | length) times, trace has \($t | length)"
	 else empty end),
	(range([($l | length), ($t | length)] | min) as $i |
	 $l[$i] as $a | $t[$i] as $b |
	 ($a.send_begin_ns - $a.asked_ns) as $delay |
	 ([300000, $delay / 20] | max) as $slack |
	 (if $a.bytes != $b.bytes then
		"read \($i): bytes \($a.bytes) but trace \($b.bytes)"
	  else empty end),
	 (if $b.model != $model then
		"read \($i): model \($b.model)" else empty end),
	 (if $a.polls != $b.polls then
		"read \($i): \($a.polls) polls but trace \($b.polls)"
	  else empty end),
	 (if ($b.wait_ns - $delay | abs) > $slack then
		"read \($i): waited \($delay) ns but trace \($b.wait_ns)"
	  else empty end),
	 (if $b.call_ns > $a.returned_ns - $a.called_ns then
		"read \($i): call longer than the lab saw" else empty end),
	 (if $b.total_ns != $b.wait_ns + $b.wake_ns + $b.dispatch_ns +
			   $b.copy_ns + $b.rest_ns then
		"read \($i): the phases do not add up" else empty end))'
}

counters_add_up() # TRACE
{
	jq -es '.[-1] | .type == "counters" and .lost == 0 and .rejected == 0
		and .unmatched == 0 and .missed == 0
		and .seen == .shown + .filtered' "$1" > /dev/null
}

one() # LAB-MODEL MODEL DELAY
{
	local lab=$TMP/lab.json trace=$TMP/trace.json diff

	if ! iophase trace --json -- sh -c "iophase-lab $1 --delay $3 \
		--count $COUNT --json > $lab" > "$trace"; then
		not_ok "$1, $3 ms: runs"
		return
	fi
	diff=$(differences "$lab" "$trace" "$2")
	is "$diff" "" "$1, $3 ms: every wait is the delay"
	counters_add_up "$trace" && ok "$1, $3 ms: counters" ||
		not_ok "$1, $3 ms: counters: $(tail -n 1 "$trace")"
}

for delay in 1 10 50; do
	one blocking blocking $delay
	one nonblocking nonblocking $delay
	one select multiplexed $delay
	one poll multiplexed $delay
	one epoll multiplexed $delay
	one epoll-et multiplexed $delay
	one sigio signal $delay
	one "sigio --rtsig" signal $delay
	if [ "${BACKEND:-btf}" = btf ]; then
		one io_uring async $delay
	else
		skip "io_uring, $delay ms: not through $BACKEND"
	fi
done

# Copies grow with size.
last=0
for size in 64 1024 65536 1048576; do
	iophase trace --json -- "$LAB" blocking --size $size --count 10 \
		> "$TMP/out"
	copy=$(jq -s 'map(select(.type == "read") | .copy_ns) | add' "$TMP/out")
	bytes=$(jq -s 'map(select(.type == "read") | .bytes) | add' "$TMP/out")
	is "$bytes" "$((size * 10))" "$size bytes: every byte is there"
	[ "$copy" -gt "$last" ] && ok "$size bytes: copy grows ($copy ns)" ||
		not_ok "$size bytes: copy $copy ns is not above $last ns"
	last=$copy
done
