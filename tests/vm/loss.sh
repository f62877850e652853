#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# Loss is honest: what does not fit is counted, and the sums are exact.
# vm: kernel=6.1 cpus=1 icount=1
# vm: kernel=6.1 cpus=2 full=1
. "$(dirname "$0")/lib.sh"

COUNT=3000

# A ring of 4 KiB holds 19 reads, and nobody empties it while they are made.
iophase trace --json --buffer 4 -- sh -c "kill -STOP \$PPID
	$LAB blocking --delay 0 --count $COUNT; kill -CONT \$PPID" > "$TMP/out"
printed=$(grep -c '"type":"read"' "$TMP/out")
counters() # EXPRESSION...
{
	values counters "$@" < "$TMP/out"
}
is "$(counters seen shown+lost seen_bytes shown_bytes+lost_bytes)" \
	"$COUNT $COUNT $((COUNT * 64)) $((COUNT * 64))" "shown + lost = made"
is "$(counters shown)" "$printed" "shown is what was printed"
[ "$(counters lost)" -gt 0 ] && ok "some were lost" ||
	not_ok "nothing was lost: this tests nothing"

# The histograms of top are kept in the kernel: nothing is lost there.
iophase top --json -i 60 -- "$LAB" blocking --delay 0 --count $COUNT > "$TMP/out"
is "$(values top 'sum(reads)' < "$TMP/out")" $COUNT \
	"top has every read"
is "$(counters lost)" 0 "and lost none"

# One row for two processes: the second's reads are counted as lost. Nobody looks
# in between, and finds that the first is gone.
iophase top --json --max-rows 1 -i 60 -- sh -c \
	"$LAB blocking --count 20; $LAB blocking --count 30" > "$TMP/out"
is "$(counters seen shown+lost)" "50 50" \
	"a full table: shown + lost = made"
[ "$(counters lost)" -gt 0 ] && ok "and says so" ||
	not_ok "a full table lost nothing: $(tail -n 1 "$TMP/out")"

# More reads than iophase can print: it ends in time all the same.
loops=()
for _ in 1 2; do
	build/bench/loop unix-64 1000000000 > /dev/null &
	loops+=($!)
done
timeout -s KILL 300 iophase trace --json -d 2 > "$TMP/out"
is $? 0 "-d ends a trace that cannot keep up"
kill "${loops[@]}"
is "$(counters shown)" "$(grep -c '"type":"read"' "$TMP/out")" \
	"and what it shows is counted"
