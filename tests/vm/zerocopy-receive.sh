#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# Reads by TCP_ZEROCOPY_RECEIVE wait as others do, and are of what was mapped and copied.
# vm: kernel=6.1 cpus=1 icount=1
# vm: kernel=6.12 cpus=1 icount=1
# vm: kernel=7.x cpus=1 icount=1
. "$(dirname "$0")/lib.sh"

[ -z "${BACKEND:-}" ] || {
	skip "TCP_ZEROCOPY_RECEIVE is no read by $BACKEND"
	exit
}

iophase trace --json -o "$TMP/trace" -- "$PROGRAMS/zerocopy" receive-polled \
	> "$TMP/said" 2> "$TMP/err"
is "$? $(cat "$TMP/err")" "0 " "iophase and program have no complaints"

# Five of pages, one that is copied, the end. What only says how much is left is none,
# and the recv() that follows has waited for it.
is "$(values 'read: call == "getsockopt"' model bytes errno copies < "$TMP/trace" |
	uniq -c | awk '{ $1 = $1 } 1' | xargs)" \
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

# The same in rows.
iophase hist --json -o "$TMP/hist" -- "$PROGRAMS/zerocopy" receive-polled \
	> "$TMP/said" 2> "$TMP/err"
is "$(values counters lost rejected unmatched polls < "$TMP/hist")" "0 0 0 1" \
	"hist: nothing is lost"
