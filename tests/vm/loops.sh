#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# iophase loops says of a program's loops what the program itself counts: turns,
# events, reads, accepts and channels exactly, times within what iophase takes.
# vm: kernel=6.1 cpus=1 icount=1
# vm: kernel=6.12 cpus=1 icount=1 full=1
# vm: kernel=7.x cpus=1 icount=1
# vm: kernel=5.10 cpus=1 icount=1 backend=kprobe
# vm: kernel=6.1 cpus=1 icount=1 backend=kprobe full=1
# vm: kernel=6.12 cpus=1 icount=1 backend=kprobe full=1
. "$(dirname "$0")/lib.sh"

# Of all intervals, what each loop has: tid turns events reads bytes accepts.
loops_of() # FILE
{
	values "loop by tid: tid > 0" tid 'sum(turns)' 'sum(events)' 'sum(reads)' \
		'sum(bytes)' 'sum(accepts)' < "$1" | sort -n
}

# The same as the program has said.
said_of() # CASE
{
	awk '/^loop/ { print $2, $3, $4, $5, $6, $7 }' "$TMP/said.$1" | sort -n
}

# The longest of what a key says of a thread, in ms.
longest() # FILE TID KEY
{
	values "loop: tid == $2" "max($3) / 1ms" < "$1"
}

# When there were most objects of a type.
at_most() # TYPE FILE
{
	values "$1 by ts_ns" 'count(1)' ts_ns < "$2" | sort -n | tail -n 1 | cut -d ' ' -f 2
}

# Channels as they were while the connections stayed: tid and the peer's port.
channels_of() # FILE
{
	values "channel: ts_ns == $(at_most channel "$1")" tid peer < "$1" |
		sed 's/ .*:/ /' | sort
}

# Of a case what iophase has is what the program has said on its standard output.
check_case() # CASE
{
	nothing_lost "$TMP/$1" "$1" lost rejected threads_full socks_full loops_full channels_full
	is "$(loops_of "$TMP/$1")" "$(said_of "$1")" \
		"$1: turns, events, reads, bytes and accepts of each loop are the program's"
	is "$(channels_of "$TMP/$1")" \
		"$(awk '/^channel/ { print $2, $3 }' "$TMP/said.$1" | sort)" \
		"$1: the channels of each loop are the program's"
}

# Programs one after the other in one run, CASE32 one of 32 bits: a ring may have the
# address of the one before.
run_in_turn() # CASE[32]...
{
	local c

	for c; do
		echo "sh -c 'echo \$\$ > $TMP/pid.$c
			exec $PROGRAMS/loops${c//[!0-9]/} ${c%32}' > $TMP/said.$c"
	done > "$TMP/in_turn"
	iophase loops --json --channels -i 0.5 -o "$TMP/all" -- sh "$TMP/in_turn" 2> "$TMP/err"
	is "$? $(cat "$TMP/err")" "0 " "$*: iophase has nothing to complain about"
	for c; do
		grep -E "\"pid\":$(cat "$TMP/pid.$c"),|\"type\":\"counters\"" "$TMP/all" > "$TMP/$c"
		check_case "$c"
	done
}

roles() # CASE
{
	values "loop by tid: tid > 0" role 'count(1)' < "$TMP/$1" | cut -d ' ' -f 1 | sort | xargs
}

# The time in turns, in ms, as the program has it and as iophase has.
busy_is_the_programs() # CASE
{
	local tid sum max

	while read -r tid sum max; do
		close_to "$sum" "$(values "loop: tid == $tid" \
			'sum(busy * interval_ns) / 1ms' < "$TMP/$1")" 10 \
			"$1: $tid was busy for as long as it says"
		close_to "$max" "$(longest "$TMP/$1" "$tid" turn_max_ns)" 10 \
			"$1: its longest turn is as long as it says"
	done < <(awk '/^loop/ && $8 > 1 { print $2, $8, $9 }' "$TMP/said.$1")
}

poller_of() # CASE
{
	case $1 in
	nested | edge) echo epoll ;;
	poll | select) echo "$1" ;;
	*) echo io_uring ;;
	esac
}

rings="ring multishot received sqpoll fixed deferred together"
[ "$VM_KERNEL" != 5.10 ] || {
	skip "multishot received fixed deferred together: 5.10's io_uring has none of that"
	rings="ring sqpoll"
}
of_32_bits="server32 poll32 select32"
[ -e "$PROGRAMS/loops32" ] || {
	skip "32-bit processes: the compiler makes no 32-bit programs"
	of_32_bits=
}
# shellcheck disable=SC2086 # lists
run_in_turn server poll select nested edge $rings $of_32_bits
for case in server poll select nested edge $rings; do
	busy_is_the_programs "$case"
done
is "$(roles server)" "acceptor worker worker" "server: roles"
is "$(values "group: ts_ns == $(at_most group "$TMP/server")" group role loops \
	< "$TMP/server" | xargs)" "1 acceptor 1 2 worker 2" "server: two groups"
is "$(values group 'max(group)' < "$TMP/server")" 2 \
	"server: nor are there more when its epolls have closed"
is "$(values loop 'sum(moved)' < "$TMP/server")" 0 "server: no channel moves"
# Each wait is ended by a socket, and begins a turn; the last one by an eventfd.
for case in server poll select nested edge; do
	is "$(values "loop by tid: tid > 0" 'sum(wakes_io) == sum(turns)' 'sum(wakes_other)' \
		'sum(wakes_timeout)' < "$TMP/$case" | sort -u)" "1 1 0" \
		"$case: sockets woke each loop, and at last an eventfd"
done
for case in poll select nested edge $rings; do
	is "$(roles "$case")" both "$case: it accepts and reads"
	is "$(values "loop: tid > 0" poller < "$TMP/$case" | sort -u)" \
		"$(poller_of "$case")" "$case: what it waits on"
done

# Of threads that share an epoll nobody can say whose turn an event is; all else is right.
iophase loops --json --channels -i 0.5 -o "$TMP/shared" -- "$PROGRAMS/loops" shared \
	> "$TMP/said.shared" 2> "$TMP/err"
is "$? $(cat "$TMP/err")" "0 " "shared: iophase has nothing to complain about"
nothing_lost "$TMP/shared" shared lost rejected threads_full socks_full loops_full channels_full
is "$(values loop 'sum(events)' 'sum(reads)' 'sum(bytes)' 'sum(accepts)' < "$TMP/shared")" \
	"$(awk '/^loop/ { print $4, $5, $6, $7 }' "$TMP/said.shared")" \
	"shared: events, reads, bytes and accepts are the program's"
is "$(values loop tid threads turns busy 'max(channels)' 'max(moved)' < "$TMP/shared")" \
	"null 3 null null 6 0" "shared: no thread's, but of three; its turns are not said"
is "$(channels_of "$TMP/shared" | cut -d ' ' -f 2 | sort)" \
	"$(awk '/^channel/ { print $3 }' "$TMP/said.shared" | sort)" \
	"shared: its channels are the program's"

# The slow handler's loop shows it in its turns, and in the lag of its channels.
slow=$(awk '/^loop/ && $9 > 50 { print $2 }' "$TMP/said.server")
fast=$(awk '/^loop/ && $9 < 50 && $5 { print $2 }' "$TMP/said.server")
is "$(awk -v turn="$(longest "$TMP/server" "$slow" turn_max_ns)" \
	-v lag="$(longest "$TMP/server" "$slow" lag_max_ns)" 'BEGIN {
		print (turn >= 50 && turn < 55), (lag >= 44 && lag < 50) }')" "1 1" \
	"server: 50 ms show in the turn and in the lag of the slow handler's loop"
is "$(awk -v turn="$(longest "$TMP/server" "$fast" turn_max_ns)" \
	-v lag="$(longest "$TMP/server" "$fast" lag_max_ns)" 'BEGIN {
		print (turn < 10), (lag < 10) }')" "1 1" "server: no other loop shows them"
is "$(values "channel: lag_max_ns > 40ms" tid < "$TMP/server" | sort -u)" "$slow" \
	"server: nor do the channels of another"

# What comes while a ring's loop is in a turn waits until it is told of it, whenever
# the kernel has carried out the request. No one moves it. With SQPOLL the kernel's thread
# looks for more for a millisecond, and the client waits for the CPU before it sends.
for case in $rings; do
	ring=$(awk '/^loop/ { print $2 }' "$TMP/said.$case")
	least=44
	case $case in sqpoll | together) least=42 ;; esac
	is "$(awk -v lag="$(longest "$TMP/$case" "$ring" lag_max_ns)" -v least=$least 'BEGIN {
		print (lag >= least && lag < 52) }')" 1 "$case: its lag is what the slow turn took"
	is "$(values loop 'max(moved)' 'sum(wakes_io) > 20' 'sum(wakes_other)' < "$TMP/$case")" \
		"0 1 1" "$case: none moved; sockets and one eventfd woke it"
done

# A descriptor that another loop gets has moved, and none but that.
iophase loops --json -i 0.5 -o "$TMP/moved" -- "$PROGRAMS/loops" moved \
	> "$TMP/said.moved" 2> "$TMP/err.moved"
is "$(values "loop by tid" 'max(moved)' < "$TMP/moved" | sort -n | xargs)" "0 0 1" \
	"moved: one channel has"

# The most that a group's loops have of the mean: here three channels of two loops each,
# then two and four.
for case in server moved; do
	is "$(jq -cs 'def most(f): map(f // 0) | if length > 1 and add > 0
				then 100 * length * max / add | floor / 100 else null end;
		map(select(.type == "loop")) as $loops |
		map(select(.type == "group"))[] | . as $group |
		[$loops[] | select(.ts_ns == $group.ts_ns and .group == $group.group)] |
		select([most(.channels), most(.reads)] !=
				[$group.channels_imbalance, $group.reads_imbalance] or
			(map(.busy // 0) | add > 0.02) and
			(most(.busy) - $group.busy_imbalance | fabs > 0.05)) |
		$group' "$TMP/$case")" "" "$case: imbalance is the most of the mean"
done
is "$(values "group: channels == 6" channels_imbalance < "$TMP/moved" | tail -n 1)" 1.33 \
	"moved: two and four channels are 1.33"

# Channels that there were at the most, have closed, and are left.
closed() # CASE
{
	values loop 'max(channels)' 'max(closed)' channels < "$TMP/$1"
}

# What was there before iophase came; told by its name as well.
hold server
iophase loops --json -n 1 -i 0.2 -c loops -o "$TMP/named" 2> "$TMP/err"
is "$(values loop pid channels < "$TMP/named" | sort | xargs)" "$held 0 $held 3 $held 3" \
	"-c: the loops of whoever is called that"
iophase loops --json --channels -n 1 -i 0.2 -p $held -o "$TMP/before" 2> "$TMP/err"
go_on
wait $held
is "$(values channel peer < "$TMP/before" | sed 's/.*://' | sort)" \
	"$(awk '/^channel/ { print $3 }' "$TMP/said.server" | sort)" \
	"before: channels from before are the program's"
is "$(values channel origin < "$TMP/before" | sort -u)" accepted \
	"before: and have been accepted"
is "$(values loop channels < "$TMP/before" | sort | xargs)" "0 3 3" \
	"before: three of each worker"

# Those that have closed are counted, also those from before, and nothing is kept of them.
for case in closing closing-poll; do
	cat > "$TMP/$case.sh" <<-RUN
		"$PROGRAMS/loops" $case > "$TMP/said.$case"
		for map in channels channel_lags pollers waiters; do
			"$PROGRAMS/map_usage" \$map
		done
	RUN
	iophase loops --json --channels -i 0.5 -o "$TMP/$case" -- sh "$TMP/$case.sh" \
		> "$TMP/kept" 2> "$TMP/err"
	is "$? $(xargs < "$TMP/kept") $(cat "$TMP/err")" "0 0 0 0 0 " \
		"$case: nothing is kept of who has left"
	is "$(loops_of "$TMP/$case")" "$(said_of $case)" \
		"$case: turns, events, reads, bytes and accepts are the program's"
	is "$(closed "$case")" "6 6 0" "$case: there were six channels, and six have closed"
done
hold closing
iophase loops --json --channels -i 0.5 -p $held -o "$TMP/left" 2> "$TMP/err" &
iophase=$!
wait_for 'grep -q "\"type\":\"loop\"" "$TMP/left"'
go_on
wait $iophase
is "$? $(closed left)" "0 6 6 0" "closing: channels from before are counted, too"

# What had to wait for its loop.
iophase loops --json -i 60 -o "$TMP/late" -- "$PROGRAMS/loops" late > "$TMP/said.late" \
	2> "$TMP/err"
is "$(loops_of "$TMP/late")" "$(said_of late)" \
	"late: turns, events, reads, bytes and accepts are the program's"
for lag in "accept_lag 20" "lag 10"; do
	read -r lag ms <<< "$lag"
	for figure in p50 p99 max; do
		close_to "$ms" "$(values loop "${lag}_${figure}_ns / 1ms" < "$TMP/late" |
			head -n 1)" 10 "late: ${lag}_$figure"
	done
done
is "$(values loop wakes_io wakes_other wakes_timeout < "$TMP/late" | head -n 1)" "10 0 1" \
	"late: sockets woke it, and at last nothing"
COLUMNS=130 iophase loops -i 60 -- "$PROGRAMS/loops" late > "$TMP/text" 2> "$TMP/err"
is "$(awk '$2 == "both" { print $(NF - 4), $(NF - 3), $(NF - 2), $(NF - 1), $NF }' \
	"$TMP/text")" "10 0 1 0 loops" "late: 130 columns say what woke it; it remains what it was"

# A turn that does not end is all of the time, and the longest so far, once an interval
# has passed in which it did not begin.
iophase loops --json -i 0.5 -o "$TMP/stuck" -- "$PROGRAMS/loops" stuck > /dev/null 2>&1
is "$(values "loop: turn_max_ns > 600ms" turns busy turn_p50_ns < "$TMP/stuck" |
	head -n 1)" "0 1 null" \
	"stuck: busy all the time, and how long so far"

iophase loops -n 1 -i 0.1 -- sleep 1 > "$TMP/none" 2> "$TMP/err"
is "$? $(grep -c 'no event loops so far' "$TMP/none")" "0 1" "no loops: it says so"
iophase loops --channels -i 0.3 -- "$PROGRAMS/loops" server > "$TMP/text" 2> "$TMP/err"
is "$(awk 'length > 80' "$TMP/text")" "" "text fits in 80 columns"
is "$(awk '$3 == "tcp" && $4 ~ /^127/ && $1 ~ /^[0-9.]+[ums]$/ { peers[$4] }
	END { print length(peers) }' "$TMP/text")" 6 "and says of each channel since when"
grep -q '^loops (.*): server, 2 groups: 1 acceptor -> 2 workers, 6 channels, none moved$' \
	"$TMP/text"
is $? 0 "a line for the process"
