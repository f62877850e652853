#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# trace --perfetto: what it draws is what --json prints beside it, of every model; what
# becomes of the file when iophase is stopped, killed, or has no room.
# vm: kernel=6.1 cpus=1 icount=1
# shellcheck disable=SC2086 # QUICK is words
. "$(dirname "$0")/lib.sh"
. tests/slices.sh

text=$TMP/text
decode() # FILE
{
	protoc --decode=Trace -Iuser/out perfetto.proto < "$1" > "$text"
}

# The last value of a counter in $text. Numbers of tracks are longer than awk's: as text.
counter() # NAME
{
	awk -v name="\"$1\"" '$1 == "uuid:" || $1 == "track_uuid:" { uuid = $2 }
		$1 == "name:" && $2 == name { wanted = uuid }
		$1 == "counter_value:" && uuid "" == wanted "" { last = $2 }
		END { print last }' "$text"
}

# --- what it draws ----------------------------------------------------------------------

iophase trace --json --perfetto "$TMP/trace" -- sh -c "for model in blocking nonblocking \
	select poll epoll epoll-et sigio io_uring posix-aio; do
		$LAB \$model --count 5 --proto tcp
		$LAB \$model --count 5 --proto udp
	done" > "$TMP/json" 2> "$TMP/err"
is "$? $(cat "$TMP/err")" "0 " "every model is traced"
slices_of_json "$TMP/json" | sort > "$TMP/want"
slices_of_trace "$TMP/trace" | sort > "$TMP/is"
diff "$TMP/want" "$TMP/is" > "$TMP/diff" && [ "$(wc -l < "$TMP/is")" -gt 500 ] &&
	ok "$(wc -l < "$TMP/is") slices as --json has them" ||
	not_ok "$(wc -l < "$TMP/is") slices: $(head -20 "$TMP/diff")"
decode "$TMP/trace"
is "$(grep -c flow_ids "$text")" "$((2 * $(grep -c '"type":"read"' "$TMP/json")))" \
	"each has a flow to its call"
is "$(sed -n 's/.*process_name: //p' "$text" | sort -u)" '"iophase-lab"' "processes have names"
is "$(grep -c 'name: "tcp 127.0.0.1:[0-9]*, peer 127.0.0.1:[0-9]*, fd [0-9]*"' "$text")" 9 \
	"sockets have theirs"
is "$(counter seen) $(counter lost)" "$(values counters seen lost < "$TMP/json")" \
	"counters are there"

# --- losses -----------------------------------------------------------------------------

iophase trace $QUICK --json --buffer 4 --perfetto "$TMP/trace" -- sh -c "kill -STOP \$PPID
	$LAB blocking --delay 0 --count 300; kill -CONT \$PPID" > "$TMP/json"
decode "$TMP/trace"
lost=$(values counters lost < "$TMP/json")
[ "$lost" -gt 0 ] && [ "$(counter lost)" = "$lost" ] && ok "$lost reads are lost, which it has" ||
	not_ok "lost $lost, the file has $(counter lost)"

# --- how it ends ------------------------------------------------------------------------

"$LAB" blocking --delay 1 --count 1000000 &
lab=$!
for signal in INT TERM KILL; do
	iophase trace $QUICK --perfetto "$TMP/trace.$signal" -p $lab > "$TMP/out" 2> "$TMP/err" &
	pid=$!
	wait_for "[ -s $TMP/trace.$signal ]"
	kill -$signal $pid
	wait $pid
	status=$?
	decode "$TMP/trace.$signal" && [ "$(grep -c SLICE_BEGIN "$text")" -gt 10 ] &&
		ok "SIG$signal: the packets are whole" || not_ok "SIG$signal: $(wc "$text")"
	[ $signal != KILL ] || continue
	is "$status $(wc -c < "$TMP/out")" "0 0" "status 0, nothing but the counters"
	is "$(slices_of_trace "$TMP/trace.$signal" | grep -c wrong)" 0 "no slice is cut"
	grep -q "^reads: $(counter seen) seen" "$TMP/err" && ok "the counters are the last" ||
		not_ok "$(counter seen) seen, $(cat "$TMP/err")"
done
kill $lab

mkdir "$TMP/small"
mount -t tmpfs -o size=64k none "$TMP/small"
iophase trace $QUICK --perfetto "$TMP/small/trace" -- "$LAB" blocking --delay 0 --count 300 \
	> "$TMP/out" 2> "$TMP/err"
is "$? $(tail -n +2 "$TMP/err")" \
	"1 iophase: cannot write $TMP/small/trace: No space left on device" "a full disk"
umount "$TMP/small"
