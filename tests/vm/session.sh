#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# A session's life: how it starts, ends, fails, and that nothing stays behind.
# vm: kernel=6.1 cpus=1 icount=1
# vm: kernel=6.1 cpus=2 full=1
# shellcheck disable=SC2086 # QUICK is words
. "$(dirname "$0")/lib.sh"

# Programs and maps of ours in the kernel.
left_behind()
{
	bpftool prog show | grep -c ' name on_' || true
}

expect() # STATUS PATTERN DESCRIPTION COMMAND...
{
	local want=$1 pattern=$2 what=$3 out status=0

	shift 3
	out=$("$@" 2>&1) || status=$?
	if [ $status = "$want" ] && grep -qE -- "$pattern" <<< "$out"; then
		ok "$what"
	else
		not_ok "$what: status $status, said: $out"
	fi
}

expect 1 'no such process: 999999' "a pid that is not there" \
	iophase trace -p 999999
expect 1 'cannot run /no/such: No such file' "a program that is not there" \
	iophase trace -- /no/such
expect 1 'rights: .*missing; run as root' "no rights" \
	setpriv --reuid 65534 --clear-groups iophase trace -d 1
expect 1 'cannot open cgroup' "a cgroup that is not there" \
	iophase trace --cgroup /no/such -d 1
expect 1 'not a cgroup v2 directory' "a directory that is no cgroup" \
	iophase trace --cgroup /tmp -d 1
expect 1 "no backend 'magic'" "a backend that is not there" \
	iophase trace --backend magic -d 1
expect 0 'every phase can be measured' "doctor is content" iophase doctor

iophase trace -d 60 > /dev/null 2> "$TMP/err" &
pid=$!
wait_for "[ \$(bpftool prog show | grep -c ' name on_') -gt 10 ]"
ok "attached: $(left_behind) programs"
kill -KILL $pid
wait $pid 2> /dev/null
wait_for "[ \$(bpftool prog show | grep -c ' name on_') = 0 ]"
is "$(left_behind)" 0 "SIGKILL leaves no program behind"

iophase trace -d 60 > /dev/null 2> "$TMP/err" &
pid=$!
wait_for "[ \$(bpftool prog show | grep -c ' name on_') -gt 10 ]"
kill -INT $pid
wait $pid
is "$?" 0 "SIGINT ends it with status 0"
grep -q '^reads: ' "$TMP/err" && ok "and with its counters" ||
	not_ok "counters after SIGINT: $(cat "$TMP/err")"

sleep 1000 &
target=$!
iophase trace -p $target > /dev/null 2>&1 &
pid=$!
until grep -qE 'poll|nanosleep' /proc/$pid/wchan 2> /dev/null || ! kill -0 $pid; do
	sleep 0.2 # it is not tracing yet
done
kill -0 $pid && kill $target && wait_for "! kill -0 $pid 2> /dev/null" &&
	ok "the end of the process ends the run" ||
	not_ok "it ran on after its process had ended, or not up to then"
kill $pid 2> /dev/null
wait $pid
is "$?" 0 "with status 0"

iophase trace -- "$LAB" blocking --count 3 > "$TMP/out" 2> "$TMP/err"
is "$(grep -c ' recvfrom .* blocking ' "$TMP/out")" 3 "three reads, three lines"
is "$(awk 'length > 90' "$TMP/out" | wc -l)" 0 "lines fit"

# filters: what is not shown is counted
iophase trace $QUICK --json --min wait=10s -- "$LAB" blocking --count 5 \
	> "$TMP/out"
is "$(values counters seen shown filtered < "$TMP/out")" "5 0 5" \
	"--min filters and counts"
iophase trace $QUICK --json --model multiplexed -- sh -c \
	"$LAB blocking --count 5; $LAB poll --count 4" > "$TMP/out"
is "$(values counters seen shown filtered < "$TMP/out")" "9 4 5" \
	"--model filters and counts"
iophase trace $QUICK -n 2 --json -- "$LAB" blocking --count 5 > "$TMP/out"
is "$(grep -c '"wait_ns"' "$TMP/out")" 2 "-n 2 shows two reads"
iophase trace $QUICK --json --port 1 -- "$LAB" blocking --count 2 > "$TMP/out"
is "$(values counters filtered < "$TMP/out")" 2 "--port filters and counts"
iophase trace $QUICK --json -c nobody -- "$LAB" blocking --count 2 > "$TMP/out"
is "$(values counters seen shown filtered < "$TMP/out")" "2 0 2" \
	"-c filters by name and counts"

# a closed pipe is a normal end
iophase trace $QUICK -- "$LAB" blocking --count 50 2> /dev/null | head -n 1 > "$TMP/out"
is "$(wc -l < "$TMP/out")" 1 "a closed pipe ends it quietly"

# a recording replays to the reads that were traced
iophase record "$TMP/lab.rec" -- "$LAB" epoll --count 10 --delay 1 2> "$TMP/err" > /dev/null
is "$(iophase replay --json "$TMP/lab.rec" | values counters shown rejected)" "10 0" \
	"a recording replays"
