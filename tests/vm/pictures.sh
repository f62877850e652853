#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# Figures and heat maps of live runs: every read is in them, calls have the names
# that strace gives them, and the times are those that the lab made.
# vm: kernel=6.1 cpus=1 icount=1
# vm: kernel=6.12 cpus=1 icount=1 full=1
# vm: kernel=6.1 cpus=1 icount=1 backend=kprobe full=1
# shellcheck disable=SC2086 # QUICK is words
. "$(dirname "$0")/lib.sh"

out=$TMP/out err=$TMP/err

# The figure of a lab's model, its name, a call that is made; 10 ms are in the slot
# whose middle is 9.96.
one() # LAB-MODEL MODEL FIGURE CALL...
{
	local call

	iophase figure "$2" --ascii -- "$LAB" "$1" --delay 10 --count 20 > "$out" 2> "$err"
	is "$?: $(head -n 2 "$out" | tr '\n' ' ')" \
		"0: Figure $3 20 reads by iophase-lab, 1.28kB " \
		"$1: all of its reads, and no others"
	for call in "${@:4}"; do
		grep -qE -- "[/|] $call -+ (system call|submission) -+> " "$out" &&
			ok "$1: $call" || not_ok "$1: no $call: $(cat "$out")"
	done
	grep -A 1 'wait for data$' "$out" | grep -qE 'p50 9\.96m$' && ok "$1: the wait" ||
		not_ok "$1: the wait: $(cat "$out")"
	is "$(LC_ALL=C awk 'length > 80' "$out")" "" "$1: within 80 columns"
}

one blocking blocking "6.1: blocking I/O" recvfrom
one nonblocking nonblocking "6.2: nonblocking I/O" recvfrom
one select multiplexed "6.3: I/O multiplexing" pselect6 recvfrom
one poll multiplexed "6.3: I/O multiplexing" poll recvfrom
one epoll multiplexed "6.3: I/O multiplexing" epoll_wait recvfrom
one sigio signal "6.4: signal-driven I/O" recvfrom
one io_uring async "6.5: asynchronous I/O" io_uring
one posix-aio blocking "6.1: blocking I/O" read

# In one command for a class; what it draws is what it has seen.
iophase-lab all --figure --delay 5 --count 10 > "$out" 2> "$err"
is "$?" 0 "iophase-lab all --figure"
is "$(grep -oE '^Figure 6\.[1-6]' "$out" | tr '\n' ' ')" \
	"Figure 6.1 Figure 6.2 Figure 6.3 Figure 6.4 Figure 6.5 Figure 6.6 " "all six figures"
is "$(grep '^reads' "$out" | tr -s ' ')" "reads 20 10 40 10 10" "each model's reads"
grep -q '^reads: 90 seen, 90 shown' "$err" && ok "and no others" || not_ok "$(cat "$err")"

iophase figure signal $QUICK --svg "$TMP/f.svg" -- "$LAB" blocking --count 3 > "$out" 2> "$err"
is "$?: $(cat "$out")" "0: No signal reads; but 3 blocking." "a model that did not occur"
python3 -c 'import sys, xml.dom.minidom as d; d.parse(sys.argv[1])' "$TMP/f.svg"
is $? 0 "the file is XML"

# --- heat -------------------------------------------------------------------------------

iophase heat wait --ascii -i 0.1 --svg "$TMP/h.svg" -- "$LAB" epoll --delay 10 --count 100 \
	> "$out" 2> "$err"
is "$?: $(head -n 1 "$out" | cut -d , -f 1,2)" "0: wait of 100 reads, p50 9.96m" \
	"heat: every read"
# the row of 3.16 to 10 ms or the one above it, some 10 reads in a column
grep -qE '^ 10\.0m +[1-8.:;]+|^ {7} *[1-8.:;]{8,}' "$out" && ok "heat: a line of them" ||
	not_ok "heat: $(cat "$out")"
python3 -c 'import sys, xml.dom.minidom as d; d.parse(sys.argv[1])' "$TMP/h.svg"
is $? 0 "heat: the file is XML"
iophase heat $QUICK -c nobody -d 0.5 > "$out" 2> "$err"
is "$?: $(cat "$out")" "0: wait: no reads" "heat: no reads"
iophase heat $QUICK -- "$LAB" poll 2> "$err" | : && ok "heat: a closed pipe"
