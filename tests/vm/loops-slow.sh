#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# iophase loops --slow names the turns that take long, the channel that they were
# long for, and where their thread was meanwhile.
# vm: kernel=6.1 cpus=1 icount=1
# vm: kernel=6.12 cpus=1 icount=1 full=1
# vm: kernel=7.x cpus=1 icount=1 full=1
# vm: kernel=5.10 cpus=1 icount=1 backend=kprobe full=1
# vm: kernel=6.1 cpus=1 icount=1 backend=kprobe full=1
# vm: kernel=6.12 cpus=1 icount=1 backend=kprobe full=1
# vm: kernel=7.x cpus=1 icount=1 backend=kprobe full=1
. "$(dirname "$0")/lib.sh"

# Traces a case of the program; the slow loop and its first channel, as that says.
run_case() # CASE
{
	iophase loops --json --channels --slow 40ms -i 0.5 -o "$TMP/$1" -- \
		"$PROGRAMS/loops" "$1" > "$TMP/said.$1" 2> "$TMP/err.$1"
	is "$? $(cat "$TMP/err.$1")" "0 " "$1: iophase has nothing to complain about"
	nothing_lost "$TMP/$1" "$1" lost turns_lost loops_full
	read -r slow port < <(awk '/^loop/ { slow = $9 > 50 && !seen; tid = $2 }
		/^channel/ && slow && !seen { seen = 1; print tid, $3 }' "$TMP/said.$1")
}

# Of its first slow turn.
turn() # CASE EXPRESSION...
{
	values "turn: tid == $slow" "${@:2}" < "$TMP/$1" | head -n 1
}

# Of 50 ms of the turn no more than 5 were elsewhere: iophase looks in between.
was() # CASE WHERE
{
	is "$(turn "$1" cpu_ns runnable_ns asleep_ns | awk -v where="$2" '{
		n["cpu"] = $1; n["runnable"] = $2; n["asleep"] = $3
		for (i in n)
			if (i == where ? n[i] < 45e6 || n[i] > 56e6 : n[i] > 5e6)
				print i, n[i] }')" "" "$1: 50 ms $2, and nothing much elsewhere"
	is "$(values 'turn: cpu_ns + runnable_ns + asleep_ns != turn_ns' tid < "$TMP/$1")" "" \
		"$1: on the CPU, runnable and asleep are all of the turn"
}

# The lag of others is short.
lags_are_its_own() # CASE
{
	is "$(values 'loop: lag_max_ns > 30ms' tid < "$TMP/$1" | sort -u)" "$slow" \
		"$1: the lag is that loop's alone"
	is "$(values 'channel: lag_max_ns > 30ms' tid < "$TMP/$1" | sort -u)" "$slow" \
		"$1: and its channels'"
}

# What all of them have in common.
check_case() # CASE
{
	run_case "$1"
	is "$(values turn tid < "$TMP/$1" | sort -u)" "$slow" \
		"$1: the slow loop's turn is slow, and no other's"
	is "$(values 'turn_channel: took_ns > 45ms' tid peer reads bytes < "$TMP/$1" |
		sed 's/ .*:/ /')" "$slow $port 1 10" "$1: for the channel that it read"
	is "$(turn "$1" over)" 1 "$1: it is over"
}

check_case server
was server asleep
lags_are_its_own server
is "$(values 'turn_sleep: asleep_ns > 45ms' tid call sleeps < "$TMP/server")" \
	"$slow clock_nanosleep 1" "server: asleep in nanosleep"
is "$(turn server stack_of)" off "server: the stack is of where it slept"
is "$(turn server 'kernel_stack has "do_nanosleep"')" 1 "server: the kernel's"
is "$(turn server user_stack | grep -cE '(^|,)libc\.so')" 1 "server: and the program's"

check_case busy
was busy cpu
lags_are_its_own busy
is "$(turn busy stack_of)" cpu "busy: the stack is of where it was busy"
is "$(turn busy user_stack | grep -cE '(^|,)(loops|libc\.so[^,]*|vdso)\+0x')" 1 \
	"busy: the program's"

check_case hog
was hog runnable
is "$(turn hog stack_of)" off "hog: the stack is of where it was preempted"

# A turn that has not ended by the end of the run, into which the program may come late:
# it waits for this machine, and time leaps then.
iophase loops --json --slow 100ms -d 20 -o "$TMP/stuck" -- "$PROGRAMS/loops" stuck \
	> /dev/null 2>&1
is "$(values turn over 'turn_ns > 500ms && asleep_ns > 500ms' < "$TMP/stuck")" "0 1" \
	"stuck: a turn that does not end, and sleeps"
is "$(values turn_sleep call < "$TMP/stuck")" clock_nanosleep "stuck: in nanosleep"

iophase loops --slow 40ms -i 0.5 -- "$PROGRAMS/loops" server > "$TMP/text" \
	2> "$TMP/err"
is "$(awk 'length > 80' "$TMP/text")" "" "text fits in 80 columns"
is "$(grep -cE '^slow turn of loops, thread [0-9]+ of [0-9]+ \(epoll\): 5[0-9.]+m$' \
	"$TMP/text")" 1 "a line for the turn"
is "$(grep -cE '^  on the CPU .*, runnable .*, asleep 50.*m: clock_nanosleep 50' \
	"$TMP/text")" 1 "and one for where it was"
