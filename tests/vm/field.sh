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

is "$(reads handoff 'model == "multiplexed" && flags has "handoff" && polls == 0 &&
	wait_ns > 2.5ms && wait_ns < 5ms && wake_ns == 0 && dispatch_ns < 12ms')" 20 \
	"a worker's reads wait from its EAGAIN on, and what follows is the poller's lag"

is "$(reads herd 'model == "multiplexed" && bytes == 64 && wait_ns > 45ms')" 20 \
	"whoever of a herd reads has waited for it"
is "$(reads herd 'bytes == 64')" 20 "a datagram is read once"

is "$(values "read by model" 'count(1)' model < "$TMP/recvmmsg")" "4 blocking" \
	"each datagram of a recvmmsg() is a read"
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
	is "$(reads $how 'bytes == 64 && wait_ns < 1ms')" 1 \
		"$how: the next one asks anew"
done

is "$(values read model call bytes < "$TMP/polladd")" "multiplexed recvfrom 64" \
	"io_uring that polls tells as a wait call does"
is "$(reads polladd 'wait_ns > 45ms && wait_ns < 60ms')" 1 \
	"since when the poll was asked for"

# more than there are slots for: bpf/requests.bpf.h
is "$(reads manyreceives 'model == "async" && bytes == 64 && flags == "" &&
	wait_ns > 15ms && dispatch_ns < 10ms')" 6000 \
	"each of many receives is a read that waited, and was found"
