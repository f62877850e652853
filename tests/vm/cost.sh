#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# top --cost: what iophase's programs spend is what bpftool reads from the
# kernel, and per read.
# vm: kernel=6.1 cpus=2
. "$(dirname "$0")/lib.sh"

out=$TMP/out

# Sum over iophase's programs, as bpftool has it.
theirs() # FIELD
{
	bpftool prog show -j | jq "map(select(.name // \"\" | startswith(\"on_\")) |
		.$1 // 0) | add"
}

build/bench/loop tcp-64 2000000 > /dev/null & # outlasts the test
loop=$!
iophase top --json --cost -i 1 -p $loop > "$out" 2> /dev/null &
pid=$!
wait_for "[ \$(grep -c '\"cost\"' $out) -ge 2 ]"
before=$(theirs run_time_ns) runs_before=$(theirs run_cnt) seen=$(grep -c '"cost"' "$out")
wait_for "[ \$(grep -c '\"cost\"' $out) -ge $((seen + 2)) ]"
line=$(grep '"cost"' "$out" | tail -n 1)
after=$(theirs run_time_ns) runs_after=$(theirs run_cnt)
jq -e --argjson b "${before:-0}" --argjson a "${after:-0}" \
	'.total_run_ns >= $b and .total_run_ns <= $a and $b > 0' <<< "$line" > /dev/null &&
	ok "the time is bpftool's" || not_ok "$before, $after, ours: $line"
jq -e --argjson b "${runs_before:-0}" --argjson a "${runs_after:-0}" \
	'.total_runs >= $b and .total_runs <= $a and $b > 0' <<< "$line" > /dev/null &&
	ok "the runs are bpftool's" || not_ok "$runs_before, $runs_after, ours: $line"
jq -e '.reads > 0 and .run_ns_per_read == (.run_ns / .reads | floor) and
	.lost == 0' <<< "$line" > /dev/null && ok "per read, and what is lost" ||
	not_ok "per read: $line"
kill -INT $pid
wait $pid
kill $loop
