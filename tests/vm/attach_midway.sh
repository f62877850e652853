#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# iophase comes and goes in the middle of reads. One that began before it is
# not seen; no other is missed, and none is invented.
# vm: kernel=6.1 cpus=1 icount=1
# vm: kernel=6.1 cpus=2 full=1
. "$(dirname "$0")/lib.sh"

COUNT=8

# While iophase is still attaching, reads go by: on a slow machine they last
# longer.
for DELAY in 1500 6000; do
	iophase-lab blocking --delay $DELAY --count $COUNT --json > "$TMP/made" &
	iophase trace --json -c iophase-lab -d $((COUNT * DELAY / 1000)) > "$TMP/trace"
	status=$?
	wait
	seen=$(values counters seen < "$TMP/trace")
	[ "$seen" -lt $((COUNT / 2)) ] || break
done
is $status 0 "it starts while a thread is blocked"
# the lab's last ones: each ended within the same read call
grep '"type":"read"' "$TMP/made" | tail -n "$seen" > "$TMP/last"
is "$(check pairs tid "$TMP/last" "$TMP/trace" 'lab.called_ns <= ts_ns - call_ns' \
	'lab.returned_ns >= ts_ns' 'bytes == lab.bytes' 2>&1)" "" \
	"each of $seen reads is one that was made"
[ "$seen" -ge $((COUNT / 2)) ] && [ "$seen" -lt $COUNT ] &&
	ok "the first of $COUNT is not there, the others are" ||
	not_ok "saw $seen of $COUNT reads"
is "$(values "read: !(model == \"blocking\" && wait_ns >= $DELAY * 0.9ms && flags == \"\")" \
	model wait_ns flags < "$TMP/trace")" "" "each waited for its own data"
is "$(values counters lost rejected unmatched missed < "$TMP/trace")" "0 0 0 0" \
	"nothing lost, rejected, unmatched or missed"

start=$(date +%s)
iophase trace --json -d 1 -- "$LAB" blocking --delay 60000 --count 1 > "$TMP/trace"
status=$? took=$(($(date +%s) - start)) # before a word: time leaps until it is written
is "$status $(values counters seen < "$TMP/trace")" "0 0" "it stops while a thread is blocked"
[ $took -lt 30 ] && ok "and does not wait for it" || not_ok "it waited for the read: $took s"
wait_for "[ \$(bpftool prog show | grep -c ' name on_') = 0 ]" &&
	ok "nothing stays in the kernel" || not_ok "programs stay in the kernel"
