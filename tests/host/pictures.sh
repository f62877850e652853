#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# Pictures of recordings are those that were looked at; where there is nothing to
# draw, or nowhere to draw it, that is said in a line.
set -u
cd "$(dirname "$0")/../.." || exit
. tests/tap.sh

tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT

# Without rights: whatever it took its options for, it would not trace this machine.
iophase=(setpriv --no-new-privs --inh-caps=-all)
[ "$(id -u)" != 0 ] || iophase+=(--bounding-set=-all)
iophase+=(build/iophase)

draw() # COMMAND ARGS...; what it drew is in $tmp/out
{
	status=0
	env -u LC_CTYPE -u NO_COLOR TERM=xterm LC_ALL=C.UTF-8 "${iophase[@]}" "$@" \
		> "$tmp/out" 2> "$tmp/err" || status=$?
}

said()
{
	echo "status $status, said: $(head -c 400 "$tmp/out" "$tmp/err")"
}

same() # FILE DESCRIPTION
{
	diff -u "$1" "$tmp/out" && ok "$2" || not_ok "$2: $(said)"
}

# The recordings of the five models as one: with threads and sockets of their own.
five_models()
{
	echo "iophase-recording 1"
	for model in blocking nonblocking epoll sigio io_uring; do
		k=$((${k:-0} + 100))
		awk -v k=$k '/^[a-z-]+ [0-9]+ [0-9]+ / {
			$3 += $3 ? k * 10 : 0
			$4 += $4 ? k : 0
			print
		}' tests/replay/$model.rec
	done
}
five_models > "$tmp/inputs"
{
	cat "$tmp/inputs"
	echo "end $(($(wc -l < "$tmp/inputs") - 1)) 0"
} > "$tmp/five.rec"

# Well-formed, by itself, drawable.
good_svg() # FILE DESCRIPTION
{
	python3 -c '
import re, sys, xml.etree.ElementTree as tree
root = tree.parse(sys.argv[1]).getroot()
assert root.tag == "{http://www.w3.org/2000/svg}svg", root.tag
names = {e.tag.split("}")[1] for e in root.iter()}
assert names <= {"svg", "title", "style", "rect", "text", "path"}, names
for e in root.iter():
    assert not [a for a in e.attrib if "href" in a or a.startswith("on")], e.attrib
assert "url(" not in open(sys.argv[1]).read()
right = float(root.get("width"))
for e in root.iter("{http://www.w3.org/2000/svg}text"):
    x = float(e.get("x"))
    assert 0 <= x <= right, (x, e.text)
' "$1" 2> "$tmp/err"
	is "$?: $(tail -1 "$tmp/err")" "0: " "$2 is well-formed, and stands by itself"
	rsvg-convert "$1" -o "$tmp/picture.png" 2> "$tmp/err"
	is "$?: $(head -c 4 "$tmp/picture.png" | tail -c 3)" "0: PNG" "$2 can be rendered"
}

# --- figure -----------------------------------------------------------------------

draw figure all --from "$tmp/five.rec" --svg "$tmp/five.svg"
same tests/pictures/figure.txt "figure all"
is "$(wc -l < "$tmp/err")" 1 "its counters beside it"
good_svg "$tmp/five.svg" "the file of --svg"
draw figure --from "$tmp/five.rec"
same tests/pictures/figure.txt "figure alone is all"
draw figure --ascii --from "$tmp/five.rec"
same tests/pictures/figure-ascii.txt "--ascii"
is "$(LC_ALL=C awk 'length > 80 || /[^ -~]/' "$tmp/out")" "" "80 columns, all of it ASCII"
for where in TERM=dumb LC_ALL=C LC_ALL=POSIX LC_ALL=de_DE.ISO-8859-1; do
	env LC_ALL=C.UTF-8 $where "${iophase[@]}" figure --from "$tmp/five.rec" \
		> "$tmp/out" 2> /dev/null
	same tests/pictures/figure-ascii.txt "$where"
done
for where in NO_COLOR=1 "COLUMNS=40 LINES=10"; do
	# shellcheck disable=SC2086 # words
	env TERM=xterm LC_ALL=C.UTF-8 $where "${iophase[@]}" figure --from "$tmp/five.rec" \
		> "$tmp/out" 2> /dev/null
	same tests/pictures/figure.txt "$where"
done

# Each model by itself is its part of all.
for model in blocking nonblocking multiplexed signal async; do
	draw figure $model --from "$tmp/five.rec"
	head -n -2 "$tmp/out" > "$tmp/one"
	python3 -c '
import sys
one, all = (open(f).read() for f in sys.argv[1:])
sys.exit(one not in all)' "$tmp/one" tests/pictures/figure.txt
	is $? 0 "figure $model"
done

# --- what there is little of ------------------------------------------------------------

printf 'iophase-recording 1\nend 0 0\n' > "$tmp/none.rec"
draw figure --from "$tmp/none.rec" --svg "$tmp/none.svg"
is "$status: $(cat "$tmp/out")" "0: No reads." "no reads"
good_svg "$tmp/none.svg" "the file without reads"
draw figure signal --from tests/replay/blocking.rec
is "$status: $(cat "$tmp/out")" "0: No signal reads; but 3 blocking." "a model that did not occur"
{
	head -n 10 tests/replay/blocking.rec
	echo "end 8 0"
} > "$tmp/one.rec"
draw figure blocking --from "$tmp/one.rec"
is "$status: $(sed -n 2p "$tmp/out"): $(grep -c 'p99 2.2' "$tmp/out")" "0: 1 read, 64B: 1" \
	"one read"

# --- of another kernel --------------------------------------------------------------

# What a kernel's hooks could only bound is marked, wherever the recording is looked at.
draw figure multiplexed --from tests/replay/tracepoint.rec
is "$status: $(grep -cE 'p(50|99) [<>]' "$tmp/out") of $(grep -cE 'p(50|99) ' "$tmp/out")" \
	"0: 10 of 10" "tracepoints: each number is a bound"
draw heat --ascii --from tests/replay/tracepoint.rec
is "$status: $(head -1 "$tmp/out" | cut -d , -f 1)" "0: <wait of 3 reads" \
	"heat: so is its phase"
# What they could not tell is not 0.
sed '1a unknown multiplexed dispatch' tests/replay/epoll.rec > "$tmp/unknown.rec"
draw figure multiplexed --from "$tmp/unknown.rec"
grep -qE "^ +p50 -" "$tmp/out" && ok "a phase without hooks is not known" || not_ok "$(said)"
draw heat dispatch --ascii --from "$tmp/unknown.rec"
is "$status: $(head -1 "$tmp/out")" "0: dispatch: no reads but 3 without times" \
	"heat: it has no times"
for command in "replay" "figure --from" "heat --from"; do
	sed '1s/1$/2/' tests/replay/epoll.rec > "$tmp/newer.rec"
	# shellcheck disable=SC2086 # words
	draw $command "$tmp/newer.rec"
	is "$status: $(cat "$tmp/err")" "1: iophase: $tmp/newer.rec is a recording of another \
version: it does not start with 'iophase-recording 1'" "$command: of another iophase"
	printf 'ELF\x7f\x00\xff' > "$tmp/binary.rec"
	# shellcheck disable=SC2086 # words
	draw $command "$tmp/binary.rec"
	is "$status: $(wc -l < "$tmp/err"): $(grep -c 'is no recording' "$tmp/err")" "1: 1: 1" \
		"$command: no recording"
done

# --- heat ------------------------------------------------------------------------------

# Blocking reads whose data takes from some 10 us to 10 ms, now and then 100 ms.
awk 'BEGIN {
	OFMT = "%.0f"
	print "iophase-recording 1"
	t = 1000000000
	for (i = 0; i < 3000; i++) {
		d = 10000 * (1 + i * i * 37 % 997) + (i % 500 < 50) * 90000000
		seq = 64 * i
		print "read-enter", t, 7, 1, 0, 0, 0, 0
		print "sleep-enter", t + 500, 7, 1, 0, 0, 0, 0
		print "ready", t + d, 0, 1, 0, seq, seq + 64, 0
		print "sleep-exit", t + d + 12000 + i % 9000, 7, 1, 0, 0, 0, 0
		print "copy-enter", t + d + 22000, 7, 1, 0, 0, 0, 0
		print "copy-exit", t + d + 22800, 7, 1, 0, 0, 0, 0
		print "read-exit", t + d + 24000, 7, 1, 64, seq + 64, seq + 64, 0
		t += d + 100000
	}
	print "end", 7 * i, 0
}' > "$tmp/busy.rec"

draw heat --from "$tmp/busy.rec" --svg "$tmp/heat.svg"
same tests/pictures/heat.txt "heat"
good_svg "$tmp/heat.svg" "its file"
for mark in median:1-8 tail:a-h; do
	drawn=$(grep -c "class=\"${mark%:*}\"" "$tmp/heat.svg")
	# two more are in the legend
	is "$(sed -n 3,20p "$tmp/out" | cut -c 8- | tr -cd "${mark#*:}" | wc -c)" $((drawn - 2)) \
		"the ${mark%:*} is the same line in both"
done
draw heat wake --ascii --from "$tmp/busy.rec" -i 500ms
same tests/pictures/heat-wake-ascii.txt "heat wake --ascii, two columns a second"
is "$(LC_ALL=C awk 'length > 80 || /[^ -~]/' "$tmp/out")" "" "80 columns, all of it ASCII"
draw heat --from "$tmp/none.rec" --svg "$tmp/none.svg"
is "$status: $(cat "$tmp/out")" "0: wait: no reads" "no reads"
good_svg "$tmp/none.svg" "the file without reads"
draw heat copy --ascii --from "$tmp/one.rec"
is "$status: $(head -1 "$tmp/out"); $(grep -c '1.00u 1$' "$tmp/out")" \
	"0: copy of 1 read, p50 2.17u, p99 2.17u; 1" "one read"
"${iophase[@]}" heat --from "$tmp/busy.rec" > /dev/full 2> "$tmp/err"
is "$?: $(tail -1 "$tmp/err")" "1: iophase: cannot write: No space left on device" \
	"a full disk"

# --- the lab's curves --------------------------------------------------------------------

build/iophase-lab scan --svg "$tmp/scan.svg" > "$tmp/out" 2> "$tmp/err"
is "$?: $(grep -c 'path class="[a-z]* curve"' "$tmp/scan.svg")" "0: 10" \
	"iophase-lab scan: three curves on seven rulers"
good_svg "$tmp/scan.svg" "its file"

# --- where it cannot go ------------------------------------------------------------------

"${iophase[@]}" figure --from "$tmp/five.rec" > /dev/full 2> "$tmp/err"
is "$?: $(tail -1 "$tmp/err")" "1: iophase: cannot write: No space left on device" \
	"a full disk"
draw figure --from "$tmp/five.rec" --svg /dev/full
is "$status: $(grep iophase "$tmp/err")" \
	"1: iophase: cannot write /dev/full: No space left on device" "--svg on a full disk"
for file in /no/such.svg /; do
	draw figure --from "$tmp/five.rec" --svg $file
	is "$status: $(wc -c < "$tmp/out")" "1: 0" "--svg $file"
	grep -q "^iophase: cannot write $file: " "$tmp/err"
	is $? 0 "... says why"
done
echo precious > "$tmp/old.svg"
draw figure --from "$tmp/no.rec" --svg "$tmp/old.svg"
is "$status: $(cat "$tmp/old.svg")" "1: precious" "what fails leaves the file alone"
