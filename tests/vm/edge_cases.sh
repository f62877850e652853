#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# Odd ways of reading: peeks, partial reads, timeouts, signals, ends of
# all kinds, sockets shared in every way. Each read is there, once, with what
# edge_cases knows of it, and waited as long as its peer let it wait.
# vm: kernel=6.1 cpus=1 icount=1
# vm: kernel=6.12 cpus=1 icount=1
# vm: kernel=6.1 cpus=1 icount=1 backend=kprobe
# vm: kernel=6.12 cpus=1 icount=1 backend=kprobe full=1
# vm: kernel=6.1-686-pae cpus=1 icount=1
# vm: kernel=6.1-armmp-lpae cpus=1 icount=1
# vm: kernel=6.12-arm64 cpus=1 icount=1 full=1
. "$(dirname "$0")/lib.sh"

# Modules that these kernels keep apart.
for root in build/vm/*/root; do
	[ -e "/lib/modules/$(uname -r)" ] || [ ! -e "$root/lib/modules/$(uname -r)" ] ||
		{ mkdir -p /lib && ln -s "$PWD/$root/lib/modules" /lib/modules; }
done
modprobe -a vsock_loopback tls gcm aesni_intel ghash_generic ctr brd
mkswap /dev/ram0 > /dev/null && swapon /dev/ram0

# A line for each shape: its name, then its reads that are not as they were made, nor
# waited as long: 5 ms too long at the most, unless the reader's clock says so too. One
# awk for all of them: its start takes its time in an emulated machine.
wrong()
{
	awk '
	FNR == NR {
		if (!($1 in n))
			shapes[++nr] = $1
		shape_of[$2] = $1
		made[$1, ++n[$1]] = substr($0, length($1) + 2)
		next
	}
	$1 in shape_of { seen[shape_of[$1], ++m[shape_of[$1]]] = $0 }
	END {
		for (k = 1; k <= nr; k++) {
			s = shapes[k]
			line = s " "
			for (i = 1; i <= n[s] || i <= m[s]; i++) {
				x = split(made[s, i], a); y = split(seen[s, i], b)
				bad = x != 9 || y != 8
				for (j = 1; j <= 7; j++) bad += a[j] != b[j]
				late = a[8] && a[9] > a[8] ? a[9] - a[8] : 0
				d = b[8] / 1e6 - a[8]
				if (bad || d > 5 + late || d < -3)
					line = line made[s, i] ", seen " seen[s, i] "; "
			}
			print line
		}
	}' "$TMP/made" "$TMP/seen"
}

# Of a shape's reads, a phase in ns.
phase() # SHAPE PHASE
{
	values read pid "$2_ns" < "$TMP/trace" | awk -v shape="$1" '
		FNR == NR { if ($1 == shape) mine[$2]; next }
		$1 in mine { print $2 }' "$TMP/made" -
}

all_shapes() # WHAT
{
	# once untraced: its pages come from this machine, and virtual time leaps then
	"$PROGRAMS/edge_cases" > /dev/null
	# shellcheck disable=SC2086 # a list
	iophase trace --json $TYPES -- sh -c "$PROGRAMS/edge_cases > $TMP/list" > "$TMP/trace"
	is $? 0 "$1all cases are traced"
	# shape pid fd call bytes errno model flags wait, and the time it was in
	sort -s -n -k 2,2 "$TMP/list" > "$TMP/made"
	values read pid fd call bytes errno model flags wait_ns < "$TMP/trace" |
		sed 's/ null / -1 /' | sort -s -n -k 1,1 > "$TMP/seen"
	is "$(wc -l < "$TMP/seen")" "$(wc -l < "$TMP/made")" "$1as many reads as were made"
	wrong > "$TMP/wrong"
	is "$(wc -l < "$TMP/wrong")" "$(cut -d ' ' -f 1 "$TMP/made" | sort -u | wc -l)" \
		"$1each shape is looked at"
	while read -r shape differ; do
		is "$differ" "" "$1$shape"
	done < "$TMP/wrong"
	# where a step inside the call goes
	close_to 20000000 "$(phase faulting copy)" 20 "$1a fault in the reader's buffer is copy"
	close_to 15000000 "$(phase locked rest)" 20 "$1waiting for the socket's lock is rest"
	phase paged-out copy | xargs > "$TMP/copies"
	awk '{ exit !($1 > 2 * $2 && $2 > 0) }' "$TMP/copies" &&
		ok "$1memory that comes back from swap is copy" ||
		not_ok "$1memory that comes back from swap is not copy: $(cat "$TMP/copies")"
	is "$(values counters lost rejected unmatched missed < "$TMP/trace" |
		awk -v may=$MAY_MISS '{ print $1, $2, $3, ($4 <= may) }')" "0 0 0 1" \
		"$1nothing lost, rejected, unmatched or missed"
}

if [ "$(uname -m)" = x86_64 ]; then
	all_shapes ""
else
	for jit in 0 1; do
		echo $jit > /proc/sys/net/core/bpf_jit_enable
		[ "$(uname -m) $jit" = "aarch64 0" ] || all_shapes "JIT $jit: "
	done
fi
# there the kernel's own interpreter would kill whoever reads
if [ "$(uname -m)" = aarch64 ]; then
	echo 0 > /proc/sys/net/core/bpf_jit_enable
	iophase trace -d 1 > "$TMP/out" 2>&1
	is "$? $(grep -c '^iophase: JIT: off; sysctl net.core.bpf_jit_enable=1' "$TMP/out")" \
		"1 1" "without a JIT: nothing is loaded, and a line says why"
fi
