#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# What is printed, where it goes, and that it stays whole beside what a PROGRAM prints.
# vm: kernel=6.1 cpus=1 icount=1
# vm: kernel=6.1 cpus=2 full=1
# shellcheck disable=SC2086 # QUICK is words
. "$(dirname "$0")/lib.sh"

out=$TMP/out err=$TMP/err

# --- -o -----------------------------------------------------------------------------

for command in trace top hist; do
	iophase $command $QUICK -o "$TMP/file" -- sh -c "$LAB blocking --count 3; echo hello" \
		> "$out" 2> "$err"
	is "$(cat "$out")" hello "$command -o: the program has its standard output"
	is "$(cat "$err")" "" "and iophase has none of the other"
	grep -q '^iophase: tracing by [a-z]* on ' "$TMP/file" && grep -q blocking "$TMP/file" &&
		grep -q '^reads: [1-9]' "$TMP/file" && ok "the file has the rest" ||
		not_ok "the file: $(cat "$TMP/file")"
done
seq 1000 > "$TMP/file"
iophase trace --json -o "$TMP/file" -- "$LAB" blocking --count 3 > "$out" 2> "$err"
is "$(types < "$TMP/file")" "start read read read counters" \
	"what was in the file before is gone"

# --- the beginning ----------------------------------------------------------------------

iophase trace --json --min wait=1us --port 80 -p $$ -d 1 > "$out" 2> "$err"
is "$(head -n 1 "$out" | sed 's/"ts_ns":[0-9]*,//')" \
	'{"v":1,"type":"start","backend":"btf","kernel":"'"$(uname -r)"'",'\
'"filters":["--min=wait=1us","--port=80","--pid='$$'"],"sample":1,"program":null}' \
	"JSON begins with how it is traced"
for command in trace top hist "record $TMP/rec"; do
	iophase $command $QUICK -d 20 -c nobody > "$out" 2> "$err" &
	pid=$!
	wait_for "[ -s $err ]"
	is "$(head -n 1 "$err" | sed 's/ by [a-z]* on / on /')" \
		"iophase: tracing on $(uname -r): --comm=nobody" \
		"${command%% *} says when tracing has begun"
	kill -INT $pid
	wait $pid
done

# --- whole lines -------------------------------------------------------------------------

# As many lines of the program as of iophase, in one pipe.
cat > "$TMP/loud" <<LOUD
iophase-lab blocking --delay 0 --count 3000 > /dev/null &
lab=\$!
while kill -0 \$lab 2> /dev/null; do echo "a line of the program's own"; done
LOUD
for target in pipe file; do
	if [ $target = pipe ]; then
		iophase trace --json -- bash "$TMP/loud" 2> "$err" | cat > "$out"
	else
		iophase trace --json -- bash "$TMP/loud" >> "$out" 2> "$err"
	fi
	broken=$(grep -v "^a line of the program's own\$" "$out" |
		jq -c . 2>&1 > /dev/null | head -n 1)
	is "$broken" "" "to a $target, all lines are whole"
	[ "$(grep -c "^a line" "$out")" -gt 100 ] &&
		[ "$(grep -c '"read"' "$out")" -ge 3000 ] &&
		ok "and there are many of both" || not_ok "$(wc -l < "$out") lines"
	: > "$out"
done

# --- intervals -----------------------------------------------------------------------------

# It reads already: a program that is started here is read from outside first, and
# time leaps meanwhile.
"$LAB" blocking --delay 5 --count 100000 &
for _ in 1 2 3; do
	iophase top $QUICK --json -d 2 -i 2 -c iophase-lab > "$out" 2> "$err"
	is "$(values "top by ts_ns" 'count(1) > 0' < "$out")" 1 \
		"-d 2 -i 2: one interval"
done
pkill -x iophase-lab

# --- names that are no text ----------------------------------------------------------------

cat > "$TMP/names.py" <<'PY'
import ctypes, json, socket, sys, threading
names = [b"plain", b'q"}\\,{', b"tab\tnl\nesc\x1b[2J", b"ov\xe0\x80\x80", b"su\xed\xa0\x80",
         b"hi\xf4\x90\x80\x80", b"c1\xc2\x9b2J", b"raw\x9b2J", b"\xff\xfe",
         "zwölf-straße-ä".encode()[:15], "日本語の名前".encode()[:15], b" "]
def reader(n):
    ctypes.CDLL(None).prctl(15, n, 0, 0, 0)
    a, b = socket.socketpair()
    b.send(b"x" * 64)
    a.recv(64)
if sys.argv[1:] == ["check"]:
    lines = sys.stdin.buffer.read().splitlines()
    objects = [json.loads(l.decode("utf-8")) for l in lines]
    assert not any(c < 0x20 or c == 0x7f for l in lines for c in l)
    assert not any("\x80" <= c <= "\x9f" for l in lines for c in l.decode("utf-8"))
    reads = [o for o in objects if o["type"] == "read"]
    print(len(reads), len({o["comm"] for o in reads}))
else:
    for n in names:
        t = threading.Thread(target=reader, args=(n,))
        t.start()
        t.join()
PY
iophase trace --json -- python3 "$TMP/names.py" > "$out" 2> "$err"
is "$(python3 "$TMP/names.py" check < "$out")" "12 12" "twelve names in strict JSON"
iophase trace $QUICK -- python3 "$TMP/names.py" > "$out" 2> "$err"
is "$(LC_ALL=C grep -c '[^ -~]' "$out")" 0 "text is printable ASCII"
is "$(grep -bo ' blocking ' "$out" | wc -l)" 12 "a line a name"
is "$(awk '/ blocking / { print index($0, " blocking ") }' "$out" | sort -u | wc -l)" 1 \
	"columns are where they are"
iophase top $QUICK --by thread -- python3 "$TMP/names.py" > "$out" 2> "$err"
is "$(LC_ALL=C grep -c '[^ -~]' "$out")" 0 "of top, too"
