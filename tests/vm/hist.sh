#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# iophase hist: every read is in a bucket of each phase, and the percentiles are
# those of the reads that the lab knows of, within the error that it states.
# vm: kernel=6.1 cpus=1 icount=1
# vm: kernel=6.12 cpus=1 icount=1 full=1
# vm: kernel=6.1 cpus=1 icount=1 backend=kprobe full=1
# shellcheck disable=SC2086 # QUICK is words
. "$(dirname "$0")/lib.sh"

out=$TMP/out err=$TMP/err lab=$TMP/lab

one() # LAB-MODEL MODEL
{
	jq -rn --arg name "$1" --arg model "$2" --slurpfile lab "$lab.$1" \
		--slurpfile all "$out" '
	def abs: if . < 0 then -. else . end;
	def check($what; $good; $said):
		if $good then "ok - \($name): \($what)"
		else "not ok - \($name): \($what): \($said)" end;
	def at($share): .[((length * $share) | ceil) - 1];
	($lab | map(select(.type == "read"))) as $reads |
	($all | map(select(.type == "hist" and .model == $model))) as $hists |
	($hists | map(select(.phase == "wait")) | .[0]) as $wait |
	($reads | map(.send_begin_ns - .asked_ns) | sort) as $delays |
	check("five phases of the model"; ($hists | map(.phase)) ==
		["wait", "wake", "dispatch", "copy", "rest"]; $hists | map(.phase)),
	check("every read is in a bucket of every phase"; $hists |
		all(.reads == ($reads | length) and .timed == .reads and
		    (.buckets | map(.[2]) | add) == .timed); $hists),
	check("a bucket is at most an eighth as wide as it is high"; $hists |
		all(.buckets | all(.[1] == null or .[0] < 8 or
				   .[1] - .[0] <= .[0] / 8)); $hists),
	check("percentiles rise"; $hists | all(.p50_ns <= .p90_ns and
		.p90_ns <= .p99_ns and .p99_ns <= .p999_ns and
		.p999_ns <= .max_ns and .max_ns <= .sum_ns); $hists),
	(["p50_ns", 0.5], ["p90_ns", 0.9], ["p99_ns", 0.99] |
	 . as [$key, $share] | ($delays | at($share)) as $delay |
	 check("\($key) of wait is that of the delays within 6.25 %";
		# a tenth of a millisecond for the hooks and the clocks
		($wait[$key] - $delay | abs) <=
			$delay * $wait.error_percent / 100 + 100000;
		"\($wait[$key]), the lab waited \($delay)")),
	check("the longest wait is that of the delays";
		($wait.max_ns - $delays[-1] | abs) < 100000;
		"\($wait.max_ns), the lab waited \($delays[-1])")'
}

iophase hist --json -- sh -c "iophase-lab blocking --delay 3 --count 200 --json > $lab.blocking
	iophase-lab epoll --delay 10 --count 100 --json > $lab.epoll
	iophase-lab nonblocking --delay 2 --count 50 --interval 100 --json > $lab.nonblocking" \
	> "$out" 2> "$err"
is "$?" 0 "it ends with its program"
is "$(values hist 'count(1)' < "$out") $(values counters shown < "$out")" "15 350" \
	"five phases of three models, and the counters have as many reads"
one blocking blocking
one epoll multiplexed
one nonblocking nonblocking

# Two models and their bars, on one page.
iophase hist -- sh -c "$LAB blocking --count 30; $LAB poll --count 20" \
	> "$out" 2> "$err"
is "$(grep -oE '^[a-z]+: [0-9]+ reads' "$out" | sort -u | wc -l)" 2 \
	"text: a part for each model"
is "$(grep -cE '^  (wait|wake|dispatch|copy|rest) +p50 .* p99\.9 .* max ' "$out")" 10 \
	"text: five phases each"
is "$(awk 'length > 80' "$out")" "" "text: within 80 columns"
grep -q 'off by 6\.25 % at the most' "$out" && ok "text: the error is stated" ||
	not_ok "text: $(cat "$out")"
grep -q '^reads: 50 seen, 50 shown' "$err" && ok "text: the counters" ||
	not_ok "counters: $(cat "$err")"

# Intervals: each of its own, together the run; and of one model alone.
iophase hist $QUICK --json -i 1 --model multiplexed -- sh -c \
	"$LAB poll --delay 20 --count 150; $LAB blocking --count 5" > "$out" 2> "$err"
is "$(values 'hist: phase == "wait"' 'count(1) >= 3' < "$out")" 1 "-i 1: several intervals"
is "$(values 'hist: phase == "wait"' 'sum(reads)' 'count(model != "multiplexed")' < "$out")" \
	"150 0" "-i 1, --model: together they are the run, and of no other model"
is "$(values counters shown filtered < "$out")" "150 5" "the counters say so, too"

iophase hist $QUICK -c nobody -n 1 > "$out" 2> "$err"
grep -q '^No reads' "$out" && ok "no reads: it says so" ||
	not_ok "no reads: $(cat "$out")"
iophase hist $QUICK -- "$LAB" poll 2> "$err" | : && ok "a closed pipe"
is "$(grep -v '^reads:\|^iophase: tracing by' "$err")" "" "a closed pipe is no complaint"
