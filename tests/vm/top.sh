#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# iophase top as a program that scripts use: tables and JSON, intervals, sums
# that add up with the counters and with what the lab says.
# Counting instructions: intervals are as long as asked for, whatever else the
# machine does.
# vm: kernel=6.1 cpus=1 icount=1
# shellcheck disable=SC2086 # QUICK is words
. "$(dirname "$0")/lib.sh"

out=$TMP/out err=$TMP/err

# The rows of all intervals together are the summary, and both the counters.
sums_agree() # FILE
{
	jq -es '(.[-1]) as $c |
		(map(select(.type == "top"))) as $rows |
		(map(select(.type == "summary"))) as $sum |
		$c.type == "counters" and $c.shown > 0 and
		$c.seen == $c.shown + $c.filtered + $c.lost + $c.rejected and
		([$rows[].reads] | add) == $c.shown and
		([$sum[].reads] | add) == $c.shown and
		([$rows[].bytes] | add) == $c.shown_bytes and
		([$sum[].bytes] | add) == $c.shown_bytes and
		([$rows[].polls] | add) == $c.polls and
		([$sum[].polls] | add) == $c.polls and
		($rows + $sum | all(.reads == .timed + .errors + .eof + .unseen + .errqueue))' \
		"$1" > /dev/null
}

# What the lab says of its run, and top; prints TAP.
compare() # LAB-MODEL MODEL LAB-FILE
{
	jq -rn --arg name "$1" --arg model "$2" --slurpfile lab "$3" \
		--slurpfile all "$out" '
	def abs: if . < 0 then -. else . end;
	def check($what; $good; $said):
		if $good then "ok - \($name): \($what)"
		else "not ok - \($name): \($what): \($said)" end;
	($lab | map(select(.type == "read"))) as $reads |
	($all | map(select(.type == "top" and .pid == $reads[0].pid))) as $rows |
	($all | map(select(.type == "summary" and .model == $model)) | .[0]) as $sum |
	($reads | map(.send_begin_ns - .asked_ns) | sort |
		.[(length - 1) / 2 | floor]) as $delay |
	([($reads | length), ($reads | map(.bytes) | add),
	  ($reads | map(.polls) | add), [$model]]) as $theirs |
	([($rows | map(.reads) | add), ($rows | map(.bytes) | add),
	  ($rows | map(.polls) | add), ($rows | map(.model) | unique)]) as $ours |
	check("reads, bytes, polls and model are the lab\u2019s";
		$theirs == $ours; "lab \($theirs), top \($ours)"),
	# half a slot (6.25 %) and the hooks own time apart
	check("the median wait is the delay";
		($sum.wait_p50_ns - $delay | abs) < $delay * 0.0625 + 300000;
		"delay \($delay), \($sum)"),
	check("percentiles rise";
		$sum.wait_p50_ns <= $sum.wait_p99_ns and
		$sum.wait_p99_ns <= $sum.wait_max_ns and
		$sum.wait_max_ns <= $sum.wait_sum_ns; $sum),
	check("the sums of the phases add up"; $all |
		map(select(.type != "counters")) | all(.total_ns ==
			.wait_sum_ns + .wake_sum_ns + .dispatch_sum_ns +
			.copy_sum_ns + .rest_sum_ns); $sum)'
}

# A model's lab run, as the lab and as top saw it.
one() # LAB-MODEL MODEL
{
	local lab=$TMP/lab.json

	iophase top --json -i 1 -- sh -c "iophase-lab $1 --delay 10 --count 50 \
		--json > $lab" > "$out" 2> "$err"
	is "$?" 0 "$1: ends with its program"
	sums_agree "$out" && ok "$1: rows, summary and counters agree" ||
		not_ok "$1: sums: $(tail -n 3 "$out")"
	compare "$1" "$2" "$lab"
}

one blocking blocking
one nonblocking nonblocking
one epoll multiplexed
one sigio signal

# A drain ends with EAGAIN: that is counted, in the row of the loop that made it.
iophase top --json -- "$LAB" epoll-et --count 20 > "$out" 2> "$err"
sums_agree "$out" && ok "epoll-et: sums agree" || not_ok "sums: $(cat "$out")"
is "$(jq -sc '(.[-1].polls > 10),
	(map(select(.type == "top" and .polls > 0) | .model) | unique)' "$out" |
	paste -sd ' ')" 'true ["multiplexed"]' "EAGAINs are in the row of the loop"
# One read, and the end: times are of the read alone.
iophase top --json -- "$LAB" blocking --count 1 --eof > "$out" 2> "$err"
is "$(jq -sc 'map(select(.type == "summary"))[0] | [.reads, .timed, .eof, .errors]' "$out")" \
	"[2,1,1,0]" "the end of file is counted apart"
is "$(jq -sc 'map(select(.type == "summary"))[0] |
	.copy_p50_ns > 0 and .copy_p50_ns == .copy_p99_ns' "$out")" true "and is in no percentile"
COLUMNS=140 iophase top -- "$LAB" blocking --count 1 --eof > "$out" 2> "$err"
grep -q 'ERR/s EOF/s' "$out" && ok "EOF/s is beside ERR/s" || not_ok "EOF/s: $(cat "$out")"

# --- rows ------------------------------------------------------------------------

iophase top $QUICK --json --by thread -- iophase-lab epoll --count 20 > "$out" 2> "$err"
is "$(grep '"top"' "$out" | jq -s 'all(.tid > 0 and .pid > 0)')" true \
	"--by thread: rows have a thread"
iophase top --json --by socket -- iophase-lab epoll --count 20 --proto tcp \
	> "$out" 2> "$err"
is "$(grep '"top"' "$out" | jq -rs 'map(select(.peer | test("^127.0.0.1:[0-9]+$")))
	| length > 0')" true "--by socket: rows have a peer"
is "$(grep '"top"' "$out" | jq -rs '.[0].proto')" tcp "and a protocol"
is "$(grep '"top"' "$out" | jq -s 'map(.pid) | all(. > 0)')" true "and a process"

# --- intervals ----------------------------------------------------------------------

# Reads until unload; the lab alone would end after 300 s.
cat > "$TMP/reader" <<READER
while :; do $LAB epoll --delay 5 --count 20000; done
READER
reader=
load()
{
	bash "$TMP/reader" 2> /dev/null &
	reader=$!
	sleep 0.5
}

unload()
{
	kill $reader
	wait $reader 2> /dev/null
	pkill -x iophase-lab
}

# Tenths of a second of each interval, of the JSON on standard input.
intervals()
{
	jq -sc 'map(select(.type == "top")) | group_by(.ts_ns) |
		map(.[0].interval_ns / 100000000 | round / 10)'
}

# What top says of the load.
live() # OPTIONS...
{
	iophase top $QUICK -c iophase-lab "$@" > "$out" 2> "$err"
}

load
live --json -n 3
is "$(intervals < "$out")" "[1,1,1]" "-n 3: three intervals of a second"
live --json -i 2 -d 3
is "$(intervals < "$out")" "[2,1]" "-i 2 -d 3: the last interval is short, and shown"
live --json -d 3 -n 2
is "$(intervals < "$out")" "[1.5,1.5]" "-d 3 -n 2: two intervals in three seconds"
live --json -i 500ms -n 2
is "$(intervals < "$out")" "[0.5,0.5]" "-i 500ms"
live --json -n 3
sums_agree "$out" && ok "sums agree with a reader that goes on" ||
	not_ok "sums: $(tail -n 2 "$out")"

iophase top -c iophase-lab -i 60 -d 60 > "$out" 2> "$err" &
pid=$!
sleep 8 # a background job ignores SIGINT until the session catches it
kill -INT $pid
wait $pid
is "$?" 0 "SIGINT ends it with status 0"
grep -q multiplexed "$out" && ok "and with the interval so far" ||
	not_ok "after SIGINT: $(cat "$out")"
grep -q '^The whole run' "$out" && ok "and the summary" ||
	not_ok "no summary: $(cat "$out")"
grep -q '^reads: .* seen' "$err" && ok "and the counters" ||
	not_ok "no counters: $(cat "$err")"

# --- text --------------------------------------------------------------------------

for by in process thread socket; do
	QUICK="" live -n 1 -i 3 --by $by
	is "$(awk 'length > 80' "$out")" "" "--by $by fits in 80 columns"
	grep -q WAIT "$out" && ok "--by $by has the phases" ||
		not_ok "--by $by: $(cat "$out")"
done
QUICK="" COLUMNS=200 live -n 1 -i 3
grep -q 'WAIT99' "$out" && ok "200 columns hold more" ||
	not_ok "200 columns: $(cat "$out")"
iophase top $QUICK -c iophase-lab --sort comm -n 1 > "$out" 2> "$err"
is "$?" 0 "--sort takes headings in any case"
iophase top $QUICK -c iophase-lab -i 0.2s 2> "$err" | head -n 2 > "$out"
is "$(wc -l < "$out")" 2 "a closed pipe ends it quietly"
is "$(grep -v '^reads:\|^iophase: tracing by' "$err")" "" "without a complaint"
unload
iophase top $QUICK -c nobody -n 1 > "$out" 2> "$err"
grep -q 'no reads' "$out" && ok "no reads: it says so" ||
	not_ok "no reads: $(cat "$out")"

# --- limits --------------------------------------------------------------------------

# Three processes at once, one row: what has no room is lost, and counted.
iophase top --json --max-rows 1 -- sh -c 'for i in 1 2 3; do
	'"$LAB"' blocking --delay 20 --count 30 & done; wait' > "$out" 2> "$err"
sums_agree "$out" && ok "a full table: sums agree" ||
	not_ok "full table: $(tail -n 1 "$out")"
is "$(tail -n 1 "$out" | jq '.lost > 0')" true "and what is lost is counted"

# One after another: the rows of the dead make room.
iophase top --json --max-rows 8 -i 200ms -- sh -c 'for i in $(seq 14); do
	'"$LAB"' blocking --delay 1 --count 5; sleep 0.3; done' > "$out" 2> "$err"
sums_agree "$out" && ok "fourteen processes in eight rows: sums agree" ||
	not_ok "the dead: $(tail -n 1 "$out")"
is "$(tail -n 1 "$out" | jq .lost)" 0 "and nothing is lost"
