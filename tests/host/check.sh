#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# check, which tests in the VM compare traces with: what is right passes, and whatever
# is wrong in a read, or in what is asked, does not.
set -u
cd "$(dirname "$0")/../.." || exit
. tests/tap.sh

tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
check=build/tests/vm/check

# Three reads as the lab has them, between others of the trace.
made='{"type":"read","tid":7,"seq":%d,"asked_ns":%d000000,"send_begin_ns":%d500000,"bytes":64}\n'
seen='{"type":"read","tid":7,"comm":"a \\"}{","model":"blocking","bytes":64,"wait_ns":500%d,'
seen+='"peer":null,"flags":["handoff","eof"]}\n'
for i in 0 1 2; do
	# shellcheck disable=SC2059 # formats
	printf "$made" $i $i $i >> "$tmp/lab"
	# shellcheck disable=SC2059
	printf "$seen" $i >> "$tmp/trace"
	echo '{"type":"read","tid":8,"bytes":1,"wait_ns":1,"flags":[]}' >> "$tmp/trace"
done
echo '{"type":"summary","reads":3}' >> "$tmp/lab"
echo '{"type":"counters","lost":0,"seen":6}' >> "$tmp/trace"

rules=('bytes == lab.bytes' 'model == "blocking"' 'flags has "eof"' 'peer == null'
	'abs(wait_ns * 100 - (lab.send_begin_ns - lab.asked_ns)) <= max(1us, 0.2ms / 1000)'
	'lab.seq == 0 || wait_ns != 5000')
pairs()
{
	$check pairs tid "$tmp/lab" "$1" "${rules[@]}"
}
is "$(pairs "$tmp/trace"; echo $?)" 0 "reads that are as the lab says"

fails() # DESCRIPTION PATTERN SED-SCRIPT: of the trace
{
	sed "$3" "$tmp/trace" > "$tmp/wrong"
	pairs "$tmp/wrong" > "$tmp/out"
	[ $? = 1 ] && grep -q -- "$2" "$tmp/out" && ok "$1 fails" ||
		not_ok "$1: $(cat "$tmp/out")"
}
fails "a wrong number" '^read 1: not bytes == lab.bytes, bytes 65, lab.bytes 64$' \
	'3s/"bytes":64/"bytes":65/'
fails "a wrong text" '^read 0: not model .*, model poll$' '1s/blocking/poll/'
fails "a part of a text" '^read 0: not model' '1s/"blocking"/"block"/'
fails "a flag less" '^read 2: not flags has "eof", flags handoff$' '5s/,"eof"//'
fails "a flag that has it inside" '^read 2: not flags' '5s/"eof"/"eofs"/'
fails "what was null" '^read 1: not peer == null, peer 0$' '3s/"peer":null/"peer":0/'
fails "a time a little too long" '^read 2: not abs.*wait_ns 5011' '5s/5002/5011/'
fails "a time that is not known" '^read 0: not abs.*wait_ns null' '1s/5000/null/'
fails "a read less" '^the lab read 3 times, the trace has 2$' 5d
fails "a read more" '^the lab read 3 times, the trace has 4$' '1p'
fails "two in the other order" '^read 1: not lab.seq' '1{h;d};3G'
fails "another thread's" '^the lab read 3 times, the trace has 0$' 's/"tid":7/"tid":9/'

values() # WORDS...
{
	$check values "$@" < "$tmp/trace" 2>&1
}
is "$(values read comm wait_ns flags peer | head -n 1)" 'a \"}{ 5000 handoff,eof null' \
	"values as words"
is "$(values counters lost seen "seen - lost")" "0 6 6" "of another type"
is "$(values read tid nulls | sort -u | xargs)" "7 peer 8 -" "what is null"
is "$(values "read by tid: wait_ns > 2ns" tid 'count(1)' 'sum(wait_ns)' 'median(wait_ns)' \
	'max(wait_ns)')" "7 3 15003 5001 5002" "sums of each"
is "$(values "read: bytes == 3" 'count(1)' 'sum(bytes)' 'max(bytes)')" "0 0 null" "of nothing"
is "$(values "read: flags == \"handoff,eof\" && !(wait_ns < 5.001us || wait_ns > 5001)" wait_ns)" \
	5001 "conditions"
is "$(values read 'round(sum(wait_ns) / 1us)' 'min(wait_ns)' 'min(3, 2) - -1 * 2')" "15 1 4" \
	"numbers"
is "$(values read 'count(wait < 3)'; echo $?)" "$(printf "0\ncheck: nothing has 'wait'\n2")" \
	"a key that no read has is no 0"
for wrong in 'wait_ns <' '(wait_ns' 'mean(wait_ns)' 'wait_ns wait_ns' '"text'; do
	values read "$wrong" > "$tmp/out"
	is "$? $(grep -c '^check: ' "$tmp/out")" "2 1" "what cannot be read: $wrong"
done
is "$(echo '{"type":"read","bytes":' | $check values read bytes; echo $?)" \
	"$(printf 'check: this is no JSON: {"type":"read","bytes":\n2')" "half a line"
