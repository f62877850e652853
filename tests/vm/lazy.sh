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

# Newer kernels end the verifier's log with statistics: what it said of a program that it
# refuses is before them.
[ -z "$VM_SUFFIX" ] || exit 0
REFUSED=on_io_read_exit LD_PRELOAD=$PWD/build/tests/vm/hide_symbols.so \
	iophase trace -- "$LAB" blocking --count 1 > "$TMP/out" 2> "$TMP/err"
is "$(grep -c 'on_io_read_exit is refused: Permission denied: R0 !read_ok' "$TMP/err")" 1 \
	"why a program is refused$(grep refused "$TMP/err")"

# Reads begin in a program that the kernel does not guard. Without it they do in one that
# it does, and nothing is lost.
for without in REFUSED=on_socket_recvm WITHOUT=bpf_lsm_socket_recvmsg; do
	env $without LD_PRELOAD=$PWD/build/tests/vm/hide_symbols.so iophase trace \
		--backend btf --json -- "$LAB" blocking --count 3 > "$TMP/out" 2> "$TMP/err"
	is "$? $(values "read: model == \"blocking\" && wait_ns > 0" 'count(1)' < "$TMP/out")" \
		"0 3" "$without: btf sees the reads"
	is "$(cat "$TMP/err")" "" "$without: nothing is said to be missed"
done
