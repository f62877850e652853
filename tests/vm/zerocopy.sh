#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# iophase zerocopy says of each path what the programs on it were told by the kernel:
# calls, bytes, what of these was copied and what was moved, to the byte.
# vm: kernel=6.1 cpus=1 icount=1
# vm: kernel=6.12 cpus=1 icount=1
# vm: kernel=7.x cpus=1 icount=1
. "$(dirname "$0")/lib.sh"

# Modules that these kernels keep apart.
for root in build/vm/*/root; do
	[ -e "/lib/modules/$(uname -r)" ] || [ ! -e "$root/lib/modules/$(uname -r)" ] ||
		{ mkdir -p /lib && ln -s "$PWD/$root/lib/modules" /lib/modules; }
done
modprobe -a veth dummy

# Two hosts, and a network that drops what it is given.
ip netns add peer
ip link add near type veth peer name far netns peer
ip addr add 10.8.8.1/24 dev near
ip link set near up
ip -n peer addr add 10.8.8.2/24 dev far
ip -n peer link set far up
ip link add drop type dummy
ip addr add 10.9.9.1/24 dev drop
ip link set drop up
ip neigh add 10.9.9.9 lladdr 02:00:00:00:00:09 dev drop

FAR="10.8.8.2 /run/netns/peer"
cat > "$TMP/cases" <<-CASES
	tcp tcp
	udp udp
	unix unix
	unix-dgram unix-dgram
	mmsg mmsg
	odd odd
	sendfile sendfile
	sendfile-unix sendfile-unix
	sendfile-made sendfile-made
	splice-out splice-out
	splice-out-unix splice-out-unix
	vmsplice vmsplice
	splice-in splice-in
	splice-in-unix splice-in-unix
	zerocopy zerocopy
	zerocopy-unread zerocopy-unread
	zerocopy-unasked zerocopy-unasked
	zerocopy-udp zerocopy-udp
	dropped zerocopy-dropped 10.9.9.9
	uring uring
	uring-msg uring-msg
	uring-batches uring-batches
	uring-dropped uring-dropped 10.9.9.9
	receive receive
	interrupted interrupted
	closed closed
	killed killed
	far-tcp tcp $FAR
	far-sendfile sendfile $FAR
	far-vmsplice vmsplice $FAR
	far-zerocopy zerocopy $FAR
	far-uring uring $FAR
	far-splice-in splice-in $FAR
	far-batches uring-batches $FAR
	timed-out timed-out $FAR
	killed-at-once killed-at-once $FAR
	killed-slowly killed-slowly $FAR
CASES
! grep -q ' io_recvzc$' /proc/kallsyms || echo uring-receive uring-receive >> "$TMP/cases"

# One session for all, as its start takes the longest.
while read -r name arguments; do
	echo "$PROGRAMS/zerocopy $arguments > $TMP/said.$name 2>> $TMP/err ||
		echo $name failed >> $TMP/err"
done < "$TMP/cases" > "$TMP/commands"
: > "$TMP/err"
iophase zerocopy --json -i 1000 -o "$TMP/all" -- sh "$TMP/commands" 2> "$TMP/complaints"
is "$? $(cat "$TMP/complaints" "$TMP/err")" "0 " "iophase and programs have no complaints"
nothing_lost "$TMP/all" "all paths" lost rejected unmatched threads_full notes_full
is "$(jq -s 'map(select(.type == "zerocopy" and .copied_bytes + .moved_bytes != .bytes)) |
	length' "$TMP/all")" 0 "copied and moved are all bytes"

# Of all intervals: pid, path, calls, bytes, copied, moved, fell back; what is pending.
jq -rs 'map(select(.type == "zerocopy")) | group_by([.pid, .path])[] |
	select((map(.calls) | add) + last.pending_calls > 0) | [.[0].pid, .[0].path,
	(map(.calls) | add), (map(.bytes) | add), (map(.copied_bytes) | add),
	(map(.moved_bytes) | add), (map(.fell_back_calls) | add), last.pending_calls,
	last.pending_bytes, (last.causes | join(","))] | map(tostring) | join(" ")' \
	"$TMP/all" > "$TMP/ours"
[ -z "${VM_DEBUG:-}" ] || cat "$TMP/ours" "$TMP"/said.* | sed 's/^/# /'

# What the programs of a case say and iophase does not, or the other way round.
differences() # CASE
{
	awk 'FNR == NR {
		if ($1 != "row") next
		key = $2 " " $3
		pids[$2]
		for (i = 4; i <= 8; i++) theirs[key, i] = $i
		keys[key]
		next
	}
	$1 in pids {
		key = $1 " " $2
		if (!(key in keys)) { print key, "is not said"; next }
		pending += $8
		$3 += $8
		$4 += $9
		for (i = 4; i <= 8; i++)
			if (theirs[key, i] != "-" && theirs[key, i] != $(i - 1))
				print key, i, "theirs", theirs[key, i], "ours", $(i - 1)
		delete keys[key]
	}
	END {
		for (key in keys) if (theirs[key, 4]) print key, "is not seen"
		if (pending) print pending, "pending"
	}' \
		"$TMP/said.$1" "$TMP/ours"
}

while read -r name arguments; do
	left=
	[ "$name" != killed-slowly ] || left="3 pending"
	is "$(differences "$name")" "$left" "$name: calls, bytes, copied, moved"
done < "$TMP/cases"

# For people, and of some alone.
echo "$PROGRAMS/zerocopy zerocopy; $PROGRAMS/zerocopy splice-in-unix" > "$TMP/commands"
iophase zerocopy -i 1000 -- sh "$TMP/commands" > "$TMP/text" 2> "$TMP/complaints"
is "$(awk 'length > 80' "$TMP/text")" "" "text fits in 80 columns"
is "$(grep -c '^        zc_send: received or tapped on this machine$' "$TMP/text")" 1 \
	"and says why"
is "$(awk '$1 != "row" && $3 == "zc_send" { print $4, $5, $6, $7, $8 }' "$TMP/text")" \
	"20 602k 602k 0 100%" "and how much"
"$PROGRAMS/zerocopy" tcp > /dev/null & # nobody asked for it
iophase zerocopy --json -i 1000 -- "$PROGRAMS/zerocopy" udp > "$TMP/said.udp" 2> "$TMP/err"
is "$(values zerocopy pid path bytes < <(grep -v '^row' "$TMP/said.udp") | sort)" \
	"$(awk '/^row/ { print $2, $3, $5 }' "$TMP/said.udp" | sort)" "only who was asked for"

# Reads by splice are reads: they wait as others do, and copy nothing.
iophase trace --json -o "$TMP/trace" -- "$PROGRAMS/zerocopy" splice-in > /dev/null 2> "$TMP/err"
is "$(jq -s 'map(select(.call == "splice")) | (map(.bytes) | add), (map(.copy_ns) | add)' \
	"$TMP/trace" | xargs)" "202000 0" "trace: all that is spliced, and no copy"
iophase trace --json -o "$TMP/trace" -- "$PROGRAMS/zerocopy" interrupted > /dev/null 2> "$TMP/err"
close_to 100 "$(jq 'select(.call == "splice" and .errno == 4) | .wait_ns / 1000000' \
	"$TMP/trace")" 2 "trace: a splice that a signal ends has waited until then"
nothing_lost "$TMP/trace" trace rejected unmatched
