#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# Nothing missed, nothing invented: reads of random model, call, family, size
# and timing on 8 threads, and the generator's own list of them, matched one
# to one: thread, descriptor, call, bytes, errno, model, polls, in order.
# 7.x preempts inside programs, the more the slower the machine is: it is counted.
# On 5.10 a kretprobe sees as many threads at a time as there can be CPUs
# (docs/architecture.md): two are too few for the 8.
# RANDOM_READS=, READER=random_reads32 (a 32-bit process); all of it: make random-reads.
# vm: kernel=6.1 cpus=2
# vm: kernel=6.12 cpus=2
# vm: kernel=6.1 cpus=2 backend=kprobe
# vm: kernel=6.12 cpus=2 backend=kprobe
# vm: kernel=6.1 cpus=4 append=preempt=full
# vm: kernel=6.1-rt cpus=2 backend=kprobe full=1
# vm: kernel=6.1-cloud cpus=2 full=1
# vm: kernel=7.x cpus=1 icount=1
# vm: kernel=7.x cpus=2 full=1
# vm: kernel=7.x cpus=4 append=preempt=full full=1
# vm: kernel=5.10 cpus=2 append=possible_cpus=16
# vm: kernel=6.1-686-pae mem=512 append=pti=on
# vm: kernel=6.1-armmp-lpae mem=1536
# vm: kernel=7.x-arm64 cpus=2 full=1
# vm: kernel=6.12-arm64 cpus=2
. "$(dirname "$0")/lib.sh"

READS=${RANDOM_READS:-${FULL:+100000}}
READS=${READS:-5000}
READER=$PROGRAMS/${READER:-random_reads}
# KiB; holds them all: on one CPU they leave iophase little of it
BUFFER=$((READS > 50000 ? 32768 : 16384))

# shellcheck disable=SC2086,SC3028 # a list; bash and busybox have RANDOM
iophase trace --json $TYPES --buffer $BUFFER -- sh -c "$READER $READS $RANDOM > $TMP/list" \
	> "$TMP/trace" 2> "$TMP/err"
is $? 0 "all are traced, to the end"
cat "$TMP/err"
# the trace as the generator writes its list; a reading thread's comm is its own
grep -v eagains "$TMP/list" | sort -s -n -k 1,1 > "$TMP/made"
values read tid fd call bytes errno model polls < "$TMP/trace" |
	awk -v again="$TMP/again" '$5 == 4 { print > again; next } { print }' |
	sort -s -n -k 1,1 > "$TMP/seen"
# What io_uring has left to do in a thread interrupts its next read, which the
# kernel restarts: to user space it is one read.
touch "$TMP/again"
again=$(wc -l < "$TMP/again")
[ "$again" -le $((READS / 1000)) ] && ok "$again reads were restarted" ||
	not_ok "$again of $READS reads were restarted: $(head -n 3 "$TMP/again")"
# 5.10 does not say which descriptor a request of io_uring is for.
blind=$(uname -r | grep -c '^5\.10\.')
# 7.x passes a program by that is preempted by itself; of 10,000 reads one may go with it.
may=0
case $VM_KERNEL in 7.x*) may=$((READS / 10000)) ;; esac
awk -v blind="$blind" -v may="$may" '
	function same(made, seen,	a, b, i, bad)
	{
		bad = split(made, a) != 7 || split(seen, b) != 7
		if (blind && a[3] == "io_uring" && b[2] == "null") b[2] = a[2]
		for (i = 1; i <= 7; i++) bad += a[i] != b[i] && a[i] != "-"
		return !bad
	}
	FNR == NR { made[++n] = $0; next }
	{
		while (++i <= n && !same(made[i], $0) && gone < may) gone++
		if (!same(made[i], $0)) print made[i] ", seen " $0
	}
	END {
		for (gone += n - i; i < n && gone > may;) print made[++i] ", not seen"
		print gone + 0 > "/dev/stderr"
	}' "$TMP/made" "$TMP/seen" > "$TMP/differ" 2> "$TMP/gone"
gone=$(cat "$TMP/gone")
is "$(head -n 20 "$TMP/differ")" "" "$(wc -l < "$TMP/made") reads match one to one, but for $gone"
is "$(values counters lost rejected unmatched seen shown < "$TMP/trace" |
	awk '{ print $1, $2, $3, $4 - $5 }')" \
	"0 0 0 0" "no read is lost, rejected or unmatched"
# The kernel skips a program that interrupts itself, and says so: no read is missing
# that it did not count.
missed=$(values counters missed < "$TMP/trace")
echo "# $(wc -l < "$TMP/made") made, $(wc -l < "$TMP/seen") seen, $missed skipped"
[ "$missed" -le $((READS / 100)) ] && [ "$gone" -le "$missed" ] &&
	ok "$missed runs of programs were skipped" || not_ok "$missed runs of programs were skipped"
eagains=$(($(sed -n 's/^eagains //p' "$TMP/list") - $(values counters polls < "$TMP/trace")))
[ $eagains -ge 0 ] && [ $eagains -le "$may" ] && ok "as many EAGAINs" ||
	not_ok "$eagains EAGAINs were not seen"
is "$(values read total_ns wait_ns wake_ns dispatch_ns copy_ns rest_ns < "$TMP/trace" |
	awk '$1 != $2 + $3 + $4 + $5 + $6 { n++ } END { print NR, n + 0 }')" \
	"$(($(wc -l < "$TMP/made") - gone + again)) 0" \
	"the phases of every read add up"
# A reader on another CPU can take data before the kernel calls back for it.
unseen=$(grep -c '"flags":\[[^]]*"unseen"' "$TMP/trace")
[ "$unseen" -le $((READS / 100)) ] && ok "$unseen reads were before data-ready" ||
	not_ok "$unseen of $READS reads were before data-ready"
