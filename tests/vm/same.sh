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
for b in btf kprobe; do
	by_thread "$TMP/$b-" < "$TMP/$b"
done

# The reads of one run under one backend.
reads() # BACKEND RUN
{
	cat "$TMP/$1-$(lab_thread "$TMP/lab-$1-$2")"
}

counts() # BACKEND RUN
{
	reads "$@" | jq -sc '[length, (map(.bytes) | add), (map(.copies) | add),
		(map(.sleeps) | add), (map(.model) | unique)]'
}

# What the probes add, in ns, to the less disturbed of the untraced runs. after:
# from the peer's sending on. Of a poll that finds data, the call stands for that:
# it comes any time after. cpu: a read.
probes() # BACKEND RUN
{
	jq -nc --slurpfile traced "$TMP/lab-$1-$2" --slurpfile not1 "$TMP/lab-before-$2" \
		--slurpfile not2 "$TMP/lab-after-$2" '
	def after: map(select(.type == "read") | .returned_ns -
		if .polls > 0 then .called_ns else .send_begin_ns end) |
		sort | .[length / 2 | floor];
	def cpu: .[-1].cpu_ns / .[-1].reads | floor;
	def added(f): ($traced | f) - ([$not1, $not2 | f] | min);
	{ after: added(after), cpu: added(cpu) }'
}

# Reads as traced, and wait less the time in which the peer had not sent: that
# is the clock's, which it sleeps by.
seen() # BACKEND RUN
{
	jq -c --slurpfile lab "$TMP/lab-$1-$2" -n '[inputs] | to_entries[] |
		$lab[.key] as $made | .value |
		.wait_ns -= $made.send_begin_ns - $made.asked_ns' <(reads "$@")
}

# Each phase: by how much the medians differ, and how much they may.
compare() # RUN-UNDER-BTF RUN-UNDER-KPROBE
{
	jq -nc --slurpfile a <(seen btf "$1") --slurpfile b <(seen kprobe "$2") \
		--argjson btf "$(probes btf "$1")" --argjson kprobe "$(probes kprobe "$1")" \
		--argjson interval $((INTERVAL_US * 1000)) '
	def median(k): map(.[k]) | sort | .[length / 2 | floor];
	["wait", "wake", "dispatch", "copy", "rest"] | map(
	. as $phase | ($b | median($phase + "_ns")) - ($a | median($phase + "_ns")) |
	{ $phase, differ_ns: ., most_ns: (
		if . > 0 then $kprobe else $btf end |
		# a part lies before the sleep
		if $phase == "rest" and $a[0].sleeps > 0 then .cpu
		# data comes any time between two polls
		elif $phase == "dispatch" and $a[0].polls > 0 then .after + $interval
		else .after end) })'
}

far_apart() # COMPARISON
{
	jq -r 'map(select((.differ_ns | fabs) > .most_ns) | .phase) | join(" ")' <<< "$1"
}

for i in "${!RUNS[@]}"; do
	is "$(counts kprobe "$i")" "$(counts btf "$i")" "${RUNS[i]}: same counts"
	said=$(compare "$i" "$i")
	is "$(far_apart "$said")" "" "${RUNS[i]}: same medians within what probes cost ($(
		jq -r 'map("\(.phase) \(.differ_ns) of \(.most_ns)") | join(", ")' <<< "$said"
	) ns)"
	[ "${RUNS[i]}" != epoll ] ||
		is "$(far_apart "$(compare "$i" "$SLOW")" | grep -o dispatch)" dispatch \
			"a handler of 1 ms is more than that"
done
