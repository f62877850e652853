#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# Servers whose data waits for them: pools of threads, bursts, readers that fall
# behind, and one that was busy when iophase came.
# vm: kernel=6.1 cpus=1 icount=1
# vm: kernel=6.12 cpus=1 icount=1
# vm: kernel=6.1 cpus=1 icount=1 backend=kprobe
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/traced.inc"

trace queues pool burst behind

# the server's process; its client is another
is "$(reads pool 'model == "multiplexed" && flags has "handoff" && bytes == 100')" 40 \
	"pool: each request is a multiplexed read that was handed over"
is "$(reads pool 'model == "multiplexed" && wait_ns > 45ms && wait_ns < 60ms &&
	dispatch_ns < 5ms')" 40 \
	"pool: which waited for the client, and was soon with a thread"

# what the client measures has the server's 5 ms for the answer in it, too
close_to "$(cat "$TMP/said.burst")" "$(values 'read: model == "multiplexed"' \
	'(median(dispatch_ns) + 5ms) / 1ms' < "$TMP/burst")" 10 \
	"burst: the median dispatch is what the client waited for"
is "$(values read model dispatch_ns < "$TMP/burst" |
	awk '$1 == "multiplexed" { at = n++ % 20; ms = $2 / 1000000
	     if (ms < 5 * at - 1 || ms > 5.5 * at + 2) bad++ }
	     END { print n, bad + 0 }')" "60 0" \
	"burst: the n-th lay there for the n - 1 before it"

is "$(values read 'sum(bytes)' < "$TMP/behind")" 2097152 "behind: 2 MB are read"
# The first waits; from then on the k-th lies there for 5 k ms, and is given an
# eighth of the time more in which all that was unread came.
values read model wait_ns dispatch_ns < "$TMP/behind" | awk '{
	ms = $3 / 1000000; k = NR - 1
	if ($1 != "blocking" || ms < 5 * k - 7 || ms > 5 * k + 12 + 5 * k / 8)
		print k, $0 }' > "$TMP/wrong"
is "$(values read model < "$TMP/behind" | wc -l) $(cat "$TMP/wrong")" "32 " \
	"behind: each chunk lay there since it came"

# One that is always late: whatever it reads first was there, and it was told of it,
# before iophase was.
"$PROGRAMS/queues" busy &
server=$!
sleep 0.5
iophase trace --json -p $server -d 1 -o "$TMP/busy" 2> "$TMP/err"
is $? 0 "busy: iophase comes to it"
is "$(values "read by fd" 'count(1)' < "$TMP/busy" | wc -l)" 4 "busy: it reads from all four"
is "$(reads busy '!(flags has "unseen") && dispatch_ns > 25ms')" 0 \
	"busy: nothing waited for as long as attaching took"
is "$(values read 'count(flags has "unseen") <= 4' < "$TMP/busy")" 1 \
	"busy: only the first of each can be unseen"
is "$(values read 'count(!(flags has "unseen") && dispatch_ns > 4ms) > 50' < "$TMP/busy")" 1 \
	"busy: the others have waited for 5 ms"
iophase hist --json -p $server -d 1 -o "$TMP/hist" 2> "$TMP/err"
is "$(values 'hist: phase == "dispatch"' 'max(max_ns) > 4ms && max(max_ns) < 25ms' \
	< "$TMP/hist")" 1 "busy: nor does hist say so"
kill $server
