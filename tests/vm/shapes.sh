#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# The odd shapes of reading: peeks, partial reads, timeouts, signals, ends of
# all kinds, sockets shared in every way. Each read is there, once, with what
# shapes.c knows of it, and waited as long as its peer let it wait.
# vm: kernel=6.1 cpus=1 icount=1
# vm: kernel=6.12 cpus=1 icount=1
# vm: kernel=6.1 cpus=1 icount=1 backend=kprobe
# vm: kernel=6.12 cpus=1 icount=1 backend=kprobe
. "$(dirname "$0")/lib.sh"

# Modules that these kernels keep apart.
for root in build/vm/*/root; do
	[ ! -e "$root/lib/modules/$(uname -r)" ] ||
		modprobe -a -d "$root" vsock_loopback tls gcm aesni_intel ghash_generic ctr brd
done
mkswap /dev/ram0 > /dev/null && swapon /dev/ram0

# Once untraced: its pages come from this machine, and virtual time leaps then.
build/tests/vm/shapes > /dev/null
iophase trace --json -- sh -c "build/tests/vm/shapes > $TMP/list" > "$TMP/trace"
is $? 0 "all shapes are traced"

# pid fd call bytes errno model flags wait (made: and the time it was in)
sort -s -n -k 2,2 "$TMP/list" > "$TMP/made"
jq -r 'select(.type == "read") | [.pid, .fd // -1, .call, .bytes, .errno, .model,
	(.flags | if . == [] then "-" else join(",") end), .wait_ns] | join(" ")' \
	"$TMP/trace" | sort -s -n -k 1,1 > "$TMP/seen"
is "$(wc -l < "$TMP/seen")" "$(wc -l < "$TMP/made")" "as many reads as were made"

for shape in $(cut -d ' ' -f 1 "$TMP/list" | uniq); do
	pids=$(awk -v s="$shape" '$1 == s { print $2 }' "$TMP/made" | sort -u)
	# waits 5 ms too long at the most, unless the reader's clock says so too
	wrong=$(paste -d ' ' <(grep "^$shape " "$TMP/made") \
		<(for p in $pids; do grep "^$p " "$TMP/seen"; done) | awk '
		{ bad = 0
		  for (i = 2; i <= 8; i++) bad += $i != $(i + 9)
		  late = $9 && $10 > $9 ? $10 - $9 : 0
		  d = $18 / 1e6 - $9
		  if (bad || NF != 18 || d > 5 + late || d < -3) print }')
	is "$wrong" "" "$shape"
done
# Where a step inside the call goes.
holds() # SHAPE PHASE MS DESCRIPTION
{
	local pid ns

	pid=$(awk -v s="$1" '$1 == s { print $2 }' "$TMP/made")
	ns=$(jq -r --argjson pid "$pid" --arg phase "$2_ns" \
		'select(.type == "read" and .pid == $pid)[$phase]' "$TMP/trace")
	close_to $(($3 * 1000000)) "$ns" 20 "$4"
}
holds faulting copy 20 "a fault in the reader's buffer is copy"
pid=$(awk '$1 == "paged-out" { print $2; exit }' "$TMP/made")
is "$(jq -s --argjson pid "$pid" 'map(select(.type == "read" and .pid == $pid).copy_ns) |
	.[0] > 2 * .[1] and .[1] > 0' "$TMP/trace")" true "memory that comes back from swap is copy"
holds locked rest 15 "waiting for the socket's lock is rest"
is "$(tail -n 1 "$TMP/trace" | jq -c '[.lost, .rejected, .unmatched, .missed]')" \
	"[0,0,0,0]" "nothing lost, rejected, unmatched or missed"
