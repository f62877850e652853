#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# On demand: the parts of wake, and a line for every EAGAIN.
# vm: kernel=6.1 cpus=1 icount=1
# vm: kernel=6.12 cpus=1 icount=1 full=1
# vm: kernel=6.1 cpus=1 icount=1 backend=kprobe full=1
. "$(dirname "$0")/lib.sh"
softirqs_first || not_ok "ksoftirqd does not go before the hog"

# A hog keeps the CPU from a reader that was woken at once: scheduler delay.
HOG='wake_sched_ns >= 19ms && wake_sched_ns <= 21ms'
ADDS_UP='wake_ns == wake_notify_ns + wake_sched_ns + wake_return_ns'
wake_detail()
{
	for model in blocking select poll epoll epoll-et sigio; do
		echo "iophase-lab $model --delay 5 --hog 20 --count 5 > /dev/null"
	done > "$TMP/run"
	iophase trace --json --wake-detail -- sh "$TMP/run" > "$TMP/trace"
	is "$(values read 'count(1)' < "$TMP/trace")" 30 "--wake-detail shows every read"
	is "$(values "read: !($HOG && wake_notify_ns <= 100us)" wake_sched_ns wake_notify_ns \
		< "$TMP/trace")" "" "the scheduler's delay is the scheduler's part"
	is "$(values "read: !($ADDS_UP)" wake_ns < "$TMP/trace")" "" "the parts add up"
	iophase trace --wake-detail -- "$LAB" blocking --count 1 2> /dev/null > "$TMP/out"
	is "$(grep -c 'WAIT  WAKE  NTFY SCHED   RET  DISP' "$TMP/out")" 1 "and in text"
	iophase record --wake-detail "$TMP/rec" -- sh "$TMP/run" > /dev/null
	is "$(iophase replay --json "$TMP/rec" |
		values read 'count(1)' "count($HOG && $ADDS_UP)")" "30 30" \
		"a recording has the parts, too"
}

if [ "${BACKEND:-btf}" = btf ]; then
	wake_detail
else
	is "$(iophase trace --wake-detail -d 1 2>&1)" \
		"iophase: --wake-detail needs the backend btf, not $BACKEND" \
		"--wake-detail: where it cannot be had, it says so"
fi

iophase trace --json --polls -- sh -c \
	"iophase-lab nonblocking --delay 3 --count 5 --json > $TMP/made" > "$TMP/trace"
made=$(values summary polls < "$TMP/made")
is "$(values 'read: flags == "poll" && errno == 11' 'count(1)' < "$TMP/trace")" "$made" \
	"--polls: a line for each of $made EAGAINs"
is "$(values counters seen shown polls < "$TMP/trace")" "5 5 $made" \
	"they are no reads"
