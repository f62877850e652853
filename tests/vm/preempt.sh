#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# A kernel that preempts itself: kprobes are used unless another is asked for.
# vm: kernel=6.1 cpus=4 append=preempt=full
. "$(dirname "$0")/lib.sh"

iophase doctor > "$TMP/out"
is "$? $(grep -c '^Backend: kprobe: every phase can be measured' "$TMP/out")" "0 1" \
	"doctor: kprobe, and every phase"
is "$(grep '^preemption' "$TMP/out" | xargs)" \
	"preemption none full: trampolines miss reads" "and why"
iophase doctor --backend btf > "$TMP/out"
is "$? $(grep -c '^preemption *WEAK' "$TMP/out") $(grep -c '^Backend: btf: ' "$TMP/out")" \
	"0 1 1" "--backend btf: as asked, with a warning"
iophase trace --wake-detail --json -- "$LAB" blocking --count 5 > "$TMP/out" 2> "$TMP/err"
is "$(jq -sc 'map(select(.type == "read" and .wake_sched_ns != null)) | length' "$TMP/out")" \
	5 "--wake-detail is btf's"

# Each hook has others beside it there. One that the kernel refuses takes only what
# goes with it along.
again() # REFUSED
{
	REFUSED=$1 LD_PRELOAD=$PWD/build/tests/vm/hide_symbols.so iophase trace --backend btf \
		-- bpftool link > "$TMP/out" 2> "$TMP/err"
	grep -c 'prog_type tracing' "$TMP/out"
}
all=$(again none)
is "$(again on_io_read_agai) $(grep -c 'io_read .* is refused.* not seen: runs that' \
	"$TMP/err")" "$((all - 2)) 1" "a second program is refused: its pair is off, and it is said"
