#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# The static build needs nothing but itself and the kernel.
# vm: kernel=6.1 cpus=1 icount=1
# vm: kernel=6.1 cpus=2 full=1
# vm: kernel=6.12 cpus=2 full=1
. "$(dirname "$0")/lib.sh"

BARE=$TMP/bare
mkdir -p "$BARE/proc" "$BARE/sys"
cp build/static/iophase build/static/iophase-lab "$BARE"
mount --bind /proc "$BARE/proc"
mount --rbind /sys "$BARE/sys"

for backend in btf kprobe; do
	chroot "$BARE" /iophase trace --backend $backend --json -- \
		/iophase-lab epoll --count 5 > "$TMP/out" 2> "$TMP/err"
	is "$(jq -c 'select(.type == "counters") | [.seen, .shown]' < <(
		grep '^{"v"' "$TMP/out"))" "[5,5]" "$backend: five reads, no libraries"
done
chroot "$BARE" /iophase doctor > "$TMP/out"
is $? 0 "doctor is content"
umount -R "$BARE/sys" "$BARE/proc"
