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
