#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# Each way of hooking gives the same numbers, in one boot: as many reads, bytes,
# copies and sleeps, and medians of every phase that differ by no more than what
# the probes themselves cost. The lab says how much that is: how much longer than
# untraced it takes from sent to returned, and how much more CPU time a read
# takes the reader. Probes of one backend may lie in a phase that none of the
# other's lies in, but no phase has more of them than there are.
# vm: kernel=6.1 cpus=1 icount=1
# vm: kernel=6.12 cpus=1 icount=1 full=1
. "$(dirname "$0")/lib.sh"

INTERVAL_US=50
RUNS=(blocking "blocking --proto udp" "blocking --proto unix"
	"nonblocking --interval $INTERVAL_US" select poll epoll epoll-et
	"epoll --proto udp6" "poll --proto unix-dgram" sigio io_uring)
SLOW=${#RUNS[@]} # one that is no read like the others
RUNS+=("epoll --handler 1")

echo 1 > /proc/self/timerslack_ns # the peers sleep to the ns
for i in "${!RUNS[@]}"; do
	echo "iophase-lab ${RUNS[i]} --count 20 --delay 2 --json > $TMP/lab-\$B-$i"
done > "$TMP/run"
B=before sh "$TMP/run"
for b in btf kprobe; do
	iophase trace --backend $b --json -- env B=$b sh "$TMP/run" > "$TMP/$b"
done
B=after sh "$TMP/run"

# All of the lab's lists, as one: which they are, what they say.
for b in before btf kprobe after; do
	for i in "${!RUNS[@]}"; do
		echo "{ \"of\": \"$b $i\", \"said\": ["
		paste -sd , "$TMP/lab-$b-$i"
		echo "] }"
	done
done > "$TMP/labs"

# One jq for all runs: its start alone takes its time in an emulated machine.
jq -rn --slurpfile labs "$TMP/labs" --slurpfile btf "$TMP/btf" --slurpfile kprobe "$TMP/kprobe" \
	--argjson interval $((INTERVAL_US * 1000)) --argjson slow $SLOW '
def check($what; $good; $said):
	if $good then "ok - \($what)" else "not ok - \($what): \($said)" end;
def middle: sort | .[length / 2 | floor];
def median(k): map(.[k]) | middle;
($labs | map({ (.of): .said }) | add) as $lab |
({ $btf, $kprobe } | map_values(map(select(.type == "read")) |
	group_by(.tid) | map({ (.[0].tid | tostring): . }) | add)) as $trace |

# the reads of one run under one backend
def reads($backend; $run): $trace[$backend][$lab["\($backend) \($run)"][0].tid | tostring] // [];
def counts: [length, (map(.bytes) | add), (map(.copies) | add), (map(.sleeps) | add),
	(map(.model) | unique)];

# What the probes add, in ns, to the less disturbed of the untraced runs. after:
# from the sending of the peer on. Of a poll that finds data, the call stands for
# that: it comes any time after. cpu: a read.
def after: map(select(.type == "read") | .returned_ns -
	if .polls > 0 then .called_ns else .send_begin_ns end) | middle;
def cpu: .[-1].cpu_ns / .[-1].reads | floor;
def added(f; $backend; $run): ($lab["\($backend) \($run)"] | f) -
	([$lab["before \($run)", "after \($run)"] | f] | min);
def probes($backend; $run): { after: added(after; $backend; $run),
	cpu: added(cpu; $backend; $run) };

# Reads as traced, and wait less the time in which the peer had not sent: that
# is of the clock, which it sleeps by.
def seen($backend; $run): [reads($backend; $run) | to_entries[] |
	$lab["\($backend) \($run)"][.key] as $made | .value |
	.wait_ns -= $made.send_begin_ns - $made.asked_ns];

# Each phase: by how much the medians differ, and how much they may.
def compare($run; $other): seen("btf"; $run) as $a | seen("kprobe"; $other) as $b |
	probes("btf"; $run) as $btf | probes("kprobe"; $run) as $kprobe |
	["wait", "wake", "dispatch", "copy", "rest"] | map(
	. as $phase | ($b | median($phase + "_ns")) - ($a | median($phase + "_ns")) |
	{ $phase, differ_ns: ., most_ns: (
		if . > 0 then $kprobe else $btf end |
		# a part lies before the sleep
		if $phase == "rest" and $a[0].sleeps > 0 then .cpu
		# data comes any time between two polls
		elif $phase == "dispatch" and $a[0].polls > 0 then .after + $interval
		else .after end) });
def far_apart: map(select((.differ_ns | fabs) > .most_ns) | .phase);

$ARGS.positional | to_entries[] | .key as $run | .value as $name |
([reads("btf", "kprobe"; $run) | counts]) as $counts |
compare($run; $run) as $said |
check("\($name): same counts"; $counts[0] == $counts[1] and $counts[0][0] > 0; $counts),
check("\($name): same medians within what probes cost (\($said |
	map("\(.phase) \(.differ_ns) of \(.most_ns)") | join(", ")) ns)";
	$said | far_apart == []; $said | far_apart),
if $name != "epoll" then empty else
	compare($run; $slow) | check("a handler of 1 ms is more than that";
		far_apart | contains(["dispatch"]); .)
end' --args "${RUNS[@]}"
is $? 0 "all runs are compared"
