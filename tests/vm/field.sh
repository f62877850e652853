#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# What users of thread pools, queues, herds and io_uring conclude is right: each
# program of field.c knows when its data came and when it asked.
# vm: kernel=6.1 cpus=1 icount=1
# vm: kernel=6.12 cpus=1 icount=1
# vm: kernel=6.1 cpus=1 icount=1 backend=kprobe
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/traced.inc"

trace field handoff herd recvmmsg burst dontwait nobufs cancel polladd manyreceives

is "$(reads handoff 'v("model") == "multiplexed" && v("flags") ~ /handoff/ &&
	v("polls") == 0 && ms("wait_ns") > 2.5 && ms("wait_ns") < 5 &&
	ms("wake_ns") == 0 && ms("dispatch_ns") < 12' \
	model flags polls wait_ns wake_ns dispatch_ns)" 20 \
	"a worker's reads wait from its EAGAIN on, and what follows is the poller's lag"

is "$(reads herd 'v("model") == "multiplexed" && v("bytes") == 64 &&
	ms("wait_ns") > 45' model bytes wait_ns)" 20 \
	"whoever of a herd reads has waited for it"
is "$(reads herd 'v("bytes") == 64' bytes)" 20 "a datagram is read once"

is "$(values read model < "$TMP/recvmmsg" | sort | uniq -c | awk '{ print $1, $2 }')" \
	"4 blocking" "each datagram of a recvmmsg() is a read"
is "$(values read wait_ns < "$TMP/recvmmsg" |
	awk '{ ms = $1 / 1000000; expected = NR == 3 ? 180 : 10
		if (ms < expected - 2 || ms > expected + 5) print NR ": " ms " ms" }')" "" \
	"and waited 10, 10, 180 and 10 ms"
is "$(eagains recvmmsg)" 0 "that the kernel finds no more is no poll"

is "$(values read dispatch_ns < "$TMP/burst" |
	awk '{ ms = $1 / 1000000; if (ms < 5 * (NR - 1) || ms > 5 * NR + 12) n++ }
	END { print NR, n + 0 }')" "20 0" \
	"the n-th of a burst has lain there n times as long"

for how in dontwait nobufs cancel; do
	case $how in
	dontwait) errno=11 ;;
	nobufs) errno=105 ;;
	cancel) errno=125 ;;
	esac
	is "$(values read model bytes errno < "$TMP/$how" | tr '\n' ' ')" \
		"async 0 $errno async 64 0 " "$how: a request that ends without data has failed"
	is "$(reads $how 'v("bytes") == 64 && ms("wait_ns") < 1' bytes wait_ns)" 1 \
		"$how: the next one asks anew"
done

is "$(values read model call bytes < "$TMP/polladd")" "multiplexed recvfrom 64" \
	"io_uring that polls tells as a wait call does"
is "$(reads polladd 'ms("wait_ns") > 45 && ms("wait_ns") < 60' wait_ns)" 1 \
	"since when the poll was asked for"

# more than there are slots for: bpf/requests.bpf.h
is "$(reads manyreceives 'v("model") == "async" && v("bytes") == 64 && v("flags") == "-" &&
	ms("wait_ns") > 15 && ms("dispatch_ns") < 10' model bytes flags wait_ns dispatch_ns)" \
	6000 "each of many receives is a read that waited, and was found"
