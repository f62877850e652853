#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# Inside a PID namespace (docker exec, a pod) ids are those of the namespace, for what
# is asked for and for what is shown; in a time namespace there is one clock.
# vm: kernel=6.1 cpus=1 icount=1
# vm: kernel=6.12 cpus=1 icount=1
# vm: kernel=6.1 cpus=1 icount=1 backend=kprobe
# shellcheck disable=SC2086 # QUICK is words
. "$(dirname "$0")/lib.sh"

out=$TMP/out err=$TMP/err

inside() # COMMAND...
{
	unshare -p --fork --mount-proc "$@"
}

reads() # the processes whose reads were shown, and how many
{
	values read pid < "$out" | awk '!($1 in seen) { seen[$1]; list = list sep $1; sep = "," }
		END { print "[" list "] " NR }'
}

# Runs the lab, and says which process it is.
cat > "$TMP/lab-pid" <<LAB
#!/bin/sh
echo \$\$ > $TMP/pid
exec $(command -v iophase-lab) blocking --delay 20 "\$@" > /dev/null 2>&1
LAB
chmod +x "$TMP/lab-pid"

# --- with each backend -------------------------------------------------------------

# A reader outside whose id is, inside, another reader's.
"$LAB" blocking --delay 20 --count 100000 &
outer=$!
cat > "$TMP/same" <<SAME
echo \$(($outer - 1)) > /proc/sys/kernel/ns_last_pid
$TMP/lab-pid --count 100000 &
[ \$! = $outer ] || echo "# the ids differ: \$! and $outer"
sleep 0.5
iophase trace --json "\$@" -p \$! -n 20 -d 20
kill \$!
SAME
inside sh "$TMP/same" > "$out" 2> "$err"
is "$(reads)" "[$outer] 20" "inside: -p is who has the id there"
is "$(values read 'count(tid != pid)' < "$out")" 0 "by its own ids"
is "$(values "read by local" 'count(1)' < "$out")" 20 \
	"and nobody else's reads"
inside iophase top --json -n 2 -- "$TMP/lab-pid" --count 100000 > "$out" 2> "$err"
is "$(values top pid comm < "$out" | sort -u)" "$(cat "$TMP/pid") iophase-lab" \
	"rows have the ids of the namespace"
at_length || {
	kill $outer
	pkill -x iophase-lab
	exit 0
}

# --- more ways to say it --------------------------------------------------------------

iophase trace $QUICK --json -- unshare -p --fork "$TMP/lab-pid" --count 3 > "$out" 2> "$err"
is "$(values read 'count(pid > 1)' 'count(1)' < "$out")" "3 3" \
	"from outside: the outer ids of what is inside"
is "$(cat "$TMP/pid")" 1 "which is process 1 there"

inside iophase trace $QUICK --json -- "$TMP/lab-pid" --count 3 > "$out" 2> "$err"
is "$?, $(reads)" "0, [$(cat "$TMP/pid")] 3" "inside: PROGRAM"
inside iophase trace $QUICK --json -- sh -c "$TMP/lab-pid --count 3; exit" > "$out" 2> "$err"
is "$(reads)" "[$(cat "$TMP/pid")] 3" "inside: a child of PROGRAM"

inside sh "$TMP/same" $QUICK -t $outer > "$out" 2> "$err"
is "$(reads)" "[$outer] 20" "inside: -t"
inside sh -c "sleep 3 & iophase trace $QUICK --json -p \$! -d 1" > "$out" 2> "$err"
is "$(reads)" "[] 0" "inside: -p of who does not read shows nobody else"
inside sh -c "$TMP/lab-pid --count 100000 & sleep 0.5
	iophase trace $QUICK --json -c 'iophase-la?' -p \$! -n 3 -d 20; kill \$!" > "$out" 2> "$err"
is "$(reads)" "[$(cat "$TMP/pid")] 3" "inside: -c"
inside sh -c "sh -c '$TMP/lab-pid --count 100000; exit' & sleep 1
	iophase trace $QUICK --json -f -p \$! -n 3 -d 20; kill \$(cat $TMP/pid)" > "$out" 2> "$err"
is "$(reads)" "[$(cat "$TMP/pid")] 3" "inside: -f"
unshare -p --fork iophase trace -c sh > "$out" 2> "$err"
is "$?, $(cat "$err")" "1, iophase: /proc shows another PID namespace's processes, so -c and -f \
cannot find any: mount it anew (unshare --mount-proc)" "inside, with the outer /proc: one line"

inside iophase top $QUICK --json -n 3 > "$out" 2> "$err"
is "$(values 'top: comm == "iophase"' 'count(1)' < "$out")" 0 \
	"inside: iophase does not see itself"
is "$(values 'top: comm == "iophase-lab"' pid < "$out" | sort -u)" null \
	"what has no id there has none"
kill $outer
pkill -x iophase-lab

# --- time ------------------------------------------------------------------------------

# Of top and trace, and of the kernel's own log, in s.
clock() # COMMAND...
{
	"$@" 2> "$err" | jq -rs '[.[] | select(.ts_ns) | .ts_ns / 1000000000 | floor] | min, max'
}
for command in "trace" "top -n 1" "hist -n 1"; do
	before=$(cut -d . -f 1 /proc/uptime)
	# shellcheck disable=SC2046,SC2086 # words, numbers
	set -- $(clock unshare -T --monotonic 100000 --boottime 0 --fork \
		iophase $command $QUICK --json -- "$LAB" blocking --count 3)
	after=$(($(cut -d . -f 1 /proc/uptime) + 1))
	[ "${1:-0}" -ge "$before" ] && [ "${2:-0}" -le $after ] &&
		ok "in a time namespace $command goes by the machine's clock" ||
		not_ok "$command: $*, between $before and $after"
done
