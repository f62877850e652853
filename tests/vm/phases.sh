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
iophase trace --json -- sh "$TMP/run" > "$TMP/trace"
is $? 0 "all runs are traced"

counters_add_up() # TRACE
{
	tail -n 1 "$1" | jq -e --argjson may $MAY_MISS '.type == "counters" and .lost == 0
		and .rejected == 0 and .unmatched == 0 and .missed <= $may
		and .seen == .shown + .filtered' > /dev/null
}

counters_add_up "$TMP/trace" && ok "counters" ||
	not_ok "counters: $(tail -n 1 "$TMP/trace")"

# The lab's lists as one: which they are, what they say.
while IFS=: read -r label _; do
	case $label in *bytes) continue ;; esac
	echo "{ \"of\": \"$label\", \"said\": ["
	paste -sd , "$TMP/$label"
	echo "] }"
done < "$TMP/runs" > "$TMP/labs"

# Reads that differ between the lab's list and the trace. One jq for all runs: its
# start alone takes its time in an emulated machine.
jq -rn --slurpfile labs "$TMP/labs" --slurpfile trace "$TMP/trace" '
def abs: if . < 0 then -. else . end;
def model: { select: "multiplexed", poll: "multiplexed", epoll: "multiplexed",
	"epoll-et": "multiplexed", sigio: "signal", io_uring: "async" }[.] // .;
($trace | map(select(.type == "read")) | group_by(.tid) |
	map({ (.[0].tid | tostring): . }) | add) as $reads |
$labs[] | .of as $run | ($run | split("[ ,]"; null)[0] | model) as $model |
(.said | map(select(.type == "read"))) as $l |
($reads[$l[0].tid | tostring] // []) as $t |
[(if ($l | length) != ($t | length) or $l == [] then
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
	"read \($i): the phases do not add up" else empty end))] |
if . == [] then "ok - \($run): every read is there, its wait the delay"
else "not ok - \($run): \(join(" | "))" end'
is $? 0 "all runs are compared"

by_thread "$TMP/thread-" < "$TMP/trace"

# Copies grow with size.
last=0
for size in $SIZES; do
	tid=$(lab_thread "$TMP/$size bytes")
	read -r bytes copy < <(values read bytes copy_ns < "$TMP/thread-$tid" |
		awk '{ b += $1; c += $2 } END { printf "%.0f %.0f\n", b, c }')
	is "$bytes" "$((size * 10))" "$size bytes: every byte is there"
	[ "$copy" -gt "$last" ] && ok "$size bytes: copy grows ($copy ns)" ||
		not_ok "$size bytes: copy $copy ns is not above $last ns"
	last=$copy
done
