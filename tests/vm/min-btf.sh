#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# What tools/min-btf makes of a kernel's headers says the same as that kernel's
# own BTF, member by member; and kprobes with it see what they see with that. 5.10 has
# io_uring's request in no header.
# vm: kernel=6.1 cpus=1 icount=1
# vm: kernel=5.10 cpus=1 icount=1
# vm: kernel=6.1 cpus=2 full=1
# vm: kernel=6.12 cpus=2 full=1
. "$(dirname "$0")/lib.sh"

MADE=build/vm/$VM_KERNEL/min.btf
PRIVATE=
[ "$VM_KERNEL" != 5.10 ] || PRIVATE=io_kiocb

members() # BTF-FILE
{
	bpftool -j btf dump file "$1" | jq -r '.types[] |
		select(.kind == "STRUCT" and .name != "(anon)") | .name as $type |
		.members[]? | "\($type).\(.name) \(.bits_offset)"' | sort
}

bpftool gen min_core_btf /sys/kernel/btf/vmlinux "$TMP/own.btf" build/bpf/fields.bpf.o
members "$TMP/own.btf" | awk -F . -v private="$PRIVATE" '$1 != private' > "$TMP/own"
members $MADE > "$TMP/made"
[ "$(wc -l < "$TMP/own")" -gt 20 ] && ok "$(wc -l < "$TMP/own") members are wanted" ||
	not_ok "members wanted: $(cat "$TMP/own")"
is "$(diff "$TMP/own" "$TMP/made")" "" "those from the headers lie where the kernel has them"

iophase trace --backend kprobe --btf $MADE --json -- "$LAB" epoll --proto tcp6 \
	--count 5 > "$TMP/out"
is "$(jq -sc 'map(select(.type == "read")) | [length, .[0].model, .[0].proto]' "$TMP/out")" \
	'[5,"multiplexed","tcp"]' "--btf"
iophase trace --btf /no/such -d 1 --backend kprobe > "$TMP/out" 2> "$TMP/err"
is "$?" 1 "--btf with a file that is not there fails"
