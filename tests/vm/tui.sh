#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# The live screen of iophase top on a terminal, which tmux(1) plays here: keys,
# sizes, terminals that can do less, and a terminal that is as before, however
# the run ends.
# Counting instructions: intervals are as long as asked for, pauses cost nothing.
# vm: kernel=6.1 cpus=1 icount=1
. "$(dirname "$0")/lib.sh"

have tmux || {
	skip "there is no tmux"
	exit
}

# Reads for a good while; the lab alone would end after 300 s.
cat > "$TMP/reader" <<READER
while :; do iophase-lab \$1 --delay 50 --count 5000 > /dev/null 2>&1; done
READER
bash "$TMP/reader" epoll &
reader=$!
top="iophase top -c iophase-lab -i 1"

# shellcheck disable=SC2033 # kill-server and the like are words of tmux
mux()
{
	tmux -L iophase -f /dev/null "$@"
}

# Runs a command on a terminal of a size. Its pid goes to $TMP/pid, its status
# to $TMP/status, the terminal's settings before and after to $TMP/stty.{1,2},
# all that is sent to the terminal to $TMP/raw.
on_terminal() # TERM ROWS COLUMNS COMMAND
{
	cat > "$TMP/session" <<SESSION
until [ -e $TMP/raw ]; do sleep 0.1; done
stty -g > $TMP/stty.1
echo before it
TERM='$1' bash -c 'echo \$\$ > $TMP/pid; exec $4'
echo \$? > $TMP/status.new
stty -g > $TMP/stty.2
mv $TMP/status.new $TMP/status
exec sleep 1000
SESSION
	mux kill-server 2> /dev/null
	wait_for '! pgrep -x "tmux: server"' > /dev/null
	rm -f "$TMP"/{pid,status,raw}
	mux new-session -d -x "$3" -y "$2" "trap : INT; . $TMP/session"
	mux set-option -g remain-on-exit on
	mux pipe-pane -o "cat > $TMP/raw"
}

screen()
{
	mux capture-pane -p
}

shows() # PATTERN DESCRIPTION
{
	local i

	for i in $(seq 30); do
		if screen | grep -qE -- "$1"; then
			ok "$2"
			return
		fi
		sleep 0.5 # to look takes longer than to wait
	done
	not_ok "$2: no '$1' in: $(screen)"
}

# The last line is there from the first frame on.
drawn()
{
	shows 'h help .* q quit' "$1: a screen"
}

key() # KEY...
{
	mux send-keys "$@"
}

# The status after the end, once it is there.
ended() # STATUS WHEN
{
	wait_for "[ -e $TMP/status ]" || mux kill-session
	is "$(cat "$TMP/status")" "$1" "$2: status $1"
}

restored() # WHEN
{
	is "$(cat "$TMP/stty.2")" "$(cat "$TMP/stty.1")" "$1: settings as before"
	is "$(mux display-message -p '#{alternate_on} #{cursor_flag}')" "0 1" \
		"$1: the screen from before, with a cursor"
	mux capture-pane -p -S - | grep -q '^before it' &&
		ok "$1: and with what was on it" || not_ok "$1: screen: $(screen)"
}

# --- keys ----------------------------------------------------------------------------

on_terminal screen 24 80 "$top"
drawn "80x24"
shows 'iophase top .* reads/s .* lost 0 +rejected 0' "the status line"
shows '^ +PID COMM +MODEL +RD/s +B/s +EAG/s +WAIT' "the headings"
shows "^ *[0-9]+ iophase-l~ multiplexed +[0-9]" "a row"
shows '^ *[wkdcr]+ +p99 ' "and its percentiles, below"
key s
shows 'h help +by B/s' "s sorts by the next column"
key '<'
shows 'h help +by RD/s' "< by the one before"
key r
shows 'h help +reverse RD/s' "r reverses"
key /
shows '^only commands with: _' "/ asks for a command"
key n o n
key e
shows '^only commands with: none_' "what is typed is shown"
key BSpace
shows '^only commands with: non_' "and can be taken back"
key Enter
shows '^No command like that' "none is like that"
key Escape
shows "^ *[0-9]+ iophase-l~" "Escape brings all back"
key %
shows '  p99  q quit' "% shows p99 alone"
key %
key p
shows 'PAUSED' "p pauses"
key Space
sleep 1
screen | grep -q PAUSED && not_ok "space goes on: $(screen)" || ok "space goes on"
key h
shows 'space p +pause, go on' "h helps"
key x
shows "^ *[0-9]+ iophase-l~" "any key leaves the help"
key Up Down Left Right PageUp PageDown Home End F1 Tab M-x é
drawn "keys that mean nothing"

# --- sizes ------------------------------------------------------------------------------

mux resize-window -x 40 -y 10
shows '^[0-9:]+ btf [0-9.k]+ rd/s lost 0 rej 0$' "40x10: a short status line"
shows '^ +PID COMM +RD/s +WAIT +DISP$' "40x10: the columns that fit"
key h
shows 'q +quit' "40x10: help"
key x
mux resize-window -x 200 -y 50
shows 'WAIT99.*REST99.*MOSTLY' "200x50: more columns"
is "$(screen | grep -n 'h help' | cut -d : -f 1)" 50 "200x50: to the last line"
for size in 20x2 1x1 3x1 80x3 500x100; do
	mux resize-window -x ${size%x*} -y ${size#*x}
	sleep 1.2
	[ -e "$TMP/status" ] && not_ok "$size: it ended" || ok "$size: it runs on"
done
mux resize-window -x 80 -y 24
drawn "80x24 again"
key q
ended 0 "q"
restored "q"
shows '^The whole run' "the summary comes after it"

# What follows is the terminal's.
top+=" $QUICK"
on_terminal screen 10 40 "$top"
shows '^ +PID COMM +RD/s +(<WAIT +>DISP|WAIT PHASES)$' "40x10 from the start"
key C-c
ended 0 "Ctrl-C"
restored "Ctrl-C"

# --- rows that open ------------------------------------------------------------------------

if have redis-server; then
	redis-server --port 6399 --bind 127.0.0.1 --save '' --dir "$TMP" > /dev/null &
	redis=$!
	wait_for "redis-cli -p 6399 ping > /dev/null 2>&1"
	for _ in 1 2; do
		redis-cli -p 6399 -r -1 -i 0.05 incr n > /dev/null &
		clients+=($!)
	done
	on_terminal screen 30 100 "iophase top -p $redis -i 1"
	shows "^ *$redis redis-ser~" "redis: its row"
	shows '^ *[wkdcr]{8,} +p99 ' "redis: its bar, with letters for colours"
	shows "^redis-server \\($redis\\) multiplexed: [0-9.k]+ reads in" "redis: its details"
	shows '^w wait +p50 ' "redis: its phases"
	key Enter
	shows "^  \\+ redis-server \\($redis\\)" "Enter: its thread"
	key Down Enter
	shows '^      fd [0-9]+ 127\.0\.0\.1:[0-9]+ ' "Enter: the thread's sockets"
	is "$(screen | grep -cE '^      fd [0-9]+ 127\.0\.0\.1:[0-9]+ ')" 2 "both of them"
	key Left
	sleep 0.5
	is "$(screen | grep -cE '^ +fd [0-9]')" 0 "Left: no sockets"
	key Left Left
	for view in threads sockets services; do
		key g
		shows "h help +$view by RD/s" "g: $view"
	done
	shows '^:6399 ' "by service: its port"
	mux send-keys -l $'\x1b[<0;3;3M'
	shows "^  \\+ redis-server \\($redis\\)" "a click on the selected row opens it"
	mux send-keys -l $'\x1b[<65;3;3M'
	shows "^redis-server \\($redis\\) multiplexed: " "the wheel goes on to the next"
	mux resize-window -x 40 -y 10
	shows '^:6399 ' "40x10: the rows"
	shows '^SERVICE +RD/s .*PHASES$' "40x10: and their bars"
	key d
	shows '^r rest ' "40x10: details, if asked for"
	key q
	ended 0 "redis"
	restored "redis"
	grep -q $'\x1b\\[?1006h' "$TMP/raw" && grep -q $'\x1b\\[?1006l' "$TMP/raw" &&
		ok "the mouse is on, and off again" || not_ok "the mouse"
	for term in xterm-256color $(infocmp xterm-direct > /dev/null 2>&1 && echo xterm-direct); do
		on_terminal $term 24 80 "iophase top -p $redis -i 1"
		shows '^ *[wkdcr]{8,} +p99 ' "TERM=$term: bars"
		key q
		ended 0 "TERM=$term"
		grep -qE $'\x1b\\[[0-9;:]*4[0-9]' "$TMP/raw" && ok "TERM=$term: in colour" ||
			not_ok "TERM=$term has no colours"
	done
	on_terminal xterm-256color 24 80 "env NO_COLOR=1 iophase top -p $redis -i 1"
	shows '^ *[wkdcr]{8,} +p99 ' "NO_COLOR: bars"
	key q
	ended 0 "NO_COLOR"
	grep -qE $'\x1b\\[[0-9;:]*4[0-7][;m]' "$TMP/raw" && not_ok "NO_COLOR has colours" ||
		ok "NO_COLOR has none"
	kill "${clients[@]}" $redis
	wait "${clients[@]}" $redis 2> /dev/null
else
	skip "there is no redis-server"
fi

# --- ends that are not asked for ----------------------------------------------------------

on_terminal screen 24 80 "$top"
drawn "SIGSEGV"
kill -SEGV "$(cat "$TMP/pid")"
ended 139 "SIGSEGV"
restored "SIGSEGV"

# The program's end ends the run; what the program says is not on the screen.
on_terminal screen 24 80 \
	"iophase top $QUICK -- sh -c \"echo LOUD; iophase-lab poll --delay 20 --count 100\""
drawn "a program"
shows 'iophase-l~ multiplexed +[0-9]' "the program's reads"
screen | grep -q LOUD && not_ok "output of the program: $(screen)" ||
	ok "but not its output"
ended 0 "a program"
restored "a program"

# --- heat ---------------------------------------------------------------------------------

# Not QUICK: tracepoints alone do not know what the reader has armed before.
on_terminal screen 24 80 "iophase heat -c iophase-lab -i 1"
shows '^q quit +arrows whose\? +h help' "heat: a screen"
shows '^wait of [0-9.k]+ reads, p50 ' "heat: reads"
# 50 ms and some: between 31.6 and 100, the row above that of 10
shows '^ {7}.*=' "heat: in the row of their time"
shows '^[0-9.]+ s ago: 0 reads' "heat: the cursor begins where there are none"
for _ in $(seq 12); do
	key Up
done
shows '^0\.0 s ago: [1-9][0-9]* reads, [0-9]+ of them by iophase-lab \([0-9]+\)$' \
	"heat: whose most of a cell is"
key Left
shows '^[1-9][0-9]*\.0 s ago' "heat: and in the second before"
key h
shows '^Home End +to the oldest interval' "heat: h helps"
key x
shows '^ +10\.0s' "heat: any key leaves the help"
mux resize-window -x 40 -y 10
shows '^ 10\.0s' "heat: 40x10"
for size in 20x2 1x1 3x1 80x3 500x100; do
	mux resize-window -x ${size%x*} -y ${size#*x}
	sleep 1.2
	[ -e "$TMP/status" ] && not_ok "heat: $size: it ended" || ok "heat: $size: it runs on"
done
mux resize-window -x 80 -y 24
key q
ended 0 "heat: q"
restored "heat: q"
shows 'reads a cell; 1-8 where p50 is' "heat: the whole run comes after it"
# What follows is the terminal's again: tracepoints know what this one waits for.
kill $reader
pkill iophase-lab
bash "$TMP/reader" blocking &
reader=$!
heat="iophase heat $QUICK -c iophase-lab -i 1"
for term in xterm-256color $(infocmp xterm-direct > /dev/null 2>&1 && echo xterm-direct); do
	on_terminal $term 24 80 "$heat"
	shows '^<?wait of .* reads' "heat: TERM=$term"
	key q
	ended 0 "heat: TERM=$term"
	grep -qE $'\x1b\\[[0-9;:]*4[0-9]' "$TMP/raw" && ok "heat: TERM=$term: in colour" ||
		not_ok "heat: TERM=$term has no colours"
done
# Of 8 colours each has two levels, by number.
for term in linux xterm; do
	on_terminal $term 24 80 "$heat"
	shows '^<?wait of [0-9.k]+ reads, p50 ' "heat: TERM=$term"
	sleep 2
	key q
	ended 0 "heat: TERM=$term"
	grep -qE $'\x1b\\[([0-9]+;)*4[1-5][;m]' "$TMP/raw" &&
		! grep -q $'\x1b\\[[0-9;]*48;' "$TMP/raw" &&
		ok "heat: TERM=$term: of its 8 colours" ||
		not_ok "heat: TERM=$term has others, or none"
done
on_terminal dumb 24 80 "$heat -d 3"
ended 0 "heat: TERM=dumb"
shows 'reads a cell; 1-8 where p50 is' "heat: TERM=dumb: the whole run, at its end"
is "$(grep -c $'\x1b' "$TMP/raw")" 0 "heat: TERM=dumb: and nothing but text"
on_terminal xterm-256color 24 80 "env NO_COLOR=1 $heat"
shows '^<?wait of .* reads' "heat: NO_COLOR"
key q
ended 0 "heat: NO_COLOR"
grep -qE $'\x1b\\[[0-9;:]*4[0-7][;m]' "$TMP/raw" && not_ok "heat: NO_COLOR has colours" ||
	ok "heat: NO_COLOR has none"

# --- loops ---------------------------------------------------------------------------------

hold server
on_terminal screen 24 80 "iophase loops -p $held -i 1"
shows '^h help +Enter channels +q quit' "loops: a screen"
shows '^iophase loops .* 3 loops +lost 0' "loops: the status line"
shows '^ +TID ROLE +CHAN TURN/s' "loops: the headings"
shows '^loops \([0-9]+\): server, 2 groups: 1 acceptor -> 2 workers, 6 channels' \
	"loops: the process"
shows '^ +[0-9-]+ acceptor +0 ' "loops: the acceptor"
key Down Down Down Enter
shows '^ +AGE +FD PROTO PEER' "loops: Enter opens a loop"
is "$(screen | grep -c ' tcp *127\.0\.0\.1:')" 3 "loops: it has three channels"
key Down Down
sleep 2
key Left
sleep 1.2
is "$(screen | grep -c ' tcp *127\.0\.0\.1:')" 0 "loops: Left closes it, from a channel"
key Right
shows ' tcp *127\.0\.0\.1:' "loops: Right opens it"
key Enter p
shows 'PAUSED' "loops: p pauses"
key Space
key h
shows 'Enter +channels of a loop' "loops: h helps"
key x Up Down PageUp PageDown Home End F1 Tab
shows '^ +[0-9-]+ worker +3 ' "loops: any key leaves the help"
for size in 40x10 20x2 1x1 3x1 80x3 500x100; do
	mux resize-window -x ${size%x*} -y ${size#*x}
	sleep 1.2
	[ -e "$TMP/status" ] && not_ok "loops: $size: it ended" || ok "loops: $size: it runs on"
done
mux resize-window -x 130 -y 24
shows 'LMAX ACC99 +IO OTHER TIMEO MOVED COMM' "loops: 130 columns have more"
mux resize-window -x 80 -y 24
key q
ended 0 "loops: q"
restored "loops: q"
shows '^reads: [0-9]+ seen' "loops: the counters come after it"
kill $held

# A terminal that goes away ends the run, too.
on_terminal screen 24 80 "$top"
drawn "the terminal goes"
mux kill-server
wait_for "[ ! -d /proc/$(cat "$TMP/pid") ]" && ok "the terminal goes, and so do we" ||
	not_ok "it runs on without its terminal"

# --- no live screen where there can be none ---------------------------------------------------

for term in dumb no-such-terminal; do
	on_terminal "$term" 24 80 "$top -n 1"
	ended 0 "TERM='$term'"
	shows '^ +PID COMM +MODEL' "TERM='$term': a table"
	is "$(grep -c $'\x1b' "$TMP/raw")" 0 "TERM='$term': and nothing but text"
done
mux kill-server
kill $reader
pkill iophase-lab
