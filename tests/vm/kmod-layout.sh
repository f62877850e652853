#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# /proc/addrsplit/layout, compared with all that says the same from elsewhere.
# vm: kernel=6.1 cpus=2
# vm: kernel=6.12 cpus=2 append=pti=on full=1
# vm: kernel=7.x cpus=2
# vm: kernel=5.10 cpus=2
# vm: kernel=7.x-arm64 cpus=2 full=1
# vm: kernel=6.12-arm64 cpus=2
# vm: kernel=6.12-arm64 cpu=cortex-a57 cpus=2 full=1
# vm: kernel=6.12-arm64-16k cpus=2 full=1
# vm: kernel=6.12-arm64-16k cpu=cortex-a76 cpus=2 full=1
# vm: kernel=6.1-686-pae mem=512 append=pti=on
# vm: kernel=6.1-armmp-lpae mem=1536
. "$(dirname "$0")/kmod.inc"

sysctl -qw kernel.kptr_restrict=1 # root sees true addresses, here and below
load
layout=$TMP/layout
cat $PROC/layout > "$layout"
sed -n 's/^region //p' "$layout" > "$TMP/regions"

# FIRST, LAST or BYTES of a region
region() # NAME FIELD
{
	awk -v name="$1" -v f="$2" '$1 == name { print $f; exit }' "$TMP/regions"
}

# Says which region an address is in. Signed arithmetic will do: none is across
# the middle of a 64-bit address space.
region_of() # ADDRESS
{
	local name first last bytes

	while read -r name first last bytes; do
		if [ $(($1 - first)) -ge 0 ] && [ $(($1 - first)) -lt "$bytes" ]; then
			echo "$name"
			return
		fi
	done < "$TMP/regions"
	echo "none ($1)"
}

flag() # CPU FLAG
{
	grep -qw "^flags.* $1" /proc/cpuinfo && echo on || echo off
}

kilobytes() # KEY OF MEMINFO
{
	awk -v k="$1:" '$1 == k { printf "%d\n", $2 }' /proc/meminfo
}

# --- the head ------------------------------------------------------------------------

is "$(ls -ld $PROC/* | cut -c 1-10 | sort -u)" "-r--------" "all files are 0400"
is "$(sed -n 's/^\([a-z_]*\):.*/\1/p' "$layout" | tr '\n' ' ')" \
	"arch bits page_size page_table_levels pti kaslr split user_first user_last \
user_bytes kernel_first kernel_last kernel_bytes ratio lowmem_bytes highmem_bytes " \
	"the keys, in their order"
is "$(value layout arch)" "$(uname -m)" "the architecture"
is "$(value layout page_size)" \
	"$(awk '/^KernelPageSize/ { print $2 * 1024; exit }' /proc/self/smaps)" "the page size"
pti=$(flag pti)
[ "$(uname -m)" != aarch64 ] || ! dmesg | grep -q 'detected: Kernel page table isolation' ||
	pti=on
is "$(value layout pti)" $pti "page-table isolation: $pti"
is "$(($(value layout lowmem_bytes) + $(value layout highmem_bytes)))" \
	"$(($(kilobytes MemTotal) * 1024))" "lowmem and highmem are MemTotal"

# --- the documented map -----------------------------------------------------------

# The kernel's Documentation/arch/x86/x86_64/mm.rst, arm/memory.rst,
# arm64/memory.rst; the last of a kernel for 52 bits, whose vmalloc begins where it
# would with as few as the CPU may have.
documented()
{
	if [ "$(uname -m)" = aarch64 ]; then
		case $va_bits,$fewest_bits in
		52,48) echo "direct-map 0xfff0000000000000 0xffff7fffffffffff 4362862139015168" ;;
		48,48) echo "direct-map 0xffff000000000000 0xffff7fffffffffff 140737488355328" ;;
		52,47) echo "direct-map 0xfff0000000000000 0xffffbfffffffffff 4433230883192832" ;;
		47,47) echo "direct-map 0xffff800000000000 0xffffbfffffffffff 70368744177664" ;;
		esac
		if [ "$fewest_bits" = 48 ]; then
			echo "modules 0xffff800000000000 0xffff80007fffffff 2147483648"
		else
			echo "modules 0xffffc00000000000 0xffffc0007fffffff 2147483648"
		fi
		echo "pci-io 0xffffffffc0800000 0xffffffffc17fffff 16777216"
		return
	fi
	if [ "$(uname -m)" = armv7l ]; then
		echo "modules 0xbf000000 0xbfdfffff 14680064"
		echo "pkmap 0xbfe00000 0xbfffffff 2097152"
		echo "fdt 0xff800000 0xffbfffff 4194304"
		echo "fixmap 0xffc80000 0xffefffff 2621440"
		echo "vectors 0xffff0000 0xffff0fff 4096"
		return
	fi
	if [ "$(flag la57)" = on ]; then
		echo "guard-hole 0xff00000000000000 0xff0fffffffffffff 4503599627370496"
		echo "ldt-remap 0xff10000000000000 0xff10ffffffffffff 281474976710656"
	else
		echo "guard-hole 0xffff800000000000 0xffff87ffffffffff 8796093022208"
		echo "ldt-remap 0xffff880000000000 0xffff887fffffffff 549755813888"
	fi
	echo "cpu-entry-area 0xfffffe0000000000 0xfffffe7fffffffff 549755813888"
	echo "unused-hole 0xfffffe8000000000 0xfffffeffffffffff 549755813888"
	echo "espfix-stacks 0xffffff0000000000 0xffffff7fffffffff 549755813888"
	echo "unused-hole 0xffffff8000000000 0xffffffeeffffffff 476741369856"
	echo "efi 0xffffffef00000000 0xfffffffeffffffff 68719476736"
	echo "unused-hole 0xffffffff00000000 0xffffffff7fffffff 2147483648"
	echo "kernel-text 0xffffffff80000000 0xffffffffbfffffff 1073741824"
	echo "modules 0xffffffffc0000000 0xfffffffffeffffff 1056964608"
	echo "vsyscall 0xffffffffff600000 0xffffffffff600fff 4096"
}

as_documented()
{
	documented | while read -r line; do
		grep -qx "$line" "$TMP/regions" && ok "as documented: $line" ||
			not_ok "not as documented: $line"
	done
}

# The kernel text starts where it was linked for, if nothing was moved.
text=0x$(awk '$3 == "_text" { print $1 }' /proc/kallsyms)
moved=off
text_in=lowmem modules_in=vmalloc
case $(uname -m) in
x86_64)
	text_in=kernel-text modules_in=modules
	is "$(value layout bits) $(value layout ratio)" "64 1:1" "64 bits, 1:1"
	levels=4 split=0xffff800000000000 user=0x00007fffffffffff
	direct=0xffff888000000000 vmalloc_bytes=35184372088832
	if [ "$(flag la57)" = on ]; then
		levels=5 split=0xff00000000000000 user=0x00ffffffffffffff
		direct=0xff11000000000000 vmalloc_bytes=14073748835532800
	fi
	is "$(value layout page_table_levels)" $levels "$levels levels"
	is "$(value layout split)" $split "the split"
	is "$(value layout user_last)" $user "the end of user space"
	as_documented
	is "$(region vmalloc 4)" $vmalloc_bytes "the size of vmalloc"
	[ "$text $(region direct-map 2)" = "0xffffffff81000000 $direct" ] || moved=on
	;;
i686)
	is "$(value layout ratio) $(value layout user_last)" "3:1 0xbfffffff" "3:1"
	is "$(value layout user_bytes)" 3221225472 "3 GiB"
	is "$(region pkmap 2) $(region pkmap 4)" "0xff000000 2097152" "512 pages of pkmap"
	is "$(($(region lowmem 4) >> 20))" \
		"$(dmesg | sed -n 's/.* \([0-9]*\)MB LOWMEM available.*/\1/p')" \
		"lowmem as the kernel said at boot"
	[ "$text" = 0xc1000000 ] || moved=on
	;;
aarch64)
	text_in=vmalloc modules_in="modules vmalloc" # where there is room
	fewest_bits=48 levels=4 split=0xffff000000000000 user=0x0000ffffffffffff
	text_at=0xffff800080000000
	if [ "$(value layout page_size)" = 16384 ]; then
		fewest_bits=47 levels=3 split=0xffff800000000000 user=0x00007fffffffffff
		text_at=0xffffc00080000000
	fi
	va_bits=$fewest_bits
	if grep -qw lva /proc/cpuinfo || dmesg | grep -q '52-bit Virtual Addressing'; then
		va_bits=52 levels=$((levels + 1)) split=0xfff0000000000000 user=0x000fffffffffffff
	fi
	is "$(value layout bits) $(value layout ratio)" "64 1:1" "64 bits, 1:1"
	is "$(value layout page_table_levels)" $levels "$levels levels"
	is "$(value layout split)" $split "the split: $va_bits bits"
	is "$(value layout user_last)" $user "the end of user space"
	as_documented
	[ "$text" = $text_at ] || moved=on
	;;
armv7l)
	modules_in=modules
	is "$(value layout ratio) $(value layout user_last)" "191:64 0xbeffffff" \
		"191:64: 16 MiB of the kernel's lie below the split"
	as_documented
	is "$(region vmalloc 3)" 0xff7fffff "the end of vmalloc"
	is "$(($(region lowmem 4) + 0x40000000 - 1))" \
		"$(($(dmesg | sed -n 's/.* DMA .*-\(0x[0-9a-f]*\)\]$/\1/p')))" \
		"lowmem as the kernel said at boot"
	;;
esac
if [ "$(value layout bits)" = 32 ]; then
	is "$(value layout page_table_levels)" 3 \
		"3 levels"
	is "$(value layout split)" 0xc0000000 "the split"
	is "$(value layout kernel_bytes)" 1073741824 "1 GiB of kernel"
	is "$(value layout lowmem_bytes)" $(($(kilobytes LowTotal) * 1024)) "lowmem"
	is "$(value layout highmem_bytes)" $(($(kilobytes HighTotal) * 1024)) "highmem"
	is "$(region guard-hole 4)" 8388608 "8 MiB between lowmem and vmalloc"
fi
is "$(value layout kaslr)" $moved "KASLR: $moved"
if grep -qw nokaslr /proc/cmdline; then
	is "$moved" off "nokaslr"
fi

# --- order ------------------------------------------------------------------------------

is "$(value layout kernel_first)" "$(value layout split)" "the kernel begins at the split"
at=$(($(value layout user_last) + 1))
[ "$(value layout bits)" = 32 ] || at=$(value layout kernel_first)
while read -r name first last bytes; do
	[ $((first)) = $((at)) ] || not_ok "$name begins at $first, not at $at"
	[ $((last - first + 1)) = "$bytes" ] || not_ok "$name has not $bytes bytes"
	at=$((last + 1))
done < "$TMP/regions"
is "$(tail -n 1 "$TMP/regions" | cut -d ' ' -f 3)" "$(value layout kernel_last)" \
	"no overlap, nothing left out, up to the top"

# --- what others say -----------------------------------------------------------------

# /proc/kcore: what the kernel lets be read of itself. Not on ARM.
if [ -e /proc/kcore ]; then
	"$HELPER" kcore > "$TMP/kcore"
	count=0
	while read -r first last; do
		first_in=$(region_of "$first") last_in=$(region_of "$last")
		[ "$first_in" = "$last_in" ] && [ "$first_in" != unused-hole ] ||
			not_ok "kcore: $first in $first_in, $last in $last_in"
		count=$((count + 1))
	done < "$TMP/kcore"
	ok "each of kcore's $count parts is in one region"
	first=$(($(region vmalloc 2)))
	match=$(while read -r a b; do
		[ $((a)) != $first ] || echo "$b"
	done < "$TMP/kcore")
	# kcore's end is the address after, whatever VMALLOC_END means
	d=$(($(region vmalloc 3) - match))
	[ -n "$match" ] && [ $d -ge 0 ] && [ $d -le 1 ] && ok "kcore has vmalloc, too" ||
		not_ok "kcore: vmalloc ends at $match, ours at $(region vmalloc 3)"
else
	is "$(uname -m)" armv7l "no /proc/kcore"
fi

# Addresses on standard input that are in none of the regions.
outside() # REGION...
{
	local a in

	sort -u | while read -r a; do
		in=$(region_of "0x$a")
		case " $* " in *" $in "*) ;; *) echo "$in" ;; esac
	done | sort | uniq -c | tr '\n' ' '
}

is "$(awk '$3 == "_text" || $3 == "_etext" { print $1 }' /proc/kallsyms |
	outside $text_in)" "" "the kernel is in $text_in"
is "$(sed 's/.* 0x//; s/ .*//' /proc/modules | outside $modules_in)" "" \
	"modules are in $modules_in"
# ARM maps the part of lowmem that is for DMA once more, in place.
sed '/iotable_init/d; s/^0x\([0-9a-f]*\).*/\1/' /proc/vmallocinfo > "$TMP/vmallocinfo"
is "$(outside vmalloc modules < "$TMP/vmallocinfo")" "" \
	"all $(wc -l < "$TMP/vmallocinfo") of vmallocinfo are in vmalloc or modules"
if [ "$(uname -m)" = x86_64 ]; then
	top=$(sed -n 's/^[0-9a-f]*-\([0-9a-f]*\) : System RAM/\1/p' /proc/iomem | tail -n 1)
	is "$(($(region direct-map 4) - 1))" "$((0x$top & ~0xfff | 0xfff))" \
		"the direct map ends with the last RAM in /proc/iomem"
	pages=$(((0x$top >> 12) + 1))
	is "$(region vmemmap 4)" $(((pages + 32767) / 32768 * 32768 * 64)) \
		"64 bytes of vmemmap a page, in sections of 128 MiB"
fi
