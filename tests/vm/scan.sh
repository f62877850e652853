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
is "$(jq -sc 'map(select(.type == "scan") | .descriptors)' "$out")" \
	"[10,30,100,300,1000,3000,10000]" "10 to 10,000 descriptors"

iophase-lab scan > /dev/full 2> "$TMP/err"
is "$?: $(cat "$TMP/err")" "1: iophase-lab: cannot write: No space left on device" \
	"a full disk"

# How many times as much 10,000 cost as 100.
growth() # CALL
{
	jq -s "map(select(.type == \"scan\")) |
		(.[] | select(.descriptors == 10000).$1_ns) /
		(.[] | select(.descriptors == 100).$1_ns) | floor" "$out"
}

for call in select poll; do
	[ "$(growth $call)" -ge 50 ] && ok "$call looks at each of them" ||
		not_ok "$call: $(growth $call) times: $(cat "$out")"
done
is "$(jq -s 'map(select(.type == "scan") | .epoll_ns) | max < 1.5 * min' "$out")" true \
	"epoll does not"
is "$(jq -s 'map(select(.type == "fd_set")) | .[0] |
	.size == 1024 and .beyond != "nothing happens"' "$out")" true \
	"an fd_set ends at 1024: $(tail -n 1 "$out")"
prlimit --nofile=512:512 setpriv --reuid=65534 --clear-groups iophase-lab scan > "$out" 2>&1
grep -q '^iophase-lab: 1000 descriptors are above the hard limit' "$out" &&
	ok "fewer descriptors than that: one line" || not_ok "$(cat "$out")"
