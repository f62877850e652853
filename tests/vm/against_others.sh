#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# The same run seen by tools that are not ours: a bpftrace script that times
# wait and copy, and strace -T for the duration of each read call.
# vm: kernel=6.1 cpus=1 icount=1
# vm: kernel=6.12 cpus=1 icount=1 full=1
# vm: kernel=6.1 cpus=1 icount=1 backend=kprobe full=1
. "$(dirname "$0")/lib.sh"

have bpftrace || { skip "bpftrace is not here"; exit 0; }

# Sums over the reads of the lab, in ns. schedule_timeout inside sock_recvmsg
# is the sleep: wait + wake; skb_copy_datagram_iter is the copy.
cat > "$TMP/phases.bt" <<'BT'
kfunc:sock_recvmsg { @in[tid] = 1; }
kretfunc:sock_recvmsg { delete(@in[tid]); }
kfunc:schedule_timeout /comm == "iophase-lab" && @in[tid]/ { @s[tid] = nsecs; }
kretfunc:schedule_timeout /@s[tid]/ {
	@slept = sum(nsecs - @s[tid]); @sleeps = count(); delete(@s[tid]);
}
kfunc:skb_copy_datagram_iter /comm == "iophase-lab" && @in[tid]/ { @c[tid] = nsecs; }
kretfunc:skb_copy_datagram_iter /@c[tid]/ {
	@copied = sum(nsecs - @c[tid]); @copies = count(); delete(@c[tid]);
}
END { clear(@in); clear(@s); clear(@c); }
BT

# It runs us once its own probes are in place.
cat > "$TMP/both" <<BOTH
exec iophase trace --json -o $TMP/trace.json -- $LAB blocking --delay 5 --size 65536 --count 40
BOTH
bpftrace -o "$TMP/bt.out" -c "/bin/sh $TMP/both" "$TMP/phases.bt" > "$TMP/bt.err" 2>&1
is $? 0 "both trace the same run"

ours() # EXPRESSION
{
	values read "$1" < "$TMP/trace.json"
}

theirs() # MAP
{
	sed -n "s/^@$1: //p" "$TMP/bt.out"
}

is "$(theirs copies)" "$(ours 'sum(copies)')" "as many copies as bpftrace"
is "$(theirs sleeps)" "$(ours 'sum(sleeps)')" "as many sleeps as bpftrace"
# Each tool's probes lie inside the other's: some instructions of each copy.
differ=$((($(theirs copied) - $(ours 'sum(copy_ns)')) / $(theirs copies)))
if [ ${differ#-} -le 4000 ]; then
	ok "a copy differs from bpftrace's by $differ instructions, at most 4,000"
else
	not_ok "a copy differs from bpftrace's by $differ instructions"
fi
close_to "$(theirs slept)" "$(ours 'sum(wait_ns + wake_ns)')" 5 \
	"wait + wake within 5 % of bpftrace's sleep"

# strace -T rounds to µs and includes entry and exit of the system call, its
# own stops excluded only in part: ours is less, by a bounded amount.
have strace || { skip "strace is not here"; exit 0; }
iophase trace --json -c iophase-lab -- strace -f -T -e trace=recvfrom -o "$TMP/strace" \
	"$LAB" blocking --delay 20 --count 10 > "$TMP/trace.json"
sed -n 's/.*recvfrom(.* = 64.*<\([0-9.]*\)>$/\1/p' "$TMP/strace" > "$TMP/durations"
is "$(wc -l < "$TMP/durations")" "$(ours 'count(1)')" "as many reads as strace"
theirs_ns=$(awk '{ s += $1 } END { printf "%d", s * 1e9 }' "$TMP/durations")
close_to "$theirs_ns" "$(ours 'sum(call_ns)')" 10 \
	"call durations within 10 % of strace -T"
