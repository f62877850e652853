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
	local type sums

	sums=$(values counters shown shown_bytes polls 'shown > 0' \
		'seen == shown + filtered + lost + rejected' < "$1")
	for type in top summary; do
		[ "$(values $type 'sum(reads)' 'sum(bytes)' 'sum(polls)' 'count(1) > 0' \
			'count(reads != timed + errors + eof + unseen + errqueue) == 0' \
			< "$1")" = "$sums" ] || return
	done
	[ "${sums#* * * }" = "1 1" ]
}

# What the lab says of its run, and top.
compare() # LAB-MODEL MODEL
{
	local lab=$TMP/lab.$1 pid delay

	pid=$(values "read by pid" pid 'count(1)' < "$lab" | cut -d ' ' -f 1)
	is "$(values "top: pid == $pid" 'sum(reads)' 'sum(bytes)' 'sum(polls)' \
		"count(model != \"$2\")" < "$out")" \
		"$(values read 'count(1)' 'sum(bytes)' 'sum(polls)' < "$lab") 0" \
		"$1: reads, bytes, polls and model are the lab's"
	delay=$(values read 'median(send_begin_ns - asked_ns)' < "$lab")
	# half a bucket (6.25 %), and the hooks' own time, apart
	is "$(values "summary: model == \"$2\" &&
		!(abs(wait_p50_ns - $delay) < $delay * 0.0625 + 0.3ms)" wait_p50_ns < "$out")" \
		"" "$1: the median wait is the delay, $delay"
	is "$(values "summary: model == \"$2\"" 'wait_p50_ns <= wait_p99_ns' \
		'wait_p99_ns <= wait_max_ns' 'wait_max_ns <= wait_sum_ns' < "$out")" \
		"1 1 1" "$1: percentiles rise"
}

# Each model's lab run, as the lab and as top saw it.
MODELS="blocking:blocking nonblocking:nonblocking epoll:multiplexed sigio:signal"
for model in $MODELS; do
	echo "iophase-lab ${model%:*} --delay 10 --count 50 --json > $TMP/lab.${model%:*}"
done > "$TMP/run"
iophase top --json -i 1 -- sh "$TMP/run" > "$out" 2> "$err"
is "$?" 0 "it ends with its program"
sums_agree "$out" && ok "rows, summary and counters agree" ||
	not_ok "sums: $(tail -n 5 "$out")"
for model in $MODELS; do
	compare ${model%:*} ${model#*:}
done
for type in top summary; do
	is "$(values "$type: total_ns != wait_sum_ns + wake_sum_ns + dispatch_sum_ns +
		copy_sum_ns + rest_sum_ns" pid model total_ns < "$out")" "" \
		"$type: the sums of the phases add up"
done

# A drain ends with EAGAIN: that is counted, in the row of the loop that made it.
# One read, and the end: times are of the read alone.
iophase top --json -- sh -c "$LAB epoll-et --count 20; $LAB blocking --count 1 --eof" \
	> "$out" 2> "$err"
sums_agree "$out" && ok "epoll-et: sums agree" || not_ok "sums: $(cat "$out")"
is "$(values counters 'polls > 10' < "$out") $(values 'top: polls > 0' 'count(1) > 0' \
	'count(model != "multiplexed")' < "$out")" "1 1 0" "EAGAINs are in the row of the loop"
is "$(values 'summary: model == "blocking"' reads timed eof errors < "$out")" \
	"2 1 1 0" "the end of file is counted apart"
is "$(values 'summary: model == "blocking"' 'copy_p50_ns > 0' 'copy_p50_ns == copy_p99_ns' \
	< "$out")" "1 1" "and is in no percentile"
COLUMNS=140 iophase top $QUICK -- "$LAB" blocking --count 1 --eof > "$out" 2> "$err"
grep -q 'ERR/s EOF/s' "$out" && ok "EOF/s is beside ERR/s" || not_ok "EOF/s: $(cat "$out")"

# --- rows ------------------------------------------------------------------------

iophase top $QUICK --json --by thread -- iophase-lab epoll --count 20 > "$out" 2> "$err"
is "$(values top 'count(1) > 0' 'count(!(tid > 0 && pid > 0))' < "$out")" "1 0" \
	"--by thread: rows have a thread"
iophase top --json --by socket -- iophase-lab epoll --count 20 --proto tcp \
	> "$out" 2> "$err"
is "$(values top 'count(peer has "127.0.0.1:") > 0' 'count(1) > 0' 'count(proto != "tcp")' \
	'count(!(pid > 0))' < "$out")" "1 1 0 0" \
	"--by socket: rows have a peer, a protocol and a process"

# --- intervals ----------------------------------------------------------------------

# Reads until unload; the lab alone would end after 300 s.
cat > "$TMP/reader" <<READER
while :; do $LAB epoll --delay 20 --count 10000; done
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
	values "top by ts_ns" 'round(max(interval_ns) / 100ms)' | xargs
}

# What top says of the load.
live() # OPTIONS...
{
	iophase top $QUICK -c iophase-lab "$@" > "$out" 2> "$err"
}

load
live --json -n 3
is "$(intervals < "$out")" "10 10 10" "-n 3: three intervals of a second"
live --json -i 2 -d 3
is "$(intervals < "$out")" "20 10" "-i 2 -d 3: the last interval is short, and shown"
live --json -d 3 -n 2
is "$(intervals < "$out")" "15 15" "-d 3 -n 2: two intervals in three seconds"
live --json -i 500ms -n 2
is "$(intervals < "$out")" "5 5" "-i 500ms"
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
	[ $by = process ] && quick="" || quick=$QUICK
	QUICK=$quick live -n 1 -i 3 --by $by
	is "$(awk 'length > 80' "$out")" "" "--by $by fits in 80 columns"
	grep -q WAIT "$out" && ok "--by $by has the phases" ||
		not_ok "--by $by: $(cat "$out")"
done
COLUMNS=200 live -n 1 -i 3
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
is "$(values counters 'lost > 0' < "$out")" 1 "and what is lost is counted"

# One after another: the rows of the dead make room.
iophase top --json --max-rows 8 -i 200ms -- sh -c 'for i in $(seq 14); do
	'"$LAB"' blocking --delay 1 --count 5; sleep 0.3; done' > "$out" 2> "$err"
sums_agree "$out" && ok "fourteen processes in eight rows: sums agree" ||
	not_ok "the dead: $(tail -n 1 "$out")"
is "$(values counters lost < "$out")" 0 "and nothing is lost"
