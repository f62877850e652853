#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# Who sees what, of the module's files.
# vm: kernel=6.1 cpus=2
. "$(dirname "$0")/kmod.inc"

SYSLOG=34 PTRACE=19

# How many of the regions have an address, of how many.
shown() # STANDARD INPUT
{
	awk '/^region/ { n++; shown += $3 != "-" && $5 != "-" }
		END { print n == shown ? "all" : shown ? "some" : "none" }'
}

# Only 64-bit kernels move regions.
hidden=some
[ "$(uname -m)" = x86_64 ] || hidden=all

load
for file in layout tasks stats; do
	out=$("$HELPER" as 65534 cat $PROC/$file 2>&1)
	case $out in
	*ermission\ denied*) ok "$file: nobody is refused" ;;
	*) not_ok "$file: nobody got $out" ;;
	esac
	is "$("$HELPER" userns-root addrsplit/$file)" "Operation not permitted" \
		"$file: root of a user namespace is refused"
	out=$( (echo > $PROC/$file) 2>&1)
	[ $? != 0 ] && ok "$file: nothing to write to" || not_ok "$file: written: $out"
done

for restrict in 0 1 2; do
	sysctl -qw kernel.kptr_restrict=$restrict
	expected=all
	[ $restrict != 2 ] || expected=$hidden
	is "$(shown < $PROC/layout)" $expected "kptr_restrict $restrict: root sees $expected"
	is "$("$HELPER" opened-without $SYSLOG $PROC/layout | shown)" $hidden \
		"kptr_restrict $restrict: opened without CAP_SYSLOG, read with it"
	is "$("$HELPER" read-by-nobody $PROC/layout | shown)" $expected \
		"kptr_restrict $restrict: opened by root, read by nobody"
done

# What is hidden: three places, and the sizes of the holes around them; before
# the first there is none without KASLR.
if [ "$(uname -m)" = x86_64 ]; then
	is "$("$HELPER" opened-without $SYSLOG $PROC/layout |
		awk '$3 == "-" && $4 == "-" { printf "%s%s ", $2, $5 == "-" ? "" : "+" }' |
		sed 's/^unused-hole //')" \
		"direct-map+ unused-hole vmalloc+ unused-hole vmemmap+ unused-hole " \
		"hidden: places, and sizes of holes"
fi
sysctl -qw kernel.kptr_restrict=0

# tasks and stats: others' processes
"$HELPER" as 1234 sleep 60 &
theirs=$!
sleep 60 &
ours=$!
wait_for "grep -q '^Uid:.1234.*1234$' /proc/$theirs/status"
is "$("$HELPER" opened-without $PTRACE $PROC/tasks | grep -c "^$theirs ")" 0 \
	"without CAP_SYS_PTRACE: no process of another user"
is "$("$HELPER" opened-without $PTRACE $PROC/tasks | grep -c "^$ours ")" 1 \
	"but one's own"
is "$("$HELPER" read-by-nobody $PROC/tasks | grep -c "^$theirs ")" 1 \
	"opened with it, read by nobody"
is "$("$HELPER" opened-without $PTRACE $PROC/stats | grep -c '^hidden: [1-9]')" 1 \
	"stats says how many it has left out"
is "$(value stats hidden)" 0 "none with all rights"
kill $theirs $ours
