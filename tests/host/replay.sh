#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# Recordings from real kernels replay to the reads that were written down with
# them; each says in its comments where it is from and what it shows.
set -u
cd "$(dirname "$0")/../.." || exit
. tests/tap.sh

# Without rights: whatever it took its options for, it would not trace this machine.
iophase=(setpriv --no-new-privs --inh-caps=-all)
[ "$(id -u)" != 0 ] || iophase+=(--bounding-set=-all)
iophase+=(build/iophase)

for rec in tests/replay/*.rec; do
	name=$(basename "$rec" .rec)
	diff -u "${rec%.rec}.json" <("${iophase[@]}" replay --json "$rec")
	is $? 0 "$name"
done

# A recording that somebody wrote may begin anywhere, and with thread 0.
tmp=$(mktemp)
trap 'rm -f "$tmp"' EXIT
kinds=$(sed -n 's/.*\[IOP_IN_.*\] = "\(.*\)",/\1/p' user/recording/recording.c)
[ "$(wc -w <<< "$kinds")" -gt 20 ] && ok "kinds of inputs" || not_ok "kinds: $kinds"
for kind in $kinds; do
	printf 'iophase-recording 1\n%s 100 0 1 0 0 0 0\nend 1 0\n' $kind > "$tmp"
	said=$("${iophase[@]}" replay "$tmp" 2>&1)
	is "$? $(grep -c '^reads:' <<< "$said")" "0 1" "alone, of thread 0: $kind"
done
