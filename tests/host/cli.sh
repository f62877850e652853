#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# What the command lines say when they are wrong, and what a recording says
# that is not whole: one line on standard error, nothing on standard output,
# status 2 (usage) or 1 (all else). Nothing here may get as far as tracing: so
# that an option that is taken by mistake does not trace this machine, all of it
# runs as nobody, without capabilities and without a way to gain any.
set -u
cd "$(dirname "$0")/../.." || exit
. tests/tap.sh

tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
chmod 755 "$tmp"
mkdir -m 777 "$tmp/dir"
cp build/iophase "$tmp/iophase" # where one without rights gets at it

without_rights=(setpriv --no-new-privs --inh-caps=-all)
if [ "$(id -u)" = 0 ]; then
	without_rights+=(--reuid 65534 --regid 65534 --clear-groups --bounding-set=-all)
fi
iophase=("${without_rights[@]}" "$tmp/iophase")
lab=("${without_rights[@]}" "$tmp/iophase-lab")
cp build/iophase-lab "$tmp"
cp -r tests/replay "$tmp"

# Runs a command; its status is in $status, what it said in $tmp/{out,err}.
try() # COMMAND...
{
	status=0
	timeout 20 "$@" > "$tmp/out" 2> "$tmp/err" < /dev/null || status=$?
}

# True if it failed as it should, with one line that matches, and no output.
refused() # STATUS PATTERN
{
	[ $status = "$1" ] && [ ! -s "$tmp/out" ] &&
		[ "$(wc -l < "$tmp/err")" = 1 ] &&
		grep -qE -- "^iophase(-lab)?: .*$2" "$tmp/err"
}

said()
{
	echo "status $status, said: $(head -c 400 "$tmp/out" "$tmp/err")"
}

# wrong STATUS PATTERN COMMAND...: the words of iophase or, after "lab", of the lab.
wrong() # STATUS PATTERN WORDS...
{
	local want=$1 pattern=$2 name="iophase ${*:3}"

	shift 2
	if [ "${1:-}" = lab ]; then
		name="iophase-lab ${*:2}"
		try "${lab[@]}" "${@:2}"
	else
		try "${iophase[@]}" "$@"
	fi
	refused "$want" "$pattern" && ok "$name" || not_ok "$name: $(said)"
}

# --- without rights -----------------------------------------------------------------

rights=$("${without_rights[@]}" sed -n 's/^\(Cap\(Prm\|Eff\|Inh\|Amb\)\|NoNewPrivs\):\t//p' \
	/proc/self/status | tr -d '\n')
[[ $rights =~ ^0+1$ ]] && ok "nothing here has capabilities, or gets any" ||
	not_ok "capabilities and NoNewPrivs: $rights"
[ "$("${without_rights[@]}" id -u)" != 0 ] && ok "or is root" || not_ok "root"

# --- usage ---------------------------------------------------------------------

wrong 2 "no command 'nosuch'" nosuch
wrong 2 "no command ''" ''
wrong 2 "trace has no option '-x'" -x
wrong 2 "trace has no option '-x'" trace -xj
wrong 2 "trace has no option '-x'" trace --json -jx
wrong 2 "trace has no option '--nosuch=3'" trace --nosuch=3
wrong 2 "replay has no option '-p'" replay -p 1 FILE
wrong 2 "doctor has no option '--sort'" doctor --sort PID
wrong 2 "top has no option '--buffer'" top --buffer 4
wrong 2 "--json takes no value" trace --json=1
wrong 2 "--help takes no value" trace --help=1
wrong 2 "trace does not know what to do with 'ls'; a program goes after --" trace ls
wrong 2 "doctor does not know what to do with 'x'" doctor x
wrong 2 "replay needs a FILE" replay
wrong 2 "replay needs a FILE" replay ''
wrong 2 "record needs a FILE" record -- ls
wrong 2 "what to do with 'b'" replay a b
wrong 2 "replay runs no program" replay FILE -- ls
wrong 2 "no program after --" trace --
wrong 2 "one process" split -p 1 -p 2
wrong 2 "no figure 'nosuch': one of all, blocking, .*, async" figure nosuch
wrong 2 "no figure ''" figure ''
wrong 2 "figure does not know what to do with 'signal'" figure async signal
wrong 2 "--from has all the reads of a recording: no --pid=1" figure --from FILE -p 1
wrong 2 "--from has all the reads of a recording: no --comm=x" figure -c x --from FILE
wrong 2 "--from has all the reads of a recording: no -d" figure --from FILE -d 1
wrong 2 "--from has all the reads of a recording: no PROGRAM" figure --from FILE -- ls
wrong 2 "--from needs the name of a recording" figure --from ''
wrong 2 "--svg needs the name of a file" figure --svg ''
wrong 2 "no phase 'nosuch': one of wait, wake, dispatch, copy, rest" heat nosuch
wrong 2 "heat does not know what to do with 'wake'" heat wait wake
for words in "-n 3" "--sample 2" "--min wait=1ms"; do
	# shellcheck disable=SC2086 # words
	wrong 2 "--from has all the reads of a recording: no -" heat --from FILE $words
done
wrong 1 "rights: .* missing; run as root" heat wait
wrong 1 "rights: .* missing; run as root" figure
wrong 1 "cannot open $tmp/none: No such file" figure --from "$tmp/none"
wrong 1 "/dev/zero is no recording" figure --from /dev/zero

for option in -p --pid -t --tid -c --comm --cgroup --port --model --proto --min \
	-d --duration -n --iterations --buffer --backend -o --output; do
	wrong 2 "$option needs a value" trace $option
done
for option in -i --interval --sample --by --sort --max-rows; do
	wrong 2 "$option needs a value" top $option
done
wrong 2 "-p needs a value" trace -jp

for value in '' 0 -1 1x 1e3 0x10 ' 1' 2147483648 99999999999999999999; do
	wrong 2 "positive number, not '$value'" trace -p "$value"
	wrong 2 "positive number, not '$value'" trace -t "$value"
done
for value in '' 0 -1 65536 http; do
	wrong 2 "--port is 1 to 65535, not '$value'" trace --port "$value"
done
for value in '' Blocking 'blocking,' telepathy; do
	wrong 2 "no model '$value': one of blocking, .*, async" trace --model "$value"
done
for value in '' TCP sctp 6; do
	wrong 2 "no protocol '$value': one of tcp, .*" trace --proto "$value"
done
for value in '' wait =1ms nap=1ms wait= wait=-1 wait=1h wait=soon Wait=1ms \
	wait=1e300s dispatch=1ms,wait=1ms wait=300 wait=0 wait=0x1p4 wait=0x1p4ns \
	wait=1e3us wait=1.us wait=.5us; do
	wrong 2 "not '$value'; phases: wait, wake, dispatch, copy, rest" \
		trace --min "$value"
done
for value in '' 0 -1 soon 1us 1m 1h 1e30 0.001 nan 1..5 0x10 0x1p4s; do
	wrong 2 "-d takes seconds, .*, not '${value//./\\.}'" trace -d "$value"
	wrong 2 "-i takes seconds, .*, not '${value//./\\.}'" top -i "$value"
done
for value in '' 0 -1 1.5 many; do
	wrong 2 "-n is a positive number, not '$value'" trace -n "$value"
done
for value in '' 0 3 5 -4 2097152 4k; do
	wrong 2 "--buffer is a power of two .*, not '$value'" trace --buffer "$value"
done
for value in '' 0 -1 1.5 1/10 1000001; do
	wrong 2 "--sample is 1 to 1000000, not '$value'" hist --sample "$value"
done
wrong 2 "record has no option '--sample'" record --sample 2 FILE
wrong 2 "--max-rows is 1 to 1048576" top --max-rows 1048577
wrong 2 "no grouping 'cpu': one of process, thread, socket, service" top --by cpu
wrong 2 "no column 'nope': one of PID, COMM, " top --sort nope
wrong 2 "no column 'PEER': " top --sort PEER
wrong 2 "-c COMM is a name or a pattern, not ''" trace -c ''
wrong 2 "no name is as long as" trace -c '*sixteencharacter'
try "${iophase[@]}" trace -c sixteencharacter
[ $status = 1 ] && grep -q "is cut to 'sixteencharacte'" "$tmp/err" &&
	ok "a name is cut, which is said" || not_ok "-c sixteencharacter: $(said)"
wrong 2 "-f follows children, but whose" trace -f
wrong 2 "-f follows children, but whose" trace -f --port 80
wrong 2 "-o needs the name of a file" trace -o ''
wrong 2 "record has no option '-o'" record -o x FILE
names=()
for _ in $(seq 17); do
	names+=(-c x)
done
try "${iophase[@]}" trace "${names[@]}"
refused 2 "at most 16 of -c" && ok "17 of -c" || not_ok "17 of -c: $(said)"
ids=()
for _ in $(seq 65); do
	ids+=(-p 1)
done
try "${iophase[@]}" trace "${ids[@]}"
refused 2 "at most 64" && ok "65 of -p" || not_ok "65 of -p: $(said)"

# --- what is right but cannot be --------------------------------------------------

for words in trace top "record $tmp/dir/new"; do
	# shellcheck disable=SC2086 # words
	wrong 1 "rights: .* missing; run as root" $words
done
wrong 1 "rights" trace -d 0.5
wrong 1 "rights" trace -d 1.5s
wrong 1 "rights" -p 1 -- ls
wrong 1 "rights" trace -p 1 -p 2 -f -c sh -c 'nio*' -t 3
wrong 1 "no backend 'magic': there is btf" trace --backend magic
wrong 1 "cannot write /no/such: No such file" trace -o /no/such
wrong 1 "cannot write /: Is a directory" trace -o /
wrong 1 "cannot write /no/such: No such file" record /no/such
wrong 1 "cannot write /: Is a directory" record /
echo precious > "$tmp/old"
chmod 666 "$tmp/old"
wrong 1 "rights" record "$tmp/old"
[ "$(cat "$tmp/old")" = precious ] && ok "a record that fails leaves FILE alone" ||
	not_ok "FILE is now: $(cat "$tmp/old")"
wrong 1 "rights" trace -o "$tmp/old"
[ "$(cat "$tmp/old")" = precious ] && ok "so does -o" ||
	not_ok "FILE is now: $(cat "$tmp/old")"

# --- -o -----------------------------------------------------------------------------

# What a command prints goes to the file instead, its errors do not.
for words in "replay $tmp/replay/epoll.rec" "replay --json $tmp/replay/epoll.rec" \
	doctor "doctor --json"; do
	# shellcheck disable=SC2086 # words
	try "${iophase[@]}" $words
	cat "$tmp/out" > "$tmp/printed"
	[[ $words = *--json* || $words = doctor ]] || cat "$tmp/err" >> "$tmp/printed"
	# shellcheck disable=SC2086 # words
	try "${iophase[@]}" $words -o "$tmp/old"
	[ ! -s "$tmp/out" ] && cmp -s "$tmp/printed" "$tmp/old" &&
		ok "$words -o FILE" || not_ok "$words -o FILE: $(said; head -c 300 "$tmp/old")"
done

# --- help, version, man page --------------------------------------------------------

commands=$("${iophase[@]}" --help | sed -n '/^Commands/,/^$/s/^  \([a-z]*\) .*/\1/p')
[ "$(wc -w <<< "$commands")" -ge 6 ] && ok "--help lists the commands" ||
	not_ok "commands: $commands"
for command in '' $commands; do
	for option in --help -h; do
		# shellcheck disable=SC2086 # none or a word
		try "${iophase[@]}" $command $option
		[ $status = 0 ] && [ ! -s "$tmp/err" ] &&
			grep -q "^Usage: iophase ${command:-\[COMMAND\]}" "$tmp/out" &&
			[ -z "$(awk 'length > 80' "$tmp/out")" ] &&
			ok "iophase $command $option" ||
			not_ok "iophase $command $option: $(said)"
	done
	for option in --version -V; do
		# shellcheck disable=SC2086 # none or a word
		try "${iophase[@]}" $command $option
		[ $status = 0 ] && [ ! -s "$tmp/err" ] &&
			grep -qE '^iophase [0-9]+\.[0-9]+\.[0-9]+$' "$tmp/out" &&
			ok "iophase $command $option" ||
			not_ok "iophase $command $option: $(said)"
	done
	[ -z "$command" ] || "${iophase[@]}" --man | grep -q "^\.SS $command$" &&
		ok "the man page has ${command:-a name}" ||
		not_ok "the man page lacks $command"
done
# Keys of the live screens: in the man page as in --help.
for command in top heat loops; do
	keys=$("${iophase[@]}" $command --help | sed -n '/^Keys/,/^$/s/^  \(.\{26\}\) .*/\1/p')
	in_man=$("${iophase[@]}" --man | sed -n "/^\.SS $command\$/,/^\.S[SH] [^$command]/p" |
		sed -n '/^Keys/,/^\.S/s/^\\fB\(.*\)\\fR$/\1/p')
	is "$(sed 's/ *$//' <<< "$in_man")" "$(sed 's/ *$//' <<< "$keys")" \
		"$command: $(wc -l <<< "$keys") keys in --help and the man page"
	grep -q '^q ' <<< "$keys" && ok "$command: how to quit" || not_ok "$command: $keys"
done
try "${iophase[@]}"
[ $status = 2 ] && grep -q '^Usage: ' "$tmp/err" && [ ! -s "$tmp/out" ] &&
	ok "no words at all: help, status 2" || not_ok "no words: $(said)"

# Standard output that takes nothing.
for words in --help "replay $tmp/replay/epoll.rec" \
	"replay --json $tmp/replay/epoll.rec"; do
	# shellcheck disable=SC2086 # words
	"${iophase[@]}" $words > /dev/full 2> "$tmp/err"
	status=$?
	[ $status = 1 ] && grep -q '^iophase: cannot write: No space left' "$tmp/err" &&
		ok "$words, on a full disk" ||
		not_ok "$words, on a full disk: $status, $(cat "$tmp/err")"
done

# --- recordings that are not whole ----------------------------------------------------

rec=$tmp/rec

# replayed PATTERN DESCRIPTION: $rec is refused with a line like this.
replayed() # PATTERN DESCRIPTION
{
	wrong_replay "$1" && ok "$2" || not_ok "$2: $(said)"
}

wrong_replay() # PATTERN
{
	try "${iophase[@]}" replay "$rec"
	refused 1 "$1" || return
	try "${iophase[@]}" replay --json "$rec"
	refused 1 "$1"
}

wrong 1 "cannot open $tmp/none: No such file or directory" replay "$tmp/none"
wrong 1 "cannot read /: Is a directory" replay /
wrong 1 "/dev/zero is no recording" replay /dev/zero
wrong 1 "is no recording" replay "$tmp/iophase"
cp tests/replay/epoll.rec "$rec"
chmod 000 "$rec"
wrong 1 "cannot open $rec: Permission denied" replay "$rec"
chmod 644 "$rec"

: > "$rec"
replayed "is no recording: it does not start with" "an empty recording"
echo 'iophase-recording 2' > "$rec"
replayed "is a recording of another version" "a recording of another version"
tail -n +2 tests/replay/epoll.rec > "$rec"
replayed "is no recording" "a recording without its first line"
cat tests/replay/epoll.rec tests/replay/poll.rec > "$rec"
replayed ":[0-9]+: more after the end line" "two recordings in a file"

# Cut after every line, and after every byte.
cuts=0 lines=0 bytes=0 bad=
size=$(wc -c < tests/replay/waitall.rec)
nr=$(wc -l < tests/replay/waitall.rec)
for ((lines = 1; lines < nr; lines++)); do
	head -n $lines tests/replay/waitall.rec > "$rec"
	wrong_replay "$rec:$lines: no end line: the recording is cut short" ||
		bad+=" line $lines: $(said)"
done
[ -z "$bad" ] && ok "cut after each of $nr lines" || not_ok "cut:$bad"
bad=
for ((bytes = 1; bytes < size; bytes += 7)); do
	head -c $bytes tests/replay/waitall.rec > "$rec"
	wrong_replay "(is no recording|cut short)" || bad+=" byte $bytes: $(said)"
	cuts=$((cuts + 1))
done
head -c $((size - 1)) tests/replay/waitall.rec > "$rec"
wrong_replay "cut short" || bad+=" the last newline: $(said)"
[ -z "$bad" ] && ok "cut within a line, at $cuts places" || not_ok "cut:$bad"

# A line missing, a line twice: the end line counts.
first=$(grep -n -m 1 '^read-enter' tests/replay/waitall.rec | cut -d : -f 1)
sed "${first}d" tests/replay/waitall.rec > "$rec"
replayed "inputs, but the end line says [0-9]+: the recording is damaged" \
	"a line is missing"
sed "${first}p" tests/replay/waitall.rec > "$rec"
replayed "the recording is damaged" "a line is there twice"

# Each field of an input garbled in turn.
garbled=('read-eater' '12x' '4294967296' '-7' '--9' '1.5' '0x10' '8')
for field in 1 2 3 4 5 6 7 8; do
	awk -v n="$first" -v f=$field -v to="${garbled[field - 1]}" \
		'NR == n { $f = to } { print }' tests/replay/waitall.rec > "$rec"
	replayed "$rec:$first: not an input" "field $field is '${garbled[field - 1]}'"
done
for field in 2 5; do
	awk -v n="$first" -v f=$field \
		'NR == n { $f = "99999999999999999999" } { print }' \
		tests/replay/waitall.rec > "$rec"
	replayed "$rec:$first: not an input" "field $field is beyond 64 bits"
done
sed "${first}s/ /  /" tests/replay/waitall.rec > "$rec"
replayed "$rec:$first: not an input" "a field is empty"
sed "${first}s/\$/ 0/" tests/replay/waitall.rec > "$rec"
replayed "$rec:$first: not an input" "a field too many"
sed "${first}s/ [0-9]*\$//" tests/replay/waitall.rec > "$rec"
replayed "$rec:$first: not an input" "a field too few"
sed "${first}s/ /\x00/" tests/replay/waitall.rec > "$rec"
replayed "$rec:$first: not an input" "a NUL in a line"
for end in "end" "end 1" "end x 0" "end 1 0 0" "end -1 0" "END 1 0"; do
	sed "s/^end .*/$end/" tests/replay/waitall.rec > "$rec"
	replayed "$rec:$nr: not an (end line|input)" "the end line is '$end'"
done

# What the kernel's hooks could not is a word, a phase, and nothing after it.
for limit in "unknown blocking" "unknown polled wait" "unknown wait" "unknown blocking waits" \
	"at-most " "at-most wait wake" "at-least blocking wait" "at-most wait "; do
	sed "1a $limit" tests/replay/waitall.rec > "$rec"
	replayed "$rec:2: not a limit" "the limit '$limit'"
done
sed "1a unknown blocking wake" tests/replay/waitall.rec > "$rec"
try "${iophase[@]}" replay --json "$rec"
grep -q '"wake_ns":null' "$tmp/out" && ok "a phase that its kernel could not tell is null" ||
	not_ok "a limit: $(said)"

# Comments and empty lines are welcome, lost inputs are told.
{
	sed "2i # a comment\n" tests/replay/waitall.rec | sed 's/^end \([0-9]*\) .*/end \1 3/'
} > "$rec"
try "${iophase[@]}" replay "$rec"
[ $status = 0 ] && grep -q '3 inputs did not fit' "$tmp/err" &&
	ok "inputs that the recorder lost are told" || not_ok "lost: $(said)"

# A recording in whatever order takes a time that grows with its length alone.
awk 'BEGIN {
	print "iophase-recording 1"
	for (i = 200000; i; i--)
		print "ready", i * 1000, 0, i % 50 + 1, 0, 0, 1, 1
	print "end 200000 0"
}' > "$rec"
try "${iophase[@]}" replay "$rec"
[ $status = 0 ] && ok "200,000 inputs, the last first" || not_ok "in reverse: $(said)"
# ... and is put right: the reads of one that is upside down are the same.
{
	grep -m 1 iophase-recording "$tmp/replay/epoll.rec"
	grep -v '^iophase-recording\|^end\|^#' "$tmp/replay/epoll.rec" | tac
	grep '^end' "$tmp/replay/epoll.rec"
} > "$rec"
try "${iophase[@]}" replay --json "$rec"
cmp -s "$tmp/out" tests/replay/epoll.json && ok "a recording upside down is the same" ||
	not_ok "upside down: $(said)"
# What a recording does not hold is null, not 0 or "".
try "${iophase[@]}" replay --json "$tmp/replay/epoll.rec"
grep -q '"pid":null,.*"comm":null,.*"proto":null,"local":null,"peer":null' "$tmp/out" &&
	! grep -q '"pid":0' "$tmp/out" && ok "what is not recorded is null" ||
	not_ok "not recorded: $(said)"

# --- the lab ------------------------------------------------------------------------------

wrong 2 "which model" lab
wrong 2 "no model ''" lab ''
wrong 2 "no model 'nosuch'" lab nosuch
wrong 2 "no option '--nosuch'" lab blocking --nosuch
wrong 2 "what is 'extra'" lab blocking extra
for option in --delay --size --count --proto --interval --late --partial; do
	wrong 2 "$option needs a value" lab blocking $option
done
for option in --delay --size --count --interval --late --partial --megabytes; do
	for value in '' x -1 1.5 99999999999999999999; do
		wrong 2 "$option is [0-9]+ to [0-9]+, not '$value'" \
			lab blocking $option "$value"
	done
done
wrong 2 "--size is 1 to 16777216, not '0'" lab blocking --size 0
wrong 2 "--count is 1 to 1000000, not '0'" lab blocking --count 0
wrong 2 "no protocol 'ipx'" lab blocking --proto ipx
wrong 2 "--eof needs a stream" lab blocking --proto udp --eof
wrong 2 "a file needs a stream, udp is none" lab copy --proto udp
wrong 1 "SO_ZEROCOPY" lab zerocopy --proto unix
for option in --figure --fig; do
	wrong 1 "rights: .* missing" lab all --count 1 $option
done
try "${lab[@]}" all --count 1 --quiet
[ "$status" = 0 ] && [ ! -s "$tmp/out" ] && ok "every model, quietly" ||
	not_ok "iophase-lab all --quiet: $(said)"
for way in copy mmap sendfile splice zerocopy; do
	try "${lab[@]}" $way --megabytes 1 --json
	[ "$status" = 0 ] && grep -q '"bytes":1000000,.*"reader_bytes":1000000,' "$tmp/out" &&
		ok "iophase-lab $way: a file" || not_ok "iophase-lab $way: $(said)"
done
for option in --help --version; do
	try "${lab[@]}" $option
	[ $status = 0 ] && [ -s "$tmp/out" ] && [ ! -s "$tmp/err" ] &&
		ok "iophase-lab $option" || not_ok "iophase-lab $option: $(said)"
done
