#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# tools/vm/run keeps its word: status, output and arguments pass through,
# options take effect, and a kernel that complains is never a success.
set -u
cd "$(dirname "$0")/../.." || exit
. tests/tap.sh

tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT

# Runs the tool; status in $status, what it said in $tmp/{out,err}.
run() # ARGS...
{
	status=0
	tools/vm/run "$@" > "$tmp/out" 2> "$tmp/err" < /dev/null || status=$?
}

is() # ACTUAL EXPECTED DESCRIPTION
{
	if [ "$1" = "$2" ]; then
		ok "$3"
	else
		not_ok "$3: got '$1', expected '$2'; $(tail -n 5 "$tmp/err")"
	fi
}

says() # PATTERN DESCRIPTION
{
	grep -qE -- "$1" "$tmp/err" && ok "$2" || not_ok "$2: $(cat "$tmp/err")"
}

# --- without a boot -----------------------------------------------------------------

for words in --nosuch --kernel "--cpus 0 -- true" "--mem x -- true" \
	"--timeout -1 -- true" "--tty -- true" "stray"; do
	# shellcheck disable=SC2086 # words
	run $words
	is $status 2 "run $words: status 2"
	is "$(wc -l < "$tmp/err")" 1 "run $words: one line"
done
run
says 'a shell needs a terminal' "a shell without a terminal is refused"
run --kernel 9.9 -- true
is $status 1 "a kernel that is not there"
run --help
is "$status $(wc -l < "$tmp/err")" "0 0" "--help"

# What was fetched and built works where this tree is moved to, too.
is "$(grep -rIl "$PWD" build/vm/*/root/usr/{src/*/Makefile,lib/linux-kbuild*};
	for test in build/tests/test_*_32; do
		[ ! -e "$test" ] || readelf -d "$test" | grep 'R.*PATH' | grep "$PWD"
	done)" "" "what was fetched names no place"

# --- what passes through: defaults ------------------------------------------------------

# shellcheck disable=SC2016 # for the shell in the VM
run -- bash -c 'printf "<%s>" "$@"; echo; echo oops >&2; pwd; nproc
	grep -c la57 /proc/cpuinfo; awk "/MemTotal/ { print (\$2 > 1700000) }" /proc/meminfo
	seq 100000 | md5sum; seq 100000; exit 7' \
	- 'a b' "c'd" 'e"f' '$HOME' '*' '' $'two\nlines' '\' 'é'
is $status 7 "the command's status"
is "$(head -n 2 "$tmp/out")" $'<a b><c\'d><e"f><$HOME><*><><two\nlines><\\><é>' \
	"arguments arrive as they are"
is "$(sed -n 3p "$tmp/out")" "$PWD" "it runs in this directory"
is "$(sed -n 4p "$tmp/out")" 2 "two CPUs"
[ "$(sed -n 5p "$tmp/out")" -gt 0 ] && ok "5-level page tables" ||
	not_ok "no la57"
is "$(sed -n 6p "$tmp/out")" 1 "2 GB of memory"
is "$(tail -n +8 "$tmp/out" | md5sum)" "$(sed -n 7p "$tmp/out")" \
	"much output arrives whole"
is "$(grep -cx oops "$tmp/err")" 1 "standard error is standard error"
is "$(grep -c oops "$tmp/out")" 0 "and not standard output"
says '^vm: 6\.1\..*, 2 CPU, 2048 MiB, (KVM|emulation)' "it says what it boots"

# --- options ------------------------------------------------------------------------------

run --no-la57 --cpus 1 --mem 600 --append 'quiet nowatchdog' --log "$tmp/log" -- \
	'nproc; grep -c la57 /proc/cpuinfo; cat /proc/cmdline
	awk "/MemTotal/ { print (\$2 < 600000) }" /proc/meminfo; kill -KILL $$'
is $status 137 "a command that a signal kills"
is "$(head -n 2 "$tmp/out" | xargs)" "1 0" "--cpus, --no-la57"
grep -q ' quiet nowatchdog' "$tmp/out" && ok "--append" ||
	not_ok "--append: $(cat "$tmp/out")"
is "$(sed -n 4p "$tmp/out")" 1 "--mem"
grep -q 'Power down' "$tmp/log" && ok "--log keeps the kernel log" ||
	not_ok "--log: $(head -n 3 "$tmp/log")"

# --- ends that are no success --------------------------------------------------------------

run -- 'echo c > /proc/sysrq-trigger; sleep 60'
is $status 125 "a panic: 125"
says 'Kernel panic - not syncing: sysrq triggered crash' "and the log's part"

# A real WARN: a module with nothing else in it, for this kernel.
mkdir -p build/tests/warn
echo 'obj-m := warn.o' > build/tests/warn/Kbuild
cat > build/tests/warn/warn.c <<'C'
#include <linux/module.h>
static int __init warn_init(void)
{
	WARN(1, "on purpose");
	return 0;
}
module_init(warn_init);
MODULE_LICENSE("GPL");
C
if make -s -C build/vm/6.1/headers "M=$PWD/build/tests/warn" \
	CONFIG_DEBUG_INFO_BTF_MODULES= modules > "$tmp/kbuild" 2>&1; then
	run -- insmod build/tests/warn/warn.ko
	is $status 125 "a WARN: 125, though the command succeeded"
	says '^\[.*WARNING: .* warn_init' "and the log's part"
else
	not_ok "cannot build a module that warns: $(tail -n 3 "$tmp/kbuild")"
fi
rm -rf build/tests/warn

start=$SECONDS
run --timeout 12 -- sleep 100
is $status 124 "too long: 124"
[ $((SECONDS - start)) -lt 25 ] && ok "after the time that was given" ||
	not_ok "it took $((SECONDS - start)) s"
says 'no (end|boot) within 12 s' "and it says so"
start=$SECONDS
run --boot 5 --append 'rdinit=/bin/busybox -- sleep 100' -- true
is $status 124 "no boot: 124"
says 'no boot within 5 s; once more' "it is started again, once"
[ $((SECONDS - start)) -lt 25 ] && ok "which takes as long as a boot may" ||
	not_ok "it took $((SECONDS - start)) s"

# An emulator that dies before the kernel has booted is started again, once.
mkdir "$tmp/bin"
cat > "$tmp/bin/qemu-system-x86_64" <<QEMU
#!/bin/sh
echo >> $tmp/starts
[ "\$(wc -l < $tmp/starts)" = 1 ] || exec $(command -v qemu-system-x86_64) "\$@"
kill -ABRT \$\$
QEMU
chmod +x "$tmp/bin/qemu-system-x86_64"
PATH=$tmp/bin:$PATH run --cpus 1 -- sh -c 'exit 7'
is $status 7 "QEMU dies, and is started again"
says 'QEMU died before the kernel had booted; once more' "and it says so"

(
	exec 9> "$tmp/lock" # which all that it starts holds, too
	flock 9
	exec tools/vm/run --log "$tmp/log" -- sleep 100 > "$tmp/out" 2> "$tmp/err" < /dev/null
) &
pid=$!
for _ in $(seq 100); do
	qemu=$(pgrep -P $pid -f qemu-system) && break
	sleep 0.1
done
kill -TERM $pid
wait $pid
is $? 143 "SIGTERM ends it"
for _ in $(seq 50); do
	[ -d "/proc/$qemu" ] || break
	sleep 0.1
done
[ -n "$qemu" ] && [ ! -d "/proc/$qemu" ] && ok "and its VM" ||
	not_ok "qemu ($qemu) is still there"
flock -w 5 "$tmp/lock" true && ok "and whatever else it started" || not_ok "something is left"
