#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# Tables of iophase zerocopy that are full: what finds no room is counted, in text and
# in JSON; copied and moved are all bytes of what did, and with what is lost of all.
# vm: kernel=6.1 cpus=1 icount=1
# vm: kernel=7.x cpus=1 icount=1 full=1
# vm: kernel=5.10 backend=kprobe cpus=1 icount=1 full=1
# vm: kernel=6.1 backend=kprobe cpus=1 icount=1 full=1
. "$(dirname "$0")/lib.sh"

# A case of zerocopy.c, once a map is full. Long before anybody looks at the rows.
full() # "MAP [ROOM]" CASE
{
	iophase zerocopy --json -i 1000 -o "$TMP/all" -- sh -c \
		"full_maps $1 || echo $1 is not full; $PROGRAMS/zerocopy $2; :" \
		> "$TMP/said" 2> "$TMP/err"
	is "$? $(grep -v ^row "$TMP/said") $(cat "$TMP/err")" "0  " "$2, no room in $1"
	# calls, bytes of all paths, failed calls
	read -r calls bytes failed <<< "$(awk '{ calls += $4; bytes += $5; failed += $9 }
		END { print calls, bytes, failed }' "$TMP/said")"
	is "$(counters 'shown+lost' 'shown_bytes+lost_bytes' seen seen_bytes)" \
		"$(counters seen seen_bytes seen seen_bytes)" "$1: shown and lost are all calls"
	is "$(values 'zerocopy: copied_bytes + moved_bytes != bytes' path < "$TMP/all")" "" \
		"$1: copied and moved are all bytes"
}

counters() # EXPRESSION...
{
	values counters "$@" < "$TMP/all"
}

# What the program says of these paths: the sum of a field.
said() # FIELD PATH...
{
	awk -v field="$1" -v paths=" ${*:2} " 'index(paths, " " $3 " ") { n += $field }
		END { print n + 0 }' "$TMP/said"
}

rows() # EXPRESSION...
{
	values zerocopy "$@" < "$TMP/all"
}

full zc_rows tcp
is "$(counters lost lost_bytes shown)" "$((calls + failed)) $bytes 0" "no row: all is lost"
is "$(rows 'count(calls)')" 0 "and no row is shown"

# One of the two has it: of the other's calls nothing is known.
full "zc_rows 1" tcp
path=$(rows path)
is "$(rows calls bytes failed_calls)" "$(said 4 "$path") $(said 5 "$path") $(said 9 "$path")" \
	"room for a row: $path has all of its calls"
calls=$((calls + failed - $(said 4 "$path") - $(said 9 "$path")))
bytes=$((bytes - $(said 5 "$path")))
is "$(counters lost lost_bytes)" "$calls $bytes" "and the other's are lost"

cases="zerocopy uring"
grep -qE ' io_(uring_tx_zerocopy_callback|tx_ubuf_complete)$' /proc/kallsyms || {
	skip "there is no SEND_ZC"
	cases=zerocopy
}
for case in $cases; do
	path=zc_send
	[ $case = zerocopy ] || path=uring_send_zc
	full notes $case
	is "$(counters lost lost_bytes notes_full)" \
		"$(said 4 $path) $(said 5 $path) $(said 4 $path)" \
		"no note: what was sent is lost, each call is counted"
	is "$(values "zerocopy: path == \"$path\"" calls bytes pending_calls < "$TMP/all")" "" \
		"and is not pending"
	is "$(values 'zerocopy: path == "recv"' calls bytes < "$TMP/all")" \
		"$(said 4 recv) $(said 5 recv)" "who receives has a row"
done

# The kernel copies a packet whose time finds no room: it is copied all the same.
full unsharings zerocopy
is "$(values 'zerocopy: path == "zc_send"' calls bytes copied_bytes timed_bytes copy_ns \
	< "$TMP/all")" "$(said 4 zc_send) $(said 5 zc_send) $(said 6 zc_send) 0 null" \
	"no time of a copy: bytes are known, their time is not"
is "$(counters lost 'notes_full > 0')" "0 1" "and it is counted"

# Two threads that want the same entry: the second one's calls find no room. A send is
# looked for twice where the system call ends in the function that io_uring calls, too.
# By kprobe there are no entries beside the map.
full calls same-entry
room=$((calls / 2))
[ -z "${BACKEND:-}" ] || room=0
is "$(counters "threads_full >= $((calls - room))" seen seen_bytes)" \
	"1 $room $((room * bytes / calls))" \
	"no room for a thread's call: it is counted, the other's are seen"
is "$(rows 'sum(calls)' 'sum(bytes)')" "$room $((room * bytes / calls))" "and shown"

# A child that has the room of full_maps, which has ended; its own has none.
full targets udp
is "$(counters targets_full seen seen_bytes)" "1 $(said 4 send) $(said 5 send)" \
	"no room for a child: it is counted, and its parent seen"

# The same for people.
while read -r map case words; do
	iophase zerocopy -i 1000 -- sh -c "full_maps $map; $PROGRAMS/zerocopy $case; :" \
		> "$TMP/all" 2> "$TMP/err"
	is "$(grep -cE "$words" "$TMP/err")" 1 "$map: a line says so"
done <<-LINES
	zc_rows tcp ^calls: [0-9]* seen, 0 shown, 0 filtered, [1-9][0-9]* lost,
	notes zerocopy ^iophase: 20 zero-copy sends found no room$
	unsharings zerocopy ^iophase: [1-9][0-9]* zero-copy sends found no room$
	calls same-entry ^iophase: [1-9][0-9]* thread states did not fit$
	targets udp ^iophase: 1 threads or children found no room to be selected$
LINES
