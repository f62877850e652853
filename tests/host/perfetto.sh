#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# --perfetto: decoded again it is what --json says, to the nanosecond; and what
# becomes of the file when something goes wrong.
set -u
cd "$(dirname "$0")/../.." || exit
. tests/tap.sh
. tests/slices.sh

tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT

# Without rights: whatever it took its options for, it would not trace this machine.
iophase=(setpriv --no-new-privs --inh-caps=-all)
[ "$(id -u)" != 0 ] || iophase+=(--bounding-set=-all)
iophase+=(build/iophase)

same_slices() # JSON TRACE NAME
{
	slices_of_json "$1" | sort > "$tmp/want"
	slices_of_trace "$2" | sort > "$tmp/is"
	if [ -s "$tmp/is" ] && diff "$tmp/want" "$tmp/is" > "$tmp/diff"; then
		ok "$3: $(wc -l < "$tmp/is") slices as --json has them"
	else
		not_ok "$3: $(head -20 "$tmp/diff")"
	fi
}

for rec in tests/replay/*.rec; do
	"${iophase[@]}" replay --json --perfetto "$tmp/trace" "$rec" > "$tmp/json"
	is $? 0 "$rec"
	cmp -s "$tmp/json" "${rec%.rec}.json" && ok "--json beside it prints as ever" ||
		not_ok "--json beside it prints something else"
	same_slices "$tmp/json" "$tmp/trace" "$rec"
done

# Instead of lines of text.
"${iophase[@]}" replay --perfetto "$tmp/trace" tests/replay/epoll.rec > "$tmp/out" 2> "$tmp/err"
[ ! -s "$tmp/out" ] && grep -q '^reads: 3 seen' "$tmp/err" &&
	ok "text has no lines but the counters" || not_ok "$(cat "$tmp/out" "$tmp/err")"

# Data that queues behind other data: such reads overlap in time, each has a lane.
{
	echo "iophase-recording 1"
	for i in 1 2 3; do
		echo "ready $((i * 100)) 0 1 0 0 $i 1"
	done
	for i in 1 2 3; do
		echo "read-enter $((i * 1000)) 7 1 0 0 $((4 - i)) 1"
		echo "read-exit $((i * 1000 + 50)) 7 1 64 0 $((3 - i)) 1"
	done
	echo "end 9 5"
} > "$tmp/queue.rec"
"${iophase[@]}" replay --json --perfetto "$tmp/trace" "$tmp/queue.rec" > "$tmp/json"
same_slices "$tmp/json" "$tmp/trace" "three datagrams that waited at the same time"
protoc --decode=Trace -Iuser/out perfetto.proto < "$tmp/trace" > "$tmp/text"
is "$(grep -c 'name: "at the same time' "$tmp/text")" 2 "they have lanes beside each other"
# What is lost is in the file, too.
is "$(awk '/uuid:/ { uuid = $2 } /name: "inputs_lost"/ { lost = uuid }
	/track_uuid:/ { uuid = $2 } /counter_value:/ && uuid "" == lost "" { last = $2 }
	END { print last }' "$tmp/text")" 5 "a counter of what was lost"

# No reads: a whole file all the same.
printf 'iophase-recording 1\nend 0 0\n' > "$tmp/empty.rec"
"${iophase[@]}" replay --perfetto "$tmp/trace" "$tmp/empty.rec" 2> "$tmp/err"
is $? 0 "a recording of nothing"
is "$(slices_of_trace "$tmp/trace")" "" "has no slices"

# However many they are, writing them takes what it takes for a few. replay itself holds its
# recording, so what counts is how much more it takes with --perfetto.
memory() # READS WORDS...; prints the most memory that replay took, in KB
{
	local reads=$1

	shift
	awk -v n="$reads" 'BEGIN {
		print "iophase-recording 1"
		for (i = 1; i <= n; i++) {
			s = i % 100 + 1
			print "ready", i * 1000, 0, s, 0, 0, 1, 1
			print "read-enter", i * 1000 + 100, 7, s, 0, 0, 1, 1
			print "read-exit", i * 1000 + 200, 7, s, 64, 0, 0, 1
		}
		print "end", n * 3, 0
	}' | python3 -c '
import resource, subprocess, sys
with open(sys.argv[1], "w") as err:
    subprocess.run(sys.argv[2:], stdout=subprocess.DEVNULL, stderr=err, check=True)
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)' \
		"$tmp/err" "${iophase[@]}" replay "$@" /dev/stdin
}
few=$(($(memory 250000 --perfetto /dev/null) - $(memory 250000)))
many=$(($(memory 1000000 --perfetto /dev/null) - $(memory 1000000)))
grep -q '^reads: 1000000 seen' "$tmp/err" && [ $many -le $((few + 1024)) ] &&
	ok "1,000,000 reads are written in the memory of 250,000" ||
	not_ok "250,000 reads take $few KB more, 1,000,000 $many KB: $(cat "$tmp/err")"

# --- what goes wrong -----------------------------------------------------------------

fails() # STATUS PATTERN WORDS...
{
	local want=$1 pattern=$2 status

	shift 2
	"${iophase[@]}" "$@" > "$tmp/out" 2> "$tmp/err" < /dev/null
	status=$?
	[ $status = "$want" ] && [ ! -s "$tmp/out" ] && [ "$(wc -l < "$tmp/err")" = 1 ] &&
		grep -q -- "^iophase: $pattern" "$tmp/err" && ok "$*" ||
		not_ok "$*: status $status, $(cat "$tmp/out" "$tmp/err")"
}

fails 1 "cannot write /dev/full: No space left on device" \
	replay --perfetto /dev/full tests/replay/epoll.rec
fails 1 "cannot write /no/such: No such file" replay --perfetto /no/such tests/replay/epoll.rec
fails 2 "--perfetto needs a value" replay tests/replay/epoll.rec --perfetto
fails 2 "--perfetto needs the name of a file" replay --perfetto '' tests/replay/epoll.rec
fails 2 "top has no option '--perfetto" top --perfetto x
echo precious > "$tmp/old"
fails 1 "cannot open /no/such" replay --perfetto "$tmp/old" /no/such
is "$(cat "$tmp/old")" precious "a run that does not begin leaves FILE alone"

# Interrupted in the middle: what there is is whole. A pipe that nobody empties stops
# iophase there.
{
	echo "iophase-recording 1"
	awk 'BEGIN {
		for (i = 1; i <= 20000; i++) {
			print "ready", i * 1000, 0, 1, 0, 0, 1, 1
			print "read-enter", i * 1000 + 100, 7, 1, 0, 0, 1, 1
			print "read-exit", i * 1000 + 200, 7, 1, 64, 0, 0, 1
		}
	}'
	echo "end 60000 0"
} > "$tmp/long.rec"
mkfifo "$tmp/pipe"
"${iophase[@]}" replay --perfetto "$tmp/pipe" "$tmp/long.rec" 2> "$tmp/err" &
pid=$!
{
	head -c 4096
	kill -INT $pid
	cat
} < "$tmp/pipe" > "$tmp/trace"
wait $pid
status=$?
n=$(slices_of_trace "$tmp/trace" | grep -c '^thread')
[ $status = 0 ] && [ "$n" -gt 10 ] && [ "$n" -lt 20000 ] &&
	grep -q "^reads: $n seen" "$tmp/err" && ! slices_of_trace "$tmp/trace" | grep -q wrong &&
	ok "interrupted: whole, with the reads until then" ||
	not_ok "interrupted: status $status, $n calls, $(cat "$tmp/err")"
