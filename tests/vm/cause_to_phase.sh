#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# Causes move their own phase and no other. One CPU and virtual time: what is
# injected is exact, and the rest of this machine cannot add to it.
# vm: kernel=6.1 cpus=1 icount=1
# vm: kernel=6.12 cpus=1 icount=1
# vm: kernel=6.1 cpus=1 icount=1 backend=kprobe
# vm: kernel=6.1-686-pae cpus=1 icount=1 full=1
# vm: kernel=6.1-armmp-lpae cpus=1 icount=1 full=1
# vm: kernel=6.12-arm64 cpus=1 icount=1 full=1
. "$(dirname "$0")/lib.sh"
softirqs_first || not_ok "ksoftirqd does not go before the hog"

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
# shellcheck disable=SC2086 # a list
iophase trace --json $TYPES -- sh "$TMP/run" > "$TMP/trace"
is $? 0 "all runs are traced"

process_of() # LAB ARGUMENTS...
{
	while read -r pid args; do
		[ "$args" != "$*" ] || echo "$pid"
	done < "$TMP/pids"
}

# Of each process the medians of its reads in µs: wait wake dispatch copy rest.
values "read by pid" pid 'round(median(wait_ns) / 1us)' 'round(median(wake_ns) / 1us)' \
	'round(median(dispatch_ns) / 1us)' 'round(median(copy_ns) / 1us)' \
	'round(median(rest_ns) / 1us)' < "$TMP/trace" > "$TMP/medians"
medians() # LAB ARGUMENTS...
{
	# shellcheck disable=SC3043 # every sh in use has it
	local process phases wanted

	wanted=$(process_of "$@")
	while read -r process phases; do
		[ "$process" != "$wanted" ] || echo "$phases"
	done < "$TMP/medians"
}

# Expects the phases to be those of the quiet run but for one, that has so
# many ms more, within 300 µs and 5 %.
moves() # QUIET PHASE MS LAB ARGUMENTS...
{
	# shellcheck disable=SC3043
	local quiet=$1 phase=$2 ms=$3 now run was want slack differ good=0
	# shellcheck disable=SC3043
	local names="wait wake dispatch copy rest"

	shift 3
	run=$* now=$(medians "$@")
	# shellcheck disable=SC2086 # numbers
	set -- $now
	for was in $quiet; do
		want=$was
		[ "${names%% *}" != "$phase" ] || want=$((want + ms * 1000))
		slack=$((want / 20 > 300 ? want / 20 : 300))
		differ=$((${1:-999999999} - want)) # is it there?
		[ ${differ#-} -gt $slack ] || good=$((good + 1))
		names=${names#* }
		[ $# = 0 ] || shift
	done
	if [ $good = 5 ]; then
		ok "$run: $phase has it, no other ($now)"
	else
		not_ok "$run: $ms ms more of $phase: from '$quiet' to '$now'"
	fi
}

for model in $MODELS; do
	quiet=$(medians "$model") wait=${quiet%% *}
	is "$((${wait:-0} > 9000 && ${wait:-0} < 11500))" 1 \
		"$model: the sender's delay is wait ($quiet)"
done

# The reader is runnable and does not get the CPU.
for model in blocking select poll epoll epoll-et sigio io_uring; do
	moves "$(medians "$model")" wake 20 "$model" --hog 20
done
# Nobody wakes a poller: its data waits for it.
moves "$(medians nonblocking)" dispatch 20 nonblocking --hog 20

# Told, but busy with something else.
for model in select poll epoll epoll-et sigio; do
	moves "$(medians "$model")" dispatch 5 "$model" --handler 5
done

# Late to ask: the data was there, nothing was waited for.
for model in blocking nonblocking poll epoll; do
	quiet=$(medians "$model")
	moves "0 0 0 ${quiet#* * * }" dispatch 5 "$model" --late 5
done

# A poll interval of 2 ms: dispatch is what is left of the interval.
every2="nonblocking --interval 2000"
pid=$(process_of "$every2")
is "$(values "read: pid == $pid" polls < "$TMP/trace" | xargs)" \
	"$(values read polls < "$TMP/lab.$pid" | xargs)" \
	"an interval of 2 ms: the very polls that were made"
is "$(values "read: pid == $pid" 'count(1)' 'count(dispatch_ns >= 2.5ms)' \
	'sum(dispatch_ns) > count(1) * 100us' < "$TMP/trace")" "9 0 1" \
	"an interval of 2 ms: data waits for the next poll, no longer"

# Faults in the reader's buffer lie inside the copy.
touched=$(medians blocking --size 65536 --waitall | cut -d ' ' -f 4)
fresh=$(medians blocking --size 65536 --waitall --fresh | cut -d ' ' -f 4)
[ "$fresh" -gt $((touched * 2)) ] &&
	ok "page faults are part of the copy ($touched us, fresh memory $fresh)" ||
	not_ok "faults do not show in the copy: $touched, fresh memory $fresh"
