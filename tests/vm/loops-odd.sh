#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# iophase loops where there are no loops, 10,000 channels, epolls in epolls, several
# datagrams a call, a process that ends, a turn that began before iophase.
# vm: kernel=6.1 cpus=1 icount=1
# vm: kernel=6.12 cpus=1 icount=1 full=1
# vm: kernel=7.x cpus=1 icount=1 full=1
# vm: kernel=5.10 cpus=1 icount=1 backend=kprobe full=1
# vm: kernel=6.1 cpus=1 icount=1 backend=kprobe full=1
# vm: kernel=6.12 cpus=1 icount=1 backend=kprobe full=1
. "$(dirname "$0")/lib.sh"

# Of all intervals: tid turns events reads bytes of the only loop.
loop_of() # FILE
{
	values "loop by tid: tid > 0" tid 'sum(turns)' 'sum(events)' 'sum(reads)' \
		'sum(bytes)' < "$1"
}

said() # CASE
{
	awk '/^loop/ { print $2, $3, $4, $5, $6 }' "$TMP/said.$1"
}

all_kept() # CASE
{
	nothing_lost "$TMP/$1" "$1" lost rejected threads_full socks_full loops_full channels_full
}

# Long enough: time leaps while this machine reads a file for the guest.
sleep 1000000 &
none=$!
iophase loops -p $none -n 1 -i 0.2 > "$TMP/none" 2> "$TMP/err"
is "$? $(grep -c 'no event loops so far' "$TMP/none")" "0 1" \
	"a process without loops: it says so"
iophase loops --json -p $none -n 1 -i 0.2 > "$TMP/none" 2> "$TMP/err"
is "$? $(types < "$TMP/none")" "0 start counters" \
	"a process without loops: no rows"
iophase loops -p $none > "$TMP/ends" 2> "$TMP/err" &
iophase=$!
wait_for 'grep -q "no event loops" "$TMP/ends"'
kill $none
wait $iophase
is "$?" 0 "a process that ends: so does iophase"

hold server
iophase loops --json -i 0.5 -p $held > "$TMP/ends" 2> "$TMP/err" &
iophase=$!
wait_for 'grep -q "\"type\":\"loop\"" "$TMP/ends"'
go_on
wait $iophase
is "$?" 0 "a server that ends: so does iophase"
is "$(tail -n 1 "$TMP/ends" | grep -c '"type":"counters"') $(values loop 'max(channels)' \
	< "$TMP/ends")" "1 3" \
	"a server that ends: its loops until then, and the counters"
all_kept ends

cases="many deep batch"
[ -e "$PROGRAMS/loops32" ] && cases+=" batch32" ||
	skip "batch32: the compiler makes no 32-bit programs"
for case in $cases; do
	iophase loops --json --channels -i 1 -o "$TMP/$case" -- \
		"$PROGRAMS/loops${case//[!0-9]/}" ${case%32} > "$TMP/said.$case" 2> "$TMP/err.$case"
	is "$? $(cat "$TMP/err.$case")" "0 " "$case: iophase has nothing to complain about"
	all_kept $case
	is "$(loop_of "$TMP/$case")" "$(said "$case")" \
		"$case: one loop, and its turns, events, reads and bytes"
done
is "$(values loop 'max(channels)' < "$TMP/many")" 10000 "many: 10,000 channels"
values channel ts_ns fd < "$TMP/many" > "$TMP/fds"
most_at_once() # < LINES
{
	cut -d ' ' -f 1 | sort | uniq -c | sort -n | awk 'END { print $1 }'
}
is "$(most_at_once < "$TMP/fds") $(sort -u "$TMP/fds" | most_at_once)" "10000 10000" \
	"many: and a line for each"
is "$(values loop 'max(channels)' 'max(moved)' < "$TMP/deep")" "1 0" \
	"deep: its channel is the outermost epoll's"

# The same that has been there before.
hold many
iophase loops --json -n 1 -i 0.5 -p $held -o "$TMP/before" 2> "$TMP/err"
is "$(values loop channels tid < "$TMP/before")" "10000 null" \
	"many: from before, of a loop that has not come back so far"
all_kept before
kill $held

# The turn in which iophase came is not known; what it reads is.
hold midway
iophase loops --json -i 0.5 -p $held -o "$TMP/midway" 2> "$TMP/err" &
iophase=$!
wait_for 'grep -q "\"type\":\"start\"" "$TMP/midway"'
go_on
wait $iophase
is "$(loop_of "$TMP/midway")" "$(said midway)" "midway: only turns that it has seen begin"
is "$(values 'loop: turn_max_ns >= 40ms' turn_max_ns < "$TMP/midway")" "" \
	"midway: and none is as long as the one before"
