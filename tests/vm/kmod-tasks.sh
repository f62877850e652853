#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# /proc/addrsplit/tasks and stats, compared with /proc/PID.
# vm: kernel=6.1 cpus=2
# vm: kernel=6.12 cpus=2 append=pti=on full=1
# vm: kernel=7.x cpus=2
# vm: kernel=5.10 cpus=2
# vm: kernel=7.x-arm64 cpus=2 full=1
# vm: kernel=6.12-arm64 cpus=2
# vm: kernel=6.1-686-pae mem=512 append=pti=on
# vm: kernel=6.1-armmp-lpae mem=1536
. "$(dirname "$0")/kmod.inc"

load

# --- a process ----------------------------------------------------------------------

sleep 60 &
pid=$!
sleep 0.5
status() # KEY, in bytes
{
	awk -v k="$1:" '$1 == k { print $2 * 1024 }' /proc/$pid/status
}

bits=64 limit=0x00007ffffffff000
grep -qw "^flags.* la57" /proc/cpuinfo && limit=0x00fffffffffff000
case $(uname -m) in
i686) bits=32 limit=0xc0000000 ;;
armv7l) bits=32 limit=0xbf000000 ;;
aarch64) limit=0x$(printf %016x $(($(value layout user_last) + 1))) ;;
esac
is "$(task $pid TYPE)" $bits "its kind"
is "$(task $pid LIMIT)" $limit "its limit"
is "$(task $pid MAPPED)" "$(status VmSize)" "mapped: VmSize"
is "$(task $pid RESIDENT)" "$(status VmRSS)" "resident: VmRSS"
is "$(task $pid PAGETABLES)" "$(status VmPTE)" "page tables: VmPTE"
last=$(grep -v "vsyscall\|vectors" /proc/$pid/maps | tail -n 1 | sed 's/^[0-9a-f]*-//; s/ .*//')
is "$(($(task $pid HIGHEST) + 1))" "$((0x$last))" \
	"its highest address: the last line of maps"
is "$(task $pid COMM)" "$(cat /proc/$pid/comm)" "its name"
kill $pid

# --- kinds -------------------------------------------------------------------------------

is "$(task 2 TYPE) $(task 2 COMM)" "kernel kthreadd" "kthreadd is a kernel thread"
background zombie
pid=$(cat "$TMP/background")
is "$(task "$pid" TYPE)" exited "a zombie has exited"
kill $!
background first-thread-ends
is "$(task $! TYPE)" "$bits" "a process whose first thread has ended"
kill $!
cp "$HELPER" "$TMP/a b"
helper=$HELPER HELPER="$TMP/a b"
background crowd 0
HELPER=$helper
is "$(task $! COMM)" 'a\040b' "a name is one word"
kill $!
if [ "$(uname -m)" = x86_64 ] && [ -x build/iophase-lab32 ]; then
	build/iophase-lab32 blocking --delay 2000 --count 3 > /dev/null &
	sleep 0.7
	is "$(task $! TYPE) $(task $! LIMIT)" "32 0x00000000ffffe000" \
		"a 32-bit process has its own limit"
	kill $!
elif [ "$(uname -m)" = x86_64 ]; then
	skip "a 32-bit process: build/iophase-lab32 is not built"
fi

# --- sharing ------------------------------------------------------------------------------

pti=$(value layout pti)
same=$(task 1 SAME)
if [ "$(uname -m)" = aarch64 ]; then
	is "$same" 0 "the kernel half has tables of its own: nothing to compare"
elif [ "$same" -gt 20 ]; then
	ok "init and awk have $same entries of the kernel half in common"
else
	not_ok "they have $same entries in common"
fi
is "$(awk 'NR > 1 && $2 ~ /^[0-9]/ { print $8, $9 }' $PROC/tasks | sort -u)" "$same 0" \
	"so has every process, and none that differ"
expected=-
[ "$bits$pti" != 32on ] || expected=pti
is "$(task 1 WHY)" $expected "a table of its own for them: $expected"
shared=$(value stats kernel_half_shared)
everybody=$(value stats processes)
[ "$(uname -m)" != aarch64 ] || everybody=0
is "$shared" "$everybody" "stats: shared by all of them"

case $(uname -m) in
x86_64 | i686)
	background ldt
	case $bits$pti in
	64on) expected="1 ldt" ;;
	32on) expected="1 ldt,pti" ;;
	*) expected="0 -" ;; # then an LDT is in vmalloc space, for all to see
	esac
	is "$(task $! DIFFER) $(task $! WHY)" "$expected" "a process with an LDT: $expected"
	is "$(value stats kernel_half_differing)" "${expected%% *}" "stats counts it"
	kill $!
	;;
esac

# --- totals ----------------------------------------------------------------------------------

# Reader and shell are in both; the reader's own figures may move a little.
background crowd 50
awk 'NR > 1 && $2 ~ /^[0-9]/ { n++; m += $4; r += $6; p += $7 }
	NR > 1 && $2 == "kernel" { k++ } END { print n, k; printf "%d %d %d\n", m, r, p }' \
	$PROC/tasks > "$TMP/sums"
cat $PROC/stats > "$TMP/stats"
read -r n k < "$TMP/sums"
figure() # KEY
{
	sed -n "s/^$1: //p" "$TMP/stats"
}
is "$(figure processes)" "$n" "stats: the processes in tasks, $n"
close_to "$(figure kernel_threads)" "$k" 5 "kernel threads"
sed 1d "$TMP/sums" > "$TMP/bytes"
read -r m r p < "$TMP/bytes"
close_to "$m" "$(figure user_mapped_bytes)" 5 "mapped"
close_to "$r" "$(figure user_resident_bytes)" 10 "resident"
close_to "$p" "$(figure user_page_table_bytes)" 5 "page tables"
stack=$(awk '/^KernelStack/ { print $2 * 1024 }' /proc/meminfo)
close_to "$stack" "$(value stats kernel_stack_bytes)" 10 "kernel stacks: meminfo"
free=$(awk '/^MemFree/ { printf "%.0f\n", $2 * 1024 }' /proc/meminfo)
close_to "$free" "$(($(value stats lowmem_free_bytes) + $(value stats highmem_free_bytes)))" 2 \
	"free memory: meminfo"
kill $!

# --- pid namespaces ---------------------------------------------------------------------------

if have unshare; then
	unshare -p -f --mount-proc sh -c "cat $PROC/tasks; cat $PROC/stats; :" \
		> "$TMP/ns" 2>&1
	is "$(awk '$2 ~ /^(64|32)$/ { print $1 }' "$TMP/ns" | head -n 1)" 1 \
		"in a pid namespace, its processes with their numbers there"
	is "$(awk '$2 == "kernel"' "$TMP/ns" | wc -l)" 0 "and no kernel thread"
	is "$(sed -n 's/^processes: //p' "$TMP/ns")" 2 "stats counts these only"
fi

# --- reading -----------------------------------------------------------------------------------

is "$("$HELPER" same-in-pieces $PROC/layout)" same "layout in pieces, and from anywhere"
