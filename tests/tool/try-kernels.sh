#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# tools/try-kernels goes on where a kernel cannot be had or does not boot: a row
# each, with the reason, and status 1.
set -u
cd "$(dirname "$0")/../.." || exit
. tests/tap.sh

tmp=$(mktemp -d)
vm=build/vm
trap 'rm -rf "$tmp" $vm/{,accel.}no-{suite,package,boot} $vm/apt/nosuch*' EXIT

cat > "$tmp/kernels" <<KERNELS
$(grep '^arch *amd64 ' tools/vm/kernels)
kernel no-suite nosuch amd64 amd64 btf demand
kernel no-package bookworm nosuch-amd64 amd64 btf demand
kernel no-boot bookworm amd64 amd64 btf demand
KERNELS
# as fetch leaves it, but for what it boots
mkdir -p $vm/no-boot/headers
touch $vm/no-boot/{done,modules,initrd,headers/.config}
echo "0.0-none" > $vm/no-boot/release
echo 9p > $vm/no-boot/files_by
echo "not a kernel" > $vm/no-boot/vmlinuz

KERNEL_TABLE=$tmp/kernels FOUND=$tmp/found tools/try-kernels unknown no-suite no-package no-boot \
	> "$tmp/out" 2> "$tmp/err"
is $? 1 "kernels that cannot be tried: status 1"
is "$(awk 'NR > 1 && !/^\*/ { print $1, (NF > 8) }' "$tmp/out" | xargs)" \
	"unknown 1 no-suite 1 no-package 1 no-boot 1" "each has its row and a reason"
is "$(wc -l < "$tmp/err")" 0 "and that is all"
why() # KERNEL PATTERN
{
	grep -q "^$1 .*$2" "$tmp/out" && ok "$1: $2" || not_ok "$1: $(cat "$tmp/out" "$tmp/err")"
}
why unknown "no kernel 'unknown'"
why no-suite "fetch: "
why no-package "fetch: "
why no-boot "vm: it ended before"
