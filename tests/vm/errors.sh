#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# What ends a wait, or seems to, and is no data: the error queue, wrong checksums,
# refused datagrams, an overrun; and names that are no text.
# vm: kernel=6.1 cpus=1 icount=1
# vm: kernel=6.12 cpus=1 icount=1
# vm: kernel=6.1 cpus=1 icount=1 backend=kprobe
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/traced.inc"

trace errors errqueue-poll errqueue-epoll badsum-block badsum-epoll refused-block \
	refused-poll overrun names

# The answering thread's three reads are blocking.
for how in poll epoll; do
	is "$(reads errqueue-$how 'flags has "errqueue" && wait_ns == 0 && wake_ns == 0 &&
		dispatch_ns == 0')" 3 \
		"errqueue, $how: reads of the error queue lie inside their call"
	is "$(reads errqueue-$how 'flags has "errqueue" && total_ns != call_ns')" 0 \
		"errqueue, $how: and are no longer than it"
	is "$(in_ms errqueue-$how model bytes flags | grep '^multiplexed 48')" \
		"$(printf 'multiplexed 48 - 100 0 0 0 0\n%.0s' 1 2 3)" \
		"errqueue, $how: the answer's wait is for the answer"
done

is "$(in_ms badsum-block model bytes errno)" "blocking 100 0 150 0 0 0 0" \
	"badsum: a read waits on when what came is dropped"
is "$(in_ms badsum-epoll model bytes errno)" "multiplexed 100 0 100 0 0 0 0" \
	"badsum: after an EAGAIN the wait call that follows is what waits"
is "$(eagains badsum-epoll)" 1 "badsum: the EAGAIN is counted"

is "$(in_ms refused-block model bytes errno)" "blocking 0 111 30 0 0 0 0" \
	"refused: an error ends the wait, and no data"
is "$(in_ms refused-poll model bytes errno)" "multiplexed 0 111 30 0 0 0 0" \
	"refused: so it does where poll() tells"

is "$(values read proto bytes errno < "$TMP/overrun" | head -n 1)" "netlink 0 105" \
	"overrun: that messages were lost is a read that failed"
is "$(reads overrun 'proto == "netlink" && bytes > 0')" "$(cat "$TMP/said.overrun")" \
	"overrun: what had room is read"
is "$(eagains overrun)" 1 "overrun: the EAGAIN is counted"

is "$(jq -c 'select(.type == "read") | .bytes' "$TMP/names" | sort | uniq -c | xargs)" \
	"12 64" "names: a read each, which is JSON"
iconv -f UTF-8 -t UTF-8 "$TMP/names" > "$TMP/utf8" 2> "$TMP/err" &&
	cmp -s "$TMP/names" "$TMP/utf8" && ok "names: JSON is UTF-8" ||
	not_ok "names: $(cat "$TMP/err")"
iophase trace -o "$TMP/text" -- "$PROGRAMS/errors" names 2> "$TMP/err"
is "$(grep -c recvfrom "$TMP/text")" 12 "names: text has a line each"
is "$(iconv -f UTF-8 -t UTF-32LE "$TMP/text" | od -An -v -tu4 -w4 |
	awk '$1 < 32 && $1 != 10 || $1 >= 127 && $1 < 160' | wc -l)" 0 \
	"names: no control character reaches a terminal"
is "$(sed -n 's/recvfrom.*//p' "$TMP/text" | while IFS= read -r line; do
	printf '%s' "$line" | LC_ALL=C.UTF-8 wc -L
done | sort -u | wc -l)" 1 "names: the columns stand below each other"
