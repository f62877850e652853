#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# A kernel that lacks some of the functions: what they tell is shown as not
# known, never as 0; the rest of each read is there.
# vm: kernel=6.1 cpus=1 icount=1
. "$(dirname "$0")/lib.sh"

without() # FUNCTIONS COMMAND...
{
	WITHOUT=$1 LD_PRELOAD=$PWD/build/tests/vm/without.so "${@:2}" \
		> "$TMP/out" 2> "$TMP/err"
}

# Which phases of five reads are null, and whether the total is.
nulls()
{
	jq -sc 'map(select(.type == "read")) | [length, (map(to_entries |
		map(select(.value == null) | .key)) | unique)]' "$TMP/out"
}

COPY="skb_copy_datagram_iter skb_consume_udp"
for b in btf kprobe; do
	without "sock_def_readable ____sys_recvmsg" \
		iophase trace --backend $b --json -- "$LAB" epoll --count 5
	is "$(nulls)" '[5,[["wait_ns","wake_ns","dispatch_ns","total_ns"]]]' \
		"$b: no data-ready: what it divides is not known"
	is "$(grep -c 'cannot attach to .*not seen: re' "$TMP/err")" 2 "$b: and it says so, twice"

	without "$COPY" iophase trace --backend $b -- "$LAB" blocking --count 5
	is "$(awk '$1 ~ /^[0-9]+$/ && $6 == "blocking" { print ($7 != "-"), $10, $11 }' "$TMP/out" |
		sort | uniq -c | xargs)" "5 1 - -" \
		"$b: no copies: - for copy and rest, the others are there"
	without "$COPY" iophase hist --backend $b --json -- "$LAB" blocking --count 5
	is "$(jq -sc 'map(select(.type == "hist" and .p50_ns == null).phase)' "$TMP/out")" \
		'["copy","rest"]' "$b: hist: null"
	without "$COPY" iophase doctor --backend $b
	is "$? $(grep -c '^skb_.*MISSING' "$TMP/out") $(grep -c 'lost: copy,rest' "$TMP/out")" \
		"1 2 2" "$b: doctor says what is lost, and fails"
	without "$COPY" iophase top --backend $b --json -i 60 -- "$LAB" blocking --count 5
	is "$(jq -c 'select(.type == "summary") | [.reads, .wait_p50_ns > 0, .copy_p50_ns,
		.rest_sum_ns]' "$TMP/out")" "[5,true,null,null]" "$b: top: null"
done

without sched_waking iophase trace --backend tracepoint --json -- "$LAB" epoll --count 5
is "$(nulls)" '[5,[["wake_ns"]]]' "a tracepoint less: its bound is not known"
