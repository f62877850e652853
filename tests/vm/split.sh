#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# iophase split: the module's figures as a picture and as data.
# vm: kernel=6.1 cpus=2
. "$(dirname "$0")/lib.sh"

out=$(iophase split 2>&1)
is "$?" 1 "without the module: status 1"
grep -q 'insmod' <<< "$out" && ok "and says how to load it" || not_ok "said $out"

insmod build/kmod/6.1/addrsplit.ko
split=$(sed -n 's/^split: //p' /proc/addrsplit/layout)
regions=$(grep -c '^region ' /proc/addrsplit/layout)
iophase split > "$TMP/picture"
is "$?" 0 "with it: status 0"
is "$(grep -c "^$split .*the split" "$TMP/picture")" 1 "the border is drawn at $split"
is "$(grep -c '|.*|' "$TMP/picture")" $((regions + 1)) "a line a region, one for user"
is "$(iophase split --json | jq -r 'select(.type == "layout").split')" "$split" \
	"as data, too"
is "$(iophase split --json | grep -c '"half":"kernel"')" "$regions" "every region"

# what the module says of user space is what /proc says
sleep 60 &
wait_for "[ \$(cat /proc/$!/comm) = sleep ]"
iophase split --json -p $! > "$TMP/json"
mapped=$(jq -s 'map(select(.half == "user").bytes) | add' "$TMP/json")
theirs=$(awk '/^[0-9a-f]+-/ && !/vsyscall/ {
	split($1, a, "-"); print "0x" a[1], "0x" a[2] }' /proc/$!/maps |
	while read -r a b; do echo $((b - a)); done | awk '{ s += $1 } END { print s }')
is "$mapped" "$theirs" "a process's mapped bytes"
for area in text heap mmap stack vdso; do
	is "$(grep -c "\"half\":\"user\",\"name\":\"$area\"" "$TMP/json")" 1 "it has $area"
done
kill $!
is "$(iophase split -p 2 2>&1 | grep -c 'kernel thread')" 1 "a kernel thread is named as such"
setpriv --reuid 65534 --clear-groups iophase split > "$TMP/out" 2>&1
is "$?" 1 "not root: refused"
rmmod addrsplit
