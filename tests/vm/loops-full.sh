#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# Tables of iophase loops that are full: what finds no room is counted, in text and in
# JSON, and what does is right.
# vm: kernel=6.1 cpus=1 icount=1
# vm: kernel=7.x cpus=1 icount=1 full=1
# vm: kernel=6.1 cpus=1 icount=1 backend=kprobe full=1
. "$(dirname "$0")/lib.sh"

# A case of loops.c, once a map is full. Long before anybody looks at the rows.
full() # MAP CASE [OPTION...]
{
	iophase loops --json --channels -i 1000 "${@:3}" -o "$TMP/all" -- sh -c \
		"full_maps $1 || echo $1 is not full; $PROGRAMS/loops $2" > "$TMP/said" \
		2> "$TMP/err"
	is "$? $(grep -v '^loop\|^channel' "$TMP/said")$(grep -v 'none that was' "$TMP/err")" \
		"0 " "$2, no room in $1"
	# of all its loops
	read -r turns events reads bytes accepts <<< "$(awk '/^loop/ { turns += $3
		events += $4; reads += $5; bytes += $6; accepts += $7 }
		END { print turns, events, reads, bytes, accepts }' "$TMP/said")"
	is "$(counters 'shown+lost+filtered' 'shown_bytes+lost_bytes+filtered_bytes')" \
		"$(counters seen seen_bytes)" "$1: each read is shown, lost or none of a channel"
}

counters() # EXPRESSION...
{
	values counters "$@" < "$TMP/all"
}

# Of the rows of loops, which have threads: full_maps' own have none.
rows() # EXPRESSION...
{
	values "loop: tid > 0" "$@" < "$TMP/all"
}

loops_are_right() # DESCRIPTION
{
	is "$(rows 'sum(turns)' 'sum(events)' 'sum(reads)' 'sum(bytes)' 'sum(accepts)')" \
		"$turns $events $reads $bytes $accepts" "$1"
}

no_turns() # DESCRIPTION
{
	is "$(values "loop: tid > 0 && turns != null" turns < "$TMP/all")" "" "$1"
}

full loops server
is "$(counters lost lost_bytes shown 'loops_full > 0')" "$reads $bytes 0 1" \
	"no loop: it is counted, and what its channels read is lost"
no_turns "and none is shown"

full pollers server
is "$(counters lost shown 'loops_full > 0')" "0 0 1" "no poller: it is counted"
no_turns "and none is shown"

# One that is accepted, and then registered; where the kernel preempts itself a second
# program looks for what the first has not found room for.
times=2
[ "$VM_KERNEL${BACKEND:-}" != 7.x ] || times=3
full channels server
is "$(counters channels_full shown)" "$((times * accepts)) 0" "no channel: each is counted"
is "$(rows 'sum(turns)' 'sum(events)' 'sum(accepts)' 'max(reads)' 'max(channels)')" \
	"$turns $events $accepts 0 0" \
	"but turns, events and accepts are right"

full channel_lags server
is "$(counters channels_full shown shown_bytes)" "$reads $reads $bytes" \
	"no lag of a channel: each is counted"
loops_are_right "and all else is right"

full waiters server
is "$(counters 'threads_full > 0' shown shown_bytes)" "1 $reads $bytes" \
	"no room for who waits: it is counted, and what its channels read is right"
no_turns "of its turns nothing is known"

full received ring
is "$(counters 'channels_full > 0' shown shown_bytes)" "1 $reads $bytes" \
	"no room until a ring's loop is told: it is counted"
loops_are_right "and all but lags is right"
is "$(rows lag_max_ns)" null "lags are not known"

full turns server --slow 40ms
is "$(counters 'turns_lost > 0') $(grep -c '"type":"turn"' "$TMP/all")" "1 0" \
	"no room for a slow turn: it is counted"
loops_are_right "and loops are right"

# The same for people.
while read -r map case slow words; do
	iophase loops --channels -i 1000 --slow "$slow" -- sh -c \
		"full_maps $map; $PROGRAMS/loops $case" > "$TMP/all" 2> "$TMP/err"
	is "$(grep -cE "$words" "$TMP/err")" 1 "$map: a line says so"
done <<-LINES
	loops server 100s ^iophase: [1-9][0-9]* event loops found no room$
	channels server 100s ^iophase: [1-9][0-9]* sockets of event loops found no room$
	waiters server 100s ^iophase: [1-9][0-9]* thread states did not fit$
	turns server 40ms ^iophase: [1-9][0-9]* slow turns found no room$
LINES
