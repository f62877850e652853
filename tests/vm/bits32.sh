#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# x86 and ARM, one static file and busybox: every model's reads against
# the lab's own clock, with the JIT off (the default there) and on, without the
# kernel's types and with those that tools/min-btf makes.
# vm: kernel=6.1-686-pae cpus=1 icount=1
# vm: kernel=6.1-armmp-lpae cpus=1 icount=1
# vm: kernel=6.12-arm64 cpus=1 icount=1
# vm: kernel=7.x-arm64 cpus=1 icount=1 full=1
. "$(dirname "$0")/lib.sh"

# "expected model: lab's arguments". One session traces them all.
cat > "$TMP/runs" <<RUNS
blocking: blocking
blocking: blocking --proto udp
blocking: blocking --proto unix
blocking: blocking --proto unix-dgram
blocking: blocking --proto tcp6
nonblocking: nonblocking
multiplexed: select
multiplexed: poll
multiplexed: epoll
multiplexed: epoll-et
multiplexed: epoll --proto udp
multiplexed: poll --proto unix
signal: sigio
signal: sigio --rtsig
async: io_uring
RUNS
n=0
while IFS=: read -r _ args; do
	n=$((n + 1))
	echo "iophase-lab $args --delay 20 --count 10 --json > $TMP/lab-$n"
done < "$TMP/runs" > "$TMP/run"

# The lab's list and the trace, read by read; prints what differs. The time of
# the first SIGIO read's asking (O_ASYNC armed) is not known without types.
compare() # MODEL NUMBER FIRST
{
	check pairs tid "$TMP/lab-$2" "$TMP/trace" "model == \"$1\"" 'bytes == lab.bytes' \
		'polls == lab.polls' "lab.seq < $3 ||
		abs(wait_ns - (lab.send_begin_ns - lab.asked_ns)) <=
			(lab.send_begin_ns - lab.asked_ns) / 20" \
		'total_ns == wait_ns + wake_ns + dispatch_ns + copy_ns + rest_ns' \
		'!(flags has "unseen")' 2>&1
}

all() # WHAT OPTIONS...
{
	what=$1
	shift
	rm -f "$TMP"/lab-*
	iophase trace --json "$@" -- sh "$TMP/run" > "$TMP/trace" 2> "$TMP/err"
	is "$(values counters lost rejected unmatched < "$TMP/trace")" "0 0 0" \
		"$what: counters $(cat "$TMP/err")"
	n=0
	while IFS=: read -r model args; do
		n=$((n + 1)) first=0
		case $what$args in *"no types"*sigio*) first=1 ;; esac
		is "$(compare "$model" $n $first | head -n 5)" "" "$what:$args"
	done < "$TMP/runs"
}

iophase doctor > "$TMP/out"
is $? 0 "doctor is content $(grep -A1 MISSING "$TMP/out")"
if [ -n "$TYPES" ]; then # of 32 bits
	for command in loops zerocopy; do
		is "$(grep -c "^$command  *none  *it has no backend for 32 bits" \
			"$TMP/out")" 1 "doctor says that $command cannot be used"
		iophase $command -n 1 > "$TMP/said" 2>&1
		is "$? $(cat "$TMP/said")" \
			"1 iophase: $command has no backend for 32 bits" \
			"$command says it, too, in one line"
	done
fi
# 64 bits have types of their own, and calls between programs, which need the JIT.
jits="0 1"
[ -n "$TYPES" ] || jits=1
for jit in $jits; do
	echo $jit > /proc/sys/net/core/bpf_jit_enable
	[ -z "$TYPES" ] || all "no types, JIT $jit"
	# shellcheck disable=SC2086 # a list
	all "types, JIT $jit" $TYPES
done

iophase top -i 60 -- "$LAB" blocking --count 20 > "$TMP/out" 2>&1
is "$(grep -c "iophase-l.*blocking" "$TMP/out")" 1 "top: histograms $(head -n 3 "$TMP/out")"
