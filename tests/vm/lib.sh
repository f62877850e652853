# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# For tests that run as root inside the VM. Each prints TAP lines.
set -u
# shellcheck source=tests/tap.sh
. "$(dirname "$0")/../tap.sh"

TMP=$(mktemp -d)
trap 'rm -rf "$TMP"' EXIT

# The VM's script before this may have left them off.
echo 1 > /proc/sys/net/core/bpf_jit_enable
[ ! -e /sys/kernel/debug/kprobes/enabled ] || echo 1 > /sys/kernel/debug/kprobes/enabled

# The lab with nothing to say, for when standard output is the trace's.
LAB=$TMP/lab
printf '#!/bin/sh\nexec iophase-lab "$@" > /dev/null\n' > "$LAB"
chmod +x "$LAB"

# All that is tested runs out of RAM: a page that is fetched from outside takes its
# time in the middle of a read. It stays there for the VM's next script. In VMs that
# programs are built for (VM_SUFFIX) there is busybox, and of this tree build/ alone;
# TYPES is what iophase needs to be told there.
PROGRAMS=/run/programs
TYPES=
into_ram() # SUFFIX FILE...
{
	local suffix=$1 p to

	shift
	for p; do
		to=${p##*/}
		to=$PROGRAMS/${to%"$suffix"}
		[ -f "$p" ] && { [ ! -e "$to" ] || [ "$p" -nt "$to" ]; } || continue
		cp -p "$p" "$to"
	done
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

large()
{
	local p

	if [ ! -e "$PROGRAMS/iophase" ]; then # their libraries, too
		build/iophase --version > /dev/null
		build/iophase-lab --version > /dev/null
	fi
	into_ram "" build/iophase build/iophase-lab
	for p in build/tests/vm/*; do
		case ${p##*/} in
		*[-.]*) ;; # for another machine, or no program
		*) into_ram "" "$p" ;;
		esac
	done
}
mkdir -p "$PROGRAMS"
if [ -n "${VM_SUFFIX:-}" ]; then
	small
else
	large
fi
PATH=$PROGRAMS:$PATH

# BACKEND=kprobe bash tests/vm/phases.sh: the same test of another backend. A
# program, not a function, so that its process is iophase's own.
if [ -n "${BACKEND:-}" ]; then
	mkdir "$TMP/bin"
	cat > "$TMP/bin/iophase" <<-WRAPPER
		#!/bin/sh
		command=\$1
		shift
		case \$command in
		trace | top | hist | figure | heat | record | loops | zerocopy)
			set -- --backend $BACKEND "\$@"
			;;
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

# Of each object of a type in JSON lines, the values of these keys; of those alone that
# meet a condition, or sums over them all: check.c.
values() # "TYPE[ by KEY][: CONDITION]" EXPRESSION... < FILE
{
	check values "$@"
}

# What each line of a file in JSON is.
types() # < FILE
{
	sed 's/.*"type":"\([a-z_]*\)".*/\1/' | xargs
}

# nginx of two workers, whose connections stay, on port 8099: $TMP/nginx.conf.
nginx_conf() # [OPTIONS of listen]
{
	mkdir -p "$TMP/www" /var/log/nginx /var/lib/nginx
	echo 'Where does the time go?' > "$TMP/www/index.html"
	chmod 755 "$TMP"
	cat > "$TMP/nginx.conf" <<-CONF
		worker_processes 2;
		daemon off;
		pid $TMP/nginx.pid;
		error_log $TMP/error.log;
		events { worker_connections 128; }
		http {
			access_log off;
			keepalive_timeout 10000;
			server { listen 127.0.0.1:8099 $*; root $TMP/www; }
		}
	CONF
}

have() # PROGRAM
{
	command -v "$1" > /dev/null
}

# A case of loops.c, $held, that stays as it is then until go_on.
hold() # CASE
{
	mkfifo "$TMP/go.$1"
	"$PROGRAMS/loops" "$1" held < "$TMP/go.$1" > "$TMP/said.$1" &
	held=$!
	exec 7> "$TMP/go.$1"
	wait_for "grep -q ready '$TMP/said.$1'"
}

go_on()
{
	echo >&7
	exec 7>&-
}

# Tries a shell condition for up to 20 s.
wait_for() # CONDITION
{
	local i

	for i in $(seq 40); do
		eval "$1" && return
		sleep 0.5 # in emulation to look takes longer than to wait
	done
	echo "gave up on: $1" >&2
	return 1
}
