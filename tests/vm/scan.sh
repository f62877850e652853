#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# iophase-lab scan: to be told of one descriptor among many costs select and poll
# the more the more there are, and epoll nothing. Times are instructions here.
# vm: kernel=6.1 cpus=1 icount=1
. "$(dirname "$0")/lib.sh"

out=$TMP/out

iophase-lab scan --json --svg "$TMP/scan.svg" > "$out"
is "$?" 0 "iophase-lab scan"
python3 -c 'import sys, xml.dom.minidom as d; d.parse(sys.argv[1])' "$TMP/scan.svg"
is $? 0 "its curves are XML"
sed 's/^/# /' "$out"
is "$(values scan descriptors < "$out" | xargs)" "10 30 100 300 1000 3000 10000" \
	"10 to 10,000 descriptors"

iophase-lab scan > /dev/full 2> "$TMP/err"
is "$?: $(cat "$TMP/err")" "1: iophase-lab: cannot write: No space left on device" \
	"a full disk"

# How many times as much 10,000 cost as 100.
growth() # CALL
{
	echo $(($(values 'scan: descriptors == 10000' "$1_ns" < "$out") /
		$(values 'scan: descriptors == 100' "$1_ns" < "$out")))
}

for call in select poll; do
	[ "$(growth $call)" -ge 50 ] && ok "$call looks at each of them" ||
		not_ok "$call: $(growth $call) times: $(cat "$out")"
done
is "$(values scan 'max(epoll_ns) < 1.5 * min(epoll_ns)' < "$out")" 1 "epoll does not"
is "$(values fd_set size 'beyond != "nothing happens"' < "$out")" "1024 1" \
	"an fd_set ends at 1024: $(tail -n 1 "$out")"
prlimit --nofile=512:512 setpriv --reuid=65534 --clear-groups iophase-lab scan > "$out" 2>&1
grep -q '^iophase-lab: 1000 descriptors are above the hard limit' "$out" &&
	ok "fewer descriptors than that: one line" || not_ok "$(cat "$out")"
