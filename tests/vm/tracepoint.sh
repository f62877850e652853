#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# Tracepoints only, chosen by iophase itself where neither trampolines nor
# kprobes can be used: every read and byte that the lab made, phases that hold
# the lab's own times on the side that is promised, sums that add up, and what
# is not known as null. On 32 bits as one static file beside busybox.
# vm: kernel=6.1 cpus=1 icount=1 backend=tracepoint
# vm: kernel=6.12 cpus=1 icount=1 backend=tracepoint
# vm: kernel=6.1-686-pae cpus=1 icount=1 backend=tracepoint
# vm: kernel=6.1-armmp-lpae cpus=1 icount=1 backend=tracepoint
# vm: kernel=6.12-arm64 cpus=1 icount=1 backend=tracepoint full=1
# iophase chooses by itself, but on arm64: it does not go without a JIT there
[ "$(uname -m)" = aarch64 ] || BACKEND=''
. "$(dirname "$0")/lib.sh"
# Out of RAM here, too: while a page is fetched from outside, virtual time leaps.
[ "$(uname -m)" != x86_64 ] || cp build/iophase build/iophase-lab "$TMP"
PATH=$TMP:$PATH
softirqs_first || not_ok "ksoftirqd does not go before the hog"

# "expected model: lab's arguments". One session traces them all.
cat > $TMP/runs <<RUNS
blocking: blocking
blocking: blocking --proto udp
blocking: blocking --proto unix
blocking: blocking --proto unix-dgram
blocking: blocking --proto tcp6 --size 65536 --waitall
blocking: blocking --hog 20
blocking: posix-aio
nonblocking: nonblocking
nonblocking: nonblocking --interval 2000
nonblocking: nonblocking --late 5
multiplexed: select
multiplexed: poll
multiplexed: epoll
multiplexed: epoll-et
multiplexed: epoll --proto udp
multiplexed: poll --proto unix
multiplexed: epoll --hog 20
multiplexed: poll --handler 5
multiplexed: epoll --late 5
signal: sigio
signal: sigio --rtsig
signal: sigio --hog 20
RUNS
n=0
while IFS=: read -r _ args; do
	n=$((n + 1))
	echo "iophase-lab $args --delay 10 --count 10 --json > $TMP/lab-$n"
done < $TMP/runs > $TMP/run

# The lab's list and the trace, read by read; prints what differs. The slack is from
# the lab's clock to the kernel's and back, with the programs in between.
compare() # MODEL NUMBER ARGS
{
	slack=0.1ms wait='(lab.send_begin_ns - lab.asked_ns)' interval=0
	learned=lab.told_ns idle_from=lab.told_ns
	case $1 in
	blocking) learned=lab.returned_ns idle_from=lab.called_ns ;;
	nonblocking) learned=lab.returned_ns idle_from=lab.send_begin_ns interval=0.3ms ;;
	esac
	case "$1 $3" in
	*aio*) slack=1ms ;; # another thread asks
	*--interval*) interval=2ms ;;
	nonblocking*--hog*) interval=20ms ;;
	*--late*) idle_from=lab.send_begin_ns wait=0 ;;
	esac
	set -- "$1" "$2" "$3" "model == \"$1\"" 'bytes == lab.bytes' 'polls == lab.polls' \
		'wait_ns + wake_ns + dispatch_ns + copy_ns + rest_ns == total_ns' \
		'min(wait_ns, wake_ns) >= 0' 'min(dispatch_ns, min(copy_ns, rest_ns)) >= 0' \
		'at_most == "wait,copy" && at_least == "wake,dispatch,rest"' \
		'call_ns <= lab.returned_ns - lab.called_ns' 'copy_ns <= call_ns' \
		"wait_ns >= $wait - $slack" "dispatch_ns <= lab.called_ns - $idle_from + $slack"
	# and not far from it
	case $3 in
	*--late*) set -- "$@" 'wake_ns == 0' ;;
	*)
		set -- "$@" "wait_ns <= $wait + 0.5ms + $interval" \
			"wake_ns <= $learned - lab.send_begin_ns + $slack"
		;;
	esac
	case "$since_ready $3" in
	*--hog*) set -- "$@" 'wake_ns >= 18ms' ;;
	1*--late*) set -- "$@" 'lab.seq == 0 || dispatch_ns >= 4.9ms' ;;
	*--handler*) set -- "$@" 'dispatch_ns >= 4.9ms' ;;
	esac
	lab=$TMP/lab-$2
	shift 3
	check pairs pid "$lab" "$TMP/trace" "$@" 2>&1
}

all() # WHAT
{
	rm -f $TMP/lab-*
	iophase trace --json -- sh $TMP/run > $TMP/trace 2> $TMP/err
	grep -q '"lost":0,"rejected":0,"unmatched":0' $TMP/trace
	is $? 0 "$1: counters $(cat $TMP/err)"
	n=0
	while IFS=: read -r model args; do
		n=$((n + 1))
		diff=$(compare "$model" $n "$args" | head -n 5)
		is "$diff" "" "$1:$args"
	done < $TMP/runs
}

# Neither trampolines nor kprobes: what is chosen, and what is said of it.
# fentry needs the JIT; 32 bits have none of it anyway.
[ -d /sys/kernel/debug/kprobes ] || mount -t debugfs none /sys/kernel/debug
echo 0 > /sys/kernel/debug/kprobes/enabled
[ -n "$BACKEND" ] || echo 0 > /proc/sys/net/core/bpf_jit_enable
iophase doctor ${BACKEND:+--backend $BACKEND} > $TMP/out
[ $? = 1 ]
is $? 0 "doctor is not content with bounds"
grep -q '^Backend: tracepoint: bounds' $TMP/out
is $? 0 "tracepoints are chosen: $(tail -n 1 $TMP/out)"
for phase in "wait .*at most" "wake .*at least" "dispatch .*at least" \
	"copy .*at most" "rest .*at least" "async .*not seen"; do
	grep -q "^$phase" $TMP/out
	is $? 0 "doctor: $phase"
done
# from 6.3 on; the first read tells which socket it is
since_ready=
! grep -q "^sk_data_ready *ok" $TMP/out || since_ready=1
all "JIT off"

echo 1 > /proc/sys/net/core/bpf_jit_enable
[ "$(uname -m)" != x86_64 ] || echo 1 > /sys/kernel/debug/kprobes/enabled
cat > $TMP/iophase-tp <<WRAPPER
#!/bin/sh
command=\$1
shift
exec iophase \$command --backend tracepoint "\$@"
WRAPPER
chmod +x $TMP/iophase-tp

iophase-tp trace --json -- iophase-lab blocking --count 3 --eof > $TMP/out
grep '"bytes":0' $TMP/out | grep -c '"flags":\["eof"\]' | grep -q '^1$'
is $? 0 "the end of a TCP stream"
if iophase-lab io_uring --count 1 > $TMP/err 2>&1; then
	iophase-tp trace --json -- iophase-lab io_uring --count 5 > $TMP/out
	grep -q '"seen":0,.*"unmatched":5,' $TMP/out
	is $? 0 "io_uring: not seen, but counted: $(tail -n 1 $TMP/out)"
fi
iophase-tp trace -- iophase-lab blocking --count 3 > $TMP/out 2> $TMP/err
grep -q '<WAIT >WAKE >DISP <COPY >REST$' $TMP/out
is $? 0 "trace: the headings say which way the bounds are"
iophase-tp top -i 60 -- sh -c "exec iophase-lab epoll --count 20 > /dev/null" > $TMP/out 2> $TMP/err
grep -q '<WAIT >WAKE >DISP <COPY >REST' $TMP/out && grep -q multiplexed $TMP/out
is $? 0 "top: the same $(grep -i cannot $TMP/out)"
wide=$(awk 'length > 80' $TMP/out)
[ -z "$wide" ]
is $? 0 "top: within 80 columns $wide"
iophase-tp top -i 60 --json -- iophase-lab epoll --count 20 > $TMP/out 2>&1
grep '"type":"summary"' $TMP/out | grep -q '"at_most":\["wait","copy"\]'
is $? 0 "top --json: which phases are bounds"
iophase-tp hist -- iophase-lab epoll --count 20 > $TMP/out 2>&1
grep -q '^  <wait  *p50' $TMP/out && grep -q '^  >rest  *p50' $TMP/out
is $? 0 "hist: the same"
iophase-tp hist --json -- iophase-lab epoll --count 20 > $TMP/out 2>&1
[ "$(grep -c '"bound":"at_most","sum_ns":[0-9]' $TMP/out)" = 2 ]
is $? 0 "hist --json: two are at most"
