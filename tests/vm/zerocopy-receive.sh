#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# Reads by TCP_ZEROCOPY_RECEIVE and by io_uring's RECV_ZC wait as others do, and are of
# what was mapped, and copied.
# vm: kernel=6.1 cpus=1 icount=1
# vm: kernel=6.12 cpus=1 icount=1
# vm: kernel=7.x cpus=1 icount=1
. "$(dirname "$0")/lib.sh"

[ -z "${BACKEND:-}" ] || {
	skip "TCP_ZEROCOPY_RECEIVE and RECV_ZC are no reads by $BACKEND"
	exit
}

iophase trace --json -o "$TMP/trace" -- "$PROGRAMS/zerocopy" receive-polled \
	> "$TMP/said" 2> "$TMP/err"
is "$? $(cat "$TMP/err")" "0 " "iophase and program have no complaints"

# Five of pages, one that is copied, the end. What only says how much is left is none,
# and the recv() that follows has waited for it.
is "$(values 'read: call == "getsockopt"' model bytes errno copies < "$TMP/trace" |
	uniq -c | xargs)" \
	"5 multiplexed 16384 0 0 1 multiplexed 300 0 1 1 multiplexed 0 5 0" \
	"trace: what it maps, what it copies, and the end"
is "$(values 'read: bytes == 300' call model < "$TMP/trace" | xargs)" \
	"getsockopt multiplexed recvfrom multiplexed" "trace: what it leaves is read by recv()"
for ns in $(values 'read: call == "getsockopt"' wait_ns < "$TMP/trace") \
	$(values 'read: call == "recvfrom"' wait_ns < "$TMP/trace"); do
	close_to 50000000 "$ns" 2 "trace: it has waited as long as nothing was sent"
done
is "$(values counters polls < "$TMP/trace")" 1 "trace: it found nothing once"
nothing_lost "$TMP/trace" trace rejected unmatched

# The same in rows: as many reads, and bytes, as in the trace before.
in_rows() # CASE MODEL POLLS
{
	local reads

	reads=$(values "read: model == \"$2\"" 'count(bytes >= 0)' 'sum(bytes)' < "$TMP/trace")
	iophase hist --json -o "$TMP/hist" -- "$PROGRAMS/zerocopy" "$1" > "$TMP/said" 2> "$TMP/err"
	is "$(values counters lost rejected unmatched polls < "$TMP/hist")" "0 0 0 $3" \
		"$1: hist: nothing is lost"
	is "$(values "hist: model == \"$2\" && phase == \"wait\"" reads < "$TMP/hist")" \
		"${reads% *}" "$1: hist has all reads"
	iophase top --json -i 1000 -o "$TMP/top" -- "$PROGRAMS/zerocopy" "$1" > "$TMP/said" \
		2> "$TMP/err"
	is "$(values "top: model == \"$2\"" reads bytes < "$TMP/top")" "$reads" \
		"$1: top has all reads"
}

in_rows receive-polled multiplexed 1

# How many reads a splice takes is up to its sender; zerocopy.sh has them in trace.
iophase top --json -i 1000 -o "$TMP/top" -- "$PROGRAMS/zerocopy" splice-in > "$TMP/said" \
	2> "$TMP/err"
bytes=$(awk '$3 == "splice_in" { print $5 }' "$TMP/said")
is "$(values top 'sum(bytes)' 'sum(copy_sum_ns)' < "$TMP/top")" "$bytes 0" \
	"splice: top has all that is spliced, and no copy"
iophase hist --json -o "$TMP/hist" -- "$PROGRAMS/zerocopy" splice-in > "$TMP/said" 2> "$TMP/err"
is "$(values 'hist: phase == "copy"' 'sum(timed) > 0' 'sum(sum_ns)' < "$TMP/hist")" "1 0" \
	"splice: hist has its reads, and no copy"

# What RECV_ZC takes at a time is a read, of which each piece is copied here, as there is
# no device (docs/zerocopy.md). At the end of the connection it is over.
grep -q ' io_recvzc$' /proc/kallsyms || {
	skip "there is no RECV_ZC"
	exit
}
iophase trace --json -o "$TMP/trace" -- "$PROGRAMS/zerocopy" uring-receive-slow \
	> "$TMP/said" 2> "$TMP/err"
is "$? $(cat "$TMP/err")" "0 " "iophase and program have no complaints"
is "$(values read call model bytes 'copies > 0' flags < "$TMP/trace" | uniq -c |
	xargs)" \
	"5 io_uring async 16384 1 - 1 io_uring async 0 0 eof" \
	"trace: what RECV_ZC takes, and the end"
for ns in $(values read wait_ns < "$TMP/trace"); do
	close_to 50000000 "$ns" 2 "trace: it has waited as long as nothing was sent"
done
is "$(values 'read: bytes > 0 && copy_ns == 0' bytes < "$TMP/trace")" "" "trace: each is copied"
is "$(values read 'sum(bytes)' < "$TMP/trace")" \
	"$(awk '$3 == "uring_zcrx" { print $5 }' "$TMP/said")" "trace: all that the ring got"
nothing_lost "$TMP/trace" trace rejected unmatched polls
in_rows uring-receive-slow async 0
