#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# Causes move their own phase and no other. One CPU and virtual time: what is
# injected is exact, and the rest of this machine cannot add to it.
# vm: kernel=6.1 cpus=1 icount=1
# vm: kernel=6.1 cpus=1 icount=1 backend=kprobe
. "$(dirname "$0")/lib.sh"

DELAY=10
MODELS="blocking nonblocking select poll epoll epoll-et sigio io_uring"

# All runs under one trace, each a process of its own.
cat > "$TMP/runs" <<RUNS
$(for m in $MODELS; do echo "$m"; done)
$(for m in $MODELS; do echo "$m --hog 20"; done)
$(for m in select poll epoll epoll-et sigio; do echo "$m --handler 5"; done)
$(for m in blocking nonblocking poll epoll; do echo "$m --late 5"; done)
nonblocking --interval 2000
blocking --size 65536 --waitall
blocking --size 65536 --waitall --fresh
RUNS
cat > "$TMP/run" <<RUN
while read -r args; do
	sh -c 'echo "\$\$ \$*" >> $TMP/pids
		exec iophase-lab "\$@" --delay $DELAY --count 9 --json \
		> "$TMP/lab.\$\$"' sh \$args
done < $TMP/runs
RUN
iophase trace --json -- sh "$TMP/run" > "$TMP/trace"
is $? 0 "all runs are traced"

pid_of() # LAB ARGUMENTS...
{
	sed -n "s/^\([0-9]*\) $*\$/\1/p" "$TMP/pids"
}

# Medians in µs of the lab's reads: wait wake dispatch copy rest.
medians() # LAB ARGUMENTS...
{
	jq -rs --argjson pid "$(pid_of "$@")" 'map(select(.type == "read" and
		.pid == $pid)) | . as $r |
		["wait_ns", "wake_ns", "dispatch_ns", "copy_ns", "rest_ns"] |
		map(. as $k | $r | map(.[$k]) | sort | .[length / 2 | floor] / 1000 |
		floor) | join(" ")' "$TMP/trace"
}

# Expects the phases to be those of the quiet run but for one, that has so
# many ms more, within 300 µs and 5 %.
moves() # QUIET PHASE MS LAB ARGUMENTS...
{
	local quiet=$1 phase=$2 ms=$3 now

	shift 3
	now=$(medians "$@")
	if awk -v q="$quiet" -v n="$now" -v phase="$phase" -v ms="$ms" 'BEGIN {
		split("wait wake dispatch copy rest", names)
		split(q, a); split(n, b)
		for (i = 1; i <= 5; i++) {
			want = a[i] + (names[i] == phase ? ms * 1000 : 0)
			d = b[i] - want; d = d < 0 ? -d : d
			slack = want * 0.05 > 300 ? want * 0.05 : 300
			if (b[i] == "" || d > slack) exit 1
		} }'; then
		ok "$*: $phase has it, no other ($now)"
	else
		not_ok "$*: $ms ms more of $phase: from '$quiet' to '$now'"
	fi
}

declare -A quiet=()
for model in $MODELS; do
	quiet[$model]=$(medians $model)
	is "$(awk '{ print ($1 > 9000 && $1 < 11500) }' <<< "${quiet[$model]}")" 1 \
		"$model: the sender's delay is wait (${quiet[$model]})"
done

# The reader is runnable and does not get the CPU.
for model in blocking select poll epoll epoll-et sigio io_uring; do
	moves "${quiet[$model]}" wake 20 $model --hog 20
done
# Nobody wakes a poller: its data waits for it.
moves "${quiet[nonblocking]}" dispatch 20 nonblocking --hog 20

# Told, but busy with something else.
for model in select poll epoll epoll-et sigio; do
	moves "${quiet[$model]}" dispatch 5 $model --handler 5
done

# Late to ask: the data was there, nothing was waited for.
for model in blocking nonblocking poll epoll; do
	moves "0 0 0 ${quiet[$model]#* * * }" dispatch 5 $model --late 5
done

# A poll interval of 2 ms: dispatch is what is left of the interval.
pid=$(pid_of nonblocking --interval 2000)
polls() # FILE
{
	jq -cs --argjson pid $pid 'map(select(.type == "read" and .pid == $pid).polls)' \
		"$1"
}
is "$(polls "$TMP/trace")" "$(polls "$TMP/lab.$pid")" \
	"an interval of 2 ms: the very polls that were made"
is "$(jq -s --argjson pid $pid 'map(select(.type == "read" and .pid == $pid)
	.dispatch_ns) | (max < 2500000) and (add / length > 100000)' "$TMP/trace")" \
	true "an interval of 2 ms: data waits for the next poll, no longer"

# Faults in the reader's buffer lie inside the copy.
touched=$(medians blocking --size 65536 --waitall | cut -d ' ' -f 4)
fresh=$(medians blocking --size 65536 --waitall --fresh | cut -d ' ' -f 4)
[ "$fresh" -gt $((touched * 2)) ] &&
	ok "page faults are part of the copy ($touched us, fresh memory $fresh)" ||
	not_ok "faults do not show in the copy: $touched, fresh memory $fresh"
