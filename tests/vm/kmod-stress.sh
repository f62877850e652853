#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# Many readers, processes that come and go, 10,000 of them, a module that
# comes and goes.
# vm: kernel=6.1 cpus=2
. "$(dirname "$0")/kmod.inc"

LOOPS=100 CROWD=1000 WHILE=4
[ -z "${FULL:-}" ] || LOOPS=1000 CROWD=10000 WHILE=20
# Ten thousand that exit at once keep an emulated machine busy for longer than 21 s,
# and for longer than 90 if this one has other work, too.
[ -z "${FULL:-}" ] || echo 300 > /sys/module/rcupdate/parameters/rcu_cpu_stall_timeout

# --- readers, while processes end ---------------------------------------------------

load
"$HELPER" churn $((WHILE + 1)) > "$TMP/churn" &
"$HELPER" churn $((WHILE + 1)) > /dev/null &
for i in layout:1 tasks:2 tasks:3 stats:4; do
	"$HELPER" hammer $WHILE $PROC/${i%:*} > "$TMP/read.$i" &
done
wait
awk '{ good += $1; bad += $3; away += $5 } END { print (good > 20), bad, away }' \
	"$TMP"/read.* > "$TMP/sum"
is "$(cat "$TMP/sum")" "1 0 0" \
	"4 readers for $WHILE s, meanwhile $(cat "$TMP/churn") ended: all they read is whole"

# --- many processes -------------------------------------------------------------------

before=$(value stats processes)
sysctl -qw kernel.pid_max=65536 kernel.threads-max=65536 2> /dev/null
"$HELPER" crowd "$CROWD" > "$TMP/crowd" 2>&1 &
crowd=$!
for i in $(seq 240); do
	[ ! -s "$TMP/crowd" ] || break
	sleep 1
done
grep -q ready "$TMP/crowd" || not_ok "no $CROWD processes after $i s: $(cat "$TMP/crowd")"
is "$(value stats processes)" $((before + CROWD + 1)) "stats counts $CROWD processes"
is "$(grep -c " kmod-helper\| helper-" $PROC/tasks)" $((CROWD + 1)) "tasks lists them"
is "$("$HELPER" hammer 5 $PROC/tasks | grep -c ' 0 bad, 0 away')" 1 "in pieces, too"
kill $crowd
wait $crowd 2> /dev/null
rmmod addrsplit
trap 'rm -rf "$TMP"' EXIT

# --- a module that comes and goes ---------------------------------------------------------

for file in layout tasks stats; do
	"$HELPER" hammer 100000 $PROC/$file > "$TMP/$file" 2>&1 &
	readers="${readers:-} $!"
done
failed=0
for i in $(seq "$LOOPS"); do
	insmod "$MODULE" || failed=$((failed + 1))
	[ $((i % 10)) != 0 ] || sleep 0.02
	rmmod addrsplit || failed=$((failed + 1))
done
alive=0
for r in $readers; do
	kill -0 "$r" && alive=$((alive + 1))
done
is "$failed" 0 "loaded and unloaded $LOOPS times"
is "$alive" 3 "with three readers all the while"
[ $alive = 3 ] || cat "$TMP/layout" "$TMP/tasks" "$TMP/stats"
# shellcheck disable=SC2086 # a list
kill $readers

# An open descriptor outlives the module.
insmod "$MODULE"
exec 3< $PROC/layout
rmmod addrsplit
cat <&3 > "$TMP/late" 2>&1 && not_ok "read after the end" || ok "an open file fails after the end"
exec 3<&-
[ ! -e $PROC ] && ok "nothing stays behind" || not_ok "$PROC is still there"
