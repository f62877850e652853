#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# Each model beside a bpftrace script that knows nothing of ours: it times the
# system calls and tracepoints between which asked and told must lie.
# vm: kernel=6.1 cpus=1 icount=1
# vm: kernel=6.12 cpus=1 icount=1 full=1
# vm: kernel=6.1 cpus=1 icount=1 backend=kprobe full=1
. "$(dirname "$0")/lib.sh"

have bpftrace || { skip "bpftrace is not here"; exit 0; }

cat > "$TMP/models.bt" <<'BT'
tracepoint:syscalls:sys_enter_epoll_wait, tracepoint:syscalls:sys_enter_poll,
tracepoint:syscalls:sys_enter_pselect6 /comm == "iophase-lab"/ { @asked[tid] = nsecs; }
tracepoint:syscalls:sys_exit_epoll_wait, tracepoint:syscalls:sys_exit_poll,
tracepoint:syscalls:sys_exit_pselect6 /@asked[tid]/ {
	@waited[pid] = sum(nsecs - @asked[tid]); delete(@asked[tid]);
}
tracepoint:syscalls:sys_exit_recvfrom /comm == "iophase-lab"/ {
	if (args->ret == -11) { @eagains[pid] = count(); }
	else { @drained[tid] = nsecs; @reads[pid] = count(); }
}
tracepoint:signal:signal_deliver /args->sig == 29 && @drained[tid]/ {
	@signalled[pid] = sum(nsecs - @drained[tid]);
}
tracepoint:io_uring:io_uring_submit_* { @submitted[args->req] = nsecs; }
tracepoint:io_uring:io_uring_complete /@submitted[args->req]/ {
	@completed[pid] = sum(nsecs - @submitted[args->req]);
	delete(@submitted[args->req]);
}
END { clear(@asked); clear(@drained); clear(@submitted); }
BT

cat > "$TMP/run" <<RUN
for m in select poll epoll epoll-et nonblocking sigio io_uring; do
	sh -c 'echo \$\$ > $TMP/pid.\$1
		exec iophase-lab \$1 --delay 5 --count 20 > /dev/null' sh \$m
done
RUN
printf '#!/bin/sh\nexec iophase trace --json -- sh %s > %s\n' "$TMP/run" \
	"$TMP/trace" > "$TMP/both"
bpftrace -o "$TMP/bt.out" -c "/bin/sh $TMP/both" "$TMP/models.bt" > "$TMP/bt.err" 2>&1
is $? 0 "both trace the same runs"

theirs() # MAP MODEL
{
	sed -n "s/^@$1\[$(cat "$TMP/pid.$2")\]: //p" "$TMP/bt.out"
}

ours() # MODEL EXPRESSION over its reads
{
	values "read: pid == $(cat "$TMP/pid.$1")" "$2" < "$TMP/trace"
}

for m in select poll epoll epoll-et; do
	close_to "$(theirs waited $m)" "$(ours $m 'sum(wait_ns + wake_ns)')" 2 \
		"$m: wait + wake are the wait call"
done
for m in select poll epoll epoll-et nonblocking sigio; do
	is "$(ours $m 'count(1)')" "$(theirs reads $m)" "$m: as many reads"
done
is "$(ours nonblocking 'sum(polls)')" "$(theirs eagains nonblocking)" \
	"nonblocking: as many EAGAINs"
close_to "$(theirs signalled sigio)" "$(ours sigio 'wait_ns + wake_ns' |
	awk 'NR > 1 { sum += $1 } END { printf "%.0f", sum }')" 2 \
	"sigio: wait + wake are from drained to delivered"
close_to "$(theirs completed io_uring)" \
	"$(ours io_uring 'sum(total_ns - dispatch_ns)')" 2 \
	"io_uring: all but dispatch is from submitted to completed"

iophase trace --json -- sh -c 'iophase-lab32 io_uring --count 5 > /dev/null' > "$TMP/trace"
is "$(values read 'count(1)' 'count(flags != "")' < "$TMP/trace")" "5 0" \
	"io_uring by a 32-bit process: who waits is seen"
