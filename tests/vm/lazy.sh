#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# Lazy preemption is not taken for full: where the kernel says how it preempts, and
# where it is built for one way only and says no more than PREEMPT (arm64).
# vm: kernel=7.x cpus=1 icount=1
# vm: kernel=7.x-arm64 cpus=2 full=1
. "$(dirname "$0")/lib.sh"

iophase doctor > "$TMP/out"
is "$? $(grep -c '^Backend: btf: every phase can be measured' "$TMP/out")" "0 1" \
	"doctor: btf, and every phase"
is "$(grep -c '^preemption .*lazy' "$TMP/out") $(grep -c 'miss reads' "$TMP/out")" "1 0" \
	"lazy preemption"

# With full preemption it is kprobe, which has as much.
iophase doctor --backend kprobe > "$TMP/out"
is "$? $(grep -c '^Backend: kprobe: every phase can be measured' "$TMP/out")" "0 1" \
	"doctor: kprobe, and every phase$(grep -i 'cannot\|not known' "$TMP/out")"
