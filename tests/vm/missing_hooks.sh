#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# A kernel that lacks some of the functions, calls them with other arguments or
# refuses a program: what they tell is shown as not known, never as 0, for the
# models that need it; the rest of each read is there. FULL=1: every hook in turn.
# vm: kernel=6.1 cpus=1 icount=1
. "$(dirname "$0")/lib.sh"

without() # FUNCTIONS COMMAND...
{
	WITHOUT=$1 LD_PRELOAD=$PWD/build/tests/vm/hide_symbols.so "${@:2}" \
		> "$TMP/out" 2> "$TMP/err"
}

# How many reads there are, and what of each is null.
nulls()
{
	values read nulls < "$TMP/out" | sort | uniq -c | xargs
}

# Two reads of each model; of those seen, MODEL:READS:WHAT IS NULL.
cat > "$TMP/models" <<'MODELS'
for m in blocking nonblocking epoll sigio io_uring; do
	iophase-lab $m --count 2 > /dev/null
done
MODELS
models() # BACKEND [VARIABLE=LIST]
{
	env ${2+"$2"} LD_PRELOAD="$PWD/build/tests/vm/hide_symbols.so" \
		iophase trace --backend "$1" --json -- sh "$TMP/models" \
		> "$TMP/out" 2> "$TMP/err"
	values read model nulls < "$TMP/out" | sed 's/_ns//g' | awk '{
			print $1, 0
			for (n = split($2, keys, ","); n > 0; n--)
				print $1, keys[n]
		}' | sort | uniq -c | awk '
		$3 == 0 { line = line space $2 ":" $1 ":"; space = " "; comma = ""; next }
		$3 != "-" { line = line comma $3; comma = "," }
		END { print line }'
}

B=dispatch,total,wait,wake C=copy,rest S=rest,wait,wake
each() # WHAT IS NULL of each model
{
	echo "async:2:$1 blocking:2:$1 multiplexed:2:$1 nonblocking:2:$1 signal:2:$1"
}

NO_ASYNC="blocking:2: multiplexed:2: nonblocking:2: signal:2:"
is "$(models btf CHANGED=io_uring_complete)" "$NO_ASYNC" \
	"btf: a tracepoint with other arguments: no async reads, all of the others"
LINE="iophase: cannot attach to io_uring_complete (%s): not seen: async: completed\n"
# shellcheck disable=SC2059 # the line is a format
is "$(cat "$TMP/err")" "$(printf "$LINE" "its arguments are not known: pt_regs*, n")" \
	"and why, in a line"
is "$(models btf REFUSED=on_io_uring_com)" "$NO_ASYNC" "btf: a program that is refused: the same"
why="is refused: Permission denied: R0 !read_ok"
# shellcheck disable=SC2059
is "$(cat "$TMP/err")" "$(printf "$LINE" "on_io_uring_complete $why")" \
	"and what the verifier said"
is "$(models kprobe WITHOUT=do_epoll_wait)" \
	"async:2: blocking:2: nonblocking:4:$B signal:2:" \
	"kprobe: no epoll: what has not said that it waited is not known, either"

# Half of a pair is said to be missed also where a kernel need not have it.
models kprobe WITHOUT=aio_read > /dev/null
is "$(cut -d: -f 2- "$TMP/err")" " cannot attach to aio_read (No such file or directory): not \
seen: reads of io_submit, bytes" "kprobe: one of two that need each other: said"
without io_uring_cqring_wait iophase trace --backend kprobe --json -- "$LAB" io_uring --count 5
is "$(nulls)" "5 dispatch_ns,total_ns" "kprobe: who waits for io_uring is not known"
without __x64_sys_io_uring_enter iophase trace --backend btf --json -- "$LAB" io_uring --count 5
is "$(nulls)" "5 dispatch_ns,total_ns" "btf: nor where nobody is seen to return from it"
without io_uring_tx_zerocopy_callback iophase zerocopy --json -i 1000 -- "$PROGRAMS/zerocopy" uring
is "$(values 'zerocopy: path == "uring_send_zc"' calls pending_calls < "$TMP/out")" "0 10" \
	"zerocopy: of what became of its pages nobody hears: pending, not copied"

REFUSED=on_sock_recvmsg LD_PRELOAD=$PWD/build/tests/vm/hide_symbols.so \
	iophase trace -- "$LAB" blocking --count 5 > "$TMP/out" 2> "$TMP/err"
is "$? $(grep -c 'recvfrom .* blocking' "$TMP/out")" "0 5" \
	"an essential program is refused: another backend has every read"
why="on_sock_recvmsg $why"
is "$(head -n 2 "$TMP/err")" "iophase: backend btf: $why; kprobe is used
iophase: backend kprobe: $why; tracepoint is used" "and a line says so for each"
REFUSED=on_sock_recvmsg LD_PRELOAD=$PWD/build/tests/vm/hide_symbols.so iophase doctor > "$TMP/out"
is "$? $(grep -cE "^(btf|kprobe) +MISSING $why" "$TMP/out") $(tail -n 1 "$TMP/out" |
	cut -d: -f 2)" "1 2  tracepoint" "doctor names a backend that loads"
REFUSED=on_sock_recvmsg LD_PRELOAD=$PWD/build/tests/vm/hide_symbols.so \
	iophase trace --backend kprobe -d 1 > "$TMP/out" 2> "$TMP/err"
is "$? $(cat "$TMP/err")" "1 iophase: backend kprobe: $why" "the one asked for, or none"

# Each hook in turn: BACKENDS HOOK WHAT IS SEEN.
while [ -n "${FULL:-}" ] && read -r backends hook seen; do
	for b in ${backends//,/ }; do
		is "$(models "$b" "WITHOUT=$hook")" "$(eval echo "$seen")" "$b without $hook"
	done
done <<'HOOKS'
btf,kprobe ____sys_recvmsg async:2: $NO_ASYNC
btf,kprobe do_sys_poll async:2: blocking:2: multiplexed:2:$B nonblocking:2:$B signal:2:
btf,kprobe core_sys_select async:2: blocking:2: multiplexed:2:$B nonblocking:2:$B signal:2:
btf,kprobe sock_def_readable $(each $B)
btf,kprobe schedule_timeout async:2: blocking:2:$S multiplexed:2: nonblocking:2: signal:2:
kprobe sched_switch async:2: blocking:2:$S multiplexed:2: nonblocking:2: signal:2:
btf,kprobe skb_copy_datagram_iter $(each $C)
btf,kprobe do_epoll_wait async:2: blocking:2: nonblocking:4:$B signal:2:
btf,kprobe sock_poll async:2: blocking:2: nonblocking:4:$B signal:2:
kprobe tcp_poll async:2: blocking:2: nonblocking:4:$B signal:2:
btf sock_fasync async:2: blocking:2: multiplexed:2: nonblocking:2: signal:2:$B
btf send_sigio_to_task async:2: blocking:2: multiplexed:2: nonblocking:4:$B
kprobe sock_wake_async async:2: blocking:2: multiplexed:2: nonblocking:4:$B
btf,kprobe signal_deliver async:2: blocking:2: multiplexed:2: nonblocking:2:$B signal:2:$B
btf,kprobe dequeue_signal async:2: blocking:2: multiplexed:2: nonblocking:2:$B signal:2:$B
btf,kprobe io_uring_submit_sqe $NO_ASYNC
btf,kprobe io_uring_complete $NO_ASYNC
btf,kprobe io_recv blocking:2: multiplexed:2: nonblocking:4:$B signal:2:
btf,kprobe __x64_sys_io_uring_enter async:2:dispatch,total $NO_ASYNC
btf,kprobe __ia32_sys_io_uring_enter async:2: $NO_ASYNC
btf,kprobe io_uring_cqring_wait async:2:dispatch,total $NO_ASYNC
kprobe sock_fasync async:2: blocking:2: multiplexed:2: nonblocking:2: signal:2:$B
kprobe tcp_rcv_space_adjust $(each $C)
kprobe skb_free_datagram $(each $C)
kprobe __skb_try_recv_from_queue $(each $C)
btf skb_copy_datagram_iovec $(each $C)
btf __skb_recv_udp $(each $C)
btf,kprobe skb_consume_udp $(each $C)
btf,kprobe io_recvmsg async:2:$B blocking:2: multiplexed:2: nonblocking:2:$B signal:2:
btf,kprobe io_read async:2:$B blocking:2: multiplexed:2: nonblocking:2:$B signal:2:
btf,kprobe security_sk_free $(each $B)
kprobe udp_poll async:2: blocking:2: multiplexed:2:$B nonblocking:2:$B signal:2:
kprobe datagram_poll async:2: blocking:2: multiplexed:2:$B nonblocking:2:$B signal:2:
kprobe unix_poll async:2: $NO_ASYNC
kprobe aio_complete_rw async:2: $NO_ASYNC
btf,kprobe sched_process_exit async:2: $NO_ASYNC
btf,kprobe sched_process_exec async:2: $NO_ASYNC
btf,kprobe task_rename async:2: $NO_ASYNC
btf,kprobe __skb_wait_for_more_packets async:2: $NO_ASYNC
HOOKS

COPY="skb_copy_datagram_iter skb_consume_udp"
for b in btf kprobe; do
	without "sock_def_readable ____sys_recvmsg" \
		iophase trace --backend $b --json -- "$LAB" epoll --count 5
	is "$(nulls)" "5 wait_ns,wake_ns,dispatch_ns,total_ns" \
		"$b: no data-ready: what it divides is not known"
	is "$(grep -c 'cannot attach to .*not seen: re' "$TMP/err")" 2 "$b: and it says so, twice"

	without "$COPY" iophase trace --backend $b -- "$LAB" blocking --count 5
	is "$(awk '$1 ~ /^[0-9]+$/ && $6 == "blocking" { print ($7 != "-"), $10, $11 }' "$TMP/out" |
		sort | uniq -c | xargs)" "5 1 - -" \
		"$b: no copies: - for copy and rest, the others are there"
	# what is not known looks the same, whoever says so
	[ $b = btf ] || [ -n "${FULL:-}" ] || continue
	without "$COPY" iophase hist --backend $b --json -- "$LAB" blocking --count 5
	is "$(values 'hist: p50_ns == null' phase < "$TMP/out" | xargs)" "copy rest" \
		"$b: hist: null"
	without "$COPY" iophase doctor --backend $b
	is "$? $(grep -c '^skb_.*MISSING' "$TMP/out") $(grep -c 'lost: copy,rest' "$TMP/out")" \
		"1 2 2" "$b: doctor says what is lost, and fails"
	without "$COPY" iophase top --backend $b --json -i 60 -- "$LAB" blocking --count 5
	is "$(values summary reads 'wait_p50_ns > 0' copy_p50_ns rest_sum_ns < "$TMP/out")" \
		"5 1 null null" "$b: top: null"
done

without sched_waking iophase trace --backend tracepoint --json -- "$LAB" epoll --count 5
is "$(nulls)" "5 wake_ns" "a tracepoint less: its bound is not known"
