# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# For tests that run as root inside the VM. Each prints TAP lines.
set -u
# shellcheck source=tests/tap.sh
. "$(dirname "$0")/../tap.sh"

TMP=$(mktemp -d)
trap 'rm -rf "$TMP"' EXIT

# The lab with nothing to say, for when standard output is the trace's.
LAB=$TMP/lab
printf '#!/bin/sh\nexec iophase-lab "$@" > /dev/null\n' > "$LAB"
chmod +x "$LAB"

# All that is tested runs out of RAM: a page that is fetched from outside takes its
# time in the middle of a read. In VMs that programs are built for (VM_SUFFIX) there is
# busybox, and of this tree build/ alone; TYPES is what iophase needs to be told there.
PROGRAMS=$TMP/programs
TYPES=
into_ram() # SUFFIX FILE...
{
	local suffix=$1 p

	shift
	for p; do
		[ ! -f "$p" ] || cp "$p" "$PROGRAMS/$(basename "$p" "$suffix")"
	done
	PATH=$PROGRAMS:$PATH
}

small()
{
	cd "$(dirname "$0")/../../../.." || exit
	[ -e /sys/kernel/btf/vmlinux ] || TYPES="--btf build/vm/$VM_KERNEL/min.btf"
	[ -e "build/static/iophase$VM_SUFFIX" ] || {
		skip "there is no iophase for $(uname -m)"
		exit
	}
	into_ram "$VM_SUFFIX" build/static/*"$VM_SUFFIX" build/tests/vm/*"$VM_SUFFIX"
}
mkdir "$PROGRAMS"
if [ -n "${VM_SUFFIX:-}" ]; then
	small
else
	# shellcheck disable=SC2046,SC2010 # names of ours: with a - for other machines
	into_ram "" build/iophase build/iophase-lab \
		$(ls -d build/tests/vm/* | grep -v '[-.]')
	iophase --version > /dev/null
	iophase-lab --version > /dev/null
fi

# BACKEND=kprobe bash tests/vm/phases.sh: the same test of another backend. A
# program, not a function, so that its process is iophase's own.
if [ -n "${BACKEND:-}" ]; then
	mkdir "$TMP/bin"
	cat > "$TMP/bin/iophase" <<-WRAPPER
		#!/bin/sh
		command=\$1
		shift
		case \$command in
		trace | top | hist | figure | heat | record) set -- --backend $BACKEND "\$@" ;;
		esac
		exec $(command -v iophase) \$command "\$@"
	WRAPPER
	chmod +x "$TMP/bin/iophase"
	PATH=$TMP/bin:$PATH
fi

# What a kernel or a backend has a part in is tested on each of them; what is decided
# in user space, or by code that all share, on 6.1 with QUICK: iophase starts there in
# a third of the time. FULL=1: everywhere, with that backend.
QUICK="--backend tracepoint"
[ -z "${FULL:-}" ] || QUICK=
at_length()
{
	[ -n "${FULL:-}" ] || [ "$VM_KERNEL${BACKEND:-}" = 6.1 ]
}

# Runs of programs that the kernel may have skipped. It passes a kprobe by that hits
# while another runs, and says so since 6.7; 7.x a program that is preempted by itself:
# whether a read is missing is looked at.
MAY_MISS=0
case $VM_KERNEL${BACKEND:-} in *kprobe | 7.x*) MAY_MISS=10 ;; esac

# Each of these counters is 0, and no more runs were skipped than may be.
nothing_lost() # FILE DESCRIPTION COUNTER...
{
	is "$(values counters missed "${@:3}" < "$1" | awk -v may=$MAY_MISS '
		{ for (i = 2; i <= NF; i++) lost += $i != 0 }
		$1 > may || lost { print }
		END { if (NR != 1) print NR + 0, "lines of counters" }')" "" "$2: nothing is lost"
}

# Numbers that differ by at most PERCENT of the first.
close_to() # THEIRS OURS PERCENT DESCRIPTION
{
	if awk -v a="$1" -v b="$2" -v p="$3" \
		'BEGIN { d = a - b; exit !(a > 0 && (d < 0 ? -d : d) <= a * p / 100) }'; then
		ok "$4 ($1, $2)"
	else
		not_ok "$4: theirs $1, ours $2"
	fi
}

# Of each object of a type in JSON lines, the values of these keys.
values() # TYPE KEY... < FILE
{
	awk -v keys="$*" 'BEGIN { n = split(keys, key, " ") }
	index($0, "\"type\":\"" key[1] "\"") {
		for (i = 2; i <= n; i++) {
			match($0, "\"" key[i] "\":(\"[^\"]*\"|[[][^]]*]|[^,}]*)")
			v = substr($0, RSTART + length(key[i]) + 3,
				   RLENGTH - length(key[i]) - 3)
			gsub(/"|[[]|]/, "", v)
			printf "%s%s", v == "" ? "-" : v, i < n ? " " : "\n"
		}
	}'
}

# A file for the reads of each thread in a trace, PREFIX and its number: to look
# through all of them for a few takes its time in an emulated machine.
by_thread() # PREFIX < TRACE
{
	awk -v prefix="$1" 'match($0, /"type":"read".*"tid":[0-9]+/) {
		tid = substr($0, RSTART, RLENGTH)
		sub(/.*:/, "", tid)
		print > (prefix tid)
	}'
}

# Traces programs in one session, since iophase's start takes the longest: lines
# "NAME: COMMAND". The reads of each and of its children are in $TMP/NAME then.
trace_all() # < LINES
{
	local name command

	while IFS=: read -r name command; do
		: > "$TMP/$name"
		echo "sh -c 'echo $name \$\$ >> $TMP/pids; exec $command' ||
			echo $name >> $TMP/failed"
	done > "$TMP/commands"
	: > "$TMP/failed"
	iophase trace --json -o "$TMP/all" -- sh "$TMP/commands" > "$TMP/said" 2> "$TMP/err"
	is "$? $(xargs < "$TMP/failed")" "0 " "all are traced to their ends"
	is "$(values counters lost rejected unmatched < "$TMP/all")" "0 0 0" \
		"nothing is lost, rejected or unmatched"
	# ids rise: from a program's own up to the next one's are its children's
	awk -v dir="$TMP/" 'FNR == NR { name[++n] = $1; own[n] = $2; next }
	/"type":"read"/ && match($0, /"pid":[0-9]+/) {
		pid = substr($0, RSTART + 6, RLENGTH - 6)
		for (i = n; i > 1 && own[i] > pid + 0; i--)
			;
		print > (dir name[i])
	}' "$TMP/pids" "$TMP/all"
}

# The thread that a run of the lab read with.
lab_thread() # LAB
{
	values read tid < "$1" | head -n 1
}

have() # PROGRAM
{
	command -v "$1" > /dev/null
}

# Tries a shell condition for up to 20 s.
wait_for() # CONDITION
{
	local i

	for i in $(seq 100); do
		eval "$1" && return
		sleep 0.2
	done
	echo "gave up on: $1" >&2
	return 1
}
