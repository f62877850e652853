#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# Nothing missed, nothing invented: reads of random model, call, family, size
# and timing on 8 threads, and the generator's own list of them, matched one
# to one: thread, descriptor, call, bytes, errno, model, polls, in order.
# STORM_READS=, STORM=storm32 (a 32-bit process); all of it: make storm.
# vm: kernel=6.1 cpus=2
# vm: kernel=6.12 cpus=2
# vm: kernel=6.1 cpus=2 backend=kprobe
# vm: kernel=6.12 cpus=2 backend=kprobe
# vm: kernel=6.1 cpus=4 append=preempt=full
. "$(dirname "$0")/lib.sh"

READS=${STORM_READS:-10000}
STORM=build/tests/vm/${STORM:-storm}

# The trace as the generator writes its list; a reading thread's comm is its own.
as_list() # TRACE
{
	jq -r 'select(.type == "read") | [.tid, .fd, .call, .bytes, .errno,
		.model, .polls] | join(" ")' "$1" | sort -s -n -k 1,1
}

iophase trace --json --buffer 65536 -- sh -c "$STORM $READS $RANDOM > $TMP/list" \
	> "$TMP/trace" 2> "$TMP/err"
is $? 0 "the storm is traced to its end"
grep -v eagains "$TMP/list" | sort -s -n -k 1,1 > "$TMP/made"
as_list "$TMP/trace" > "$TMP/seen"
is "$(paste -d ' ' "$TMP/made" "$TMP/seen" | awk '
	{ for (i = 1; i <= 7; i++) if ($i != $(i + 7) && $i != "-") { print; next } }' |
	head -n 20)" "" \
	"$(wc -l < "$TMP/made") reads match one to one"
counters=$(tail -n 1 "$TMP/trace")
is "$(jq -c '[.lost, .rejected, .unmatched, .seen - .shown]' <<< "$counters")" \
	"[0,0,0,0]" "no read is lost, rejected or unmatched"
# The kernel skips a program that interrupts itself. It says so, and no read may
# go with it: those match above.
missed=$(jq .missed <<< "$counters")
[ "$missed" -le $((READS / 100)) ] && ok "$missed runs of programs were skipped" ||
	not_ok "$missed runs of programs were skipped"
is "$(jq .polls <<< "$counters")" "$(sed -n 's/^eagains //p' "$TMP/list")" \
	"as many EAGAINs"
is "$(jq -r 'select(.type == "read" and .total_ns != .wait_ns + .wake_ns +
	.dispatch_ns + .copy_ns + .rest_ns)' "$TMP/trace" | wc -l)" 0 \
	"the phases of every read add up"
# A reader on another CPU can take data before the kernel calls back for it.
unseen=$(grep -c '"flags":\[[^]]*"unseen"' "$TMP/trace")
[ "$unseen" -le $((READS / 100)) ] && ok "$unseen reads were before data-ready" ||
	not_ok "$unseen of $READS reads were before data-ready"
