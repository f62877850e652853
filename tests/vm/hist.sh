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

# A model's phases have all reads, and wait's percentiles are those of the delays.
one() # LAB-MODEL MODEL
{
	local of="hist: model == \"$2\"" reads begin end figure key at from to off low high ns

	reads=$(values read 'count(1)' < "$lab.$1")
	is "$(values "$of" phase < "$out" | xargs)" "wait wake dispatch copy rest" \
		"$1: five phases of the model"
	# of each bucket where it begins and ends, and its reads
	values "$of" reads timed buckets < "$out" > "$TMP/buckets"
	is "$(awk -v reads="$reads" '{
			sum = 0
			for (n = split($3, b, ","); n > 0; n -= 3)
				sum += b[n]
			if ($1 != reads || $2 != reads || sum != reads)
				print
		}' "$TMP/buckets")" "" "$1: every read is in a bucket of every phase"
	is "$(awk '{
			for (n = split($3, b, ","); n > 0; n -= 3)
				if (b[n - 1] != "null" && b[n - 2] >= 8 &&
				    b[n - 1] - b[n - 2] > b[n - 2] / 8)
					print b[n - 2], b[n - 1]
		}' "$TMP/buckets")" "" "$1: a bucket is at most an eighth as wide as it is high"
	is "$(values "$of" 'p50_ns <= p90_ns && p90_ns <= p99_ns && p99_ns <= p999_ns &&
		p999_ns <= max_ns && max_ns <= sum_ns' < "$out" | sort -u)" 1 \
		"$1: percentiles rise"
	# Data arrives while the peer sends it; a tenth of a millisecond is for the hooks
	# and the clocks.
	mapfile -t begin < <(values read 'send_begin_ns - asked_ns' < "$lab.$1" | sort -n)
	mapfile -t end < <(values read 'send_end_ns - asked_ns' < "$lab.$1" | sort -n)
	for figure in 50:p50 90:p90 99:p99 100:max; do
		key=${figure#*:} at=$(((reads * ${figure%:*} + 99) / 100 - 1))
		from=${begin[at]} to=${end[at]} off="error_percent / 100"
		[ "$key" != max ] || off=0
		read -r low high ns < <(values "$of && phase == \"wait\"" \
			"${key}_ns >= $from * (1 - $off) - 0.1ms" \
			"${key}_ns <= $to * (1 + $off) + 0.1ms" "${key}_ns" < "$out")
		is "$low $high" "1 1" \
			"$1: $key of wait is that of the delays ($ns, $from to $to ns)"
	done
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
