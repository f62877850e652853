#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# iophase zerocopy says of each path what the programs on it were told by the kernel:
# calls, bytes, what of these was copied and what was moved, to the byte, and why it
# fell back; and as many bytes as /proc/net/netstat has.
# vm: kernel=6.1 cpus=1 icount=1
# vm: kernel=6.12 cpus=1 icount=1
# vm: kernel=7.x cpus=1 icount=1
# vm: kernel=7.x cpus=2 full=1
# vm: kernel=6.12-arm64 cpus=1 icount=1 full=1
# vm: kernel=5.10 backend=kprobe cpus=1 icount=1
# vm: kernel=6.1 backend=kprobe cpus=1 icount=1 full=1
# vm: kernel=6.12 backend=kprobe cpus=1 icount=1 full=1
# vm: kernel=7.x backend=kprobe cpus=1 icount=1 full=1
# vm: kernel=6.12-arm64 backend=kprobe cpus=1 icount=1 full=1
. "$(dirname "$0")/lib.sh"

# Modules that these kernels keep apart.
for root in build/vm/*/root; do
	[ -e "/lib/modules/$(uname -r)" ] || [ ! -e "$root/lib/modules/$(uname -r)" ] ||
		{ mkdir -p /lib && ln -s "$PWD/$root/lib/modules" /lib/modules; }
done
modprobe -a veth dummy brd

# Two hosts, and a network that drops what it is given. A run before this one, by another
# backend, had the same, and the kernel takes a namespace's links away when it likes.
for link in near drop; do
	[ ! -e /sys/class/net/$link ] || ip link del $link
done
unshare -n sleep 1000000 &
peer=$!
wait_for "[ \$(readlink /proc/$peer/ns/net) != \$(readlink /proc/self/ns/net) ]"
ip link add near type veth
ip link set veth0 name far
ip link set far netns $peer
# Neither asks for the other's address, as what waits for an answer outlives its sender:
# a network that is off and on again would then carry it, and copy it.
ip link set near address 02:00:00:00:00:08 arp off
ip addr add 10.8.8.1/24 dev near
ip link set near up
nsenter -t $peer -n ip link set far address 02:00:00:00:00:08 arp off
nsenter -t $peer -n ip addr add 10.8.8.2/24 dev far
nsenter -t $peer -n ip link set far up
ip link add drop type dummy
ip link set drop arp off
ip addr add 10.9.9.1/24 dev drop
ip link set drop up
ip link set lo up
mkdir -p /dev/shm
mount -t tmpfs none /dev/shm

# What to compare with /proc/net/netstat beside what the program says: what was sent,
# and what was received. A receiver that peeks, cuts or closes has another number.
FAR="10.8.8.2 /proc/$peer/ns/net"
cat > "$TMP/cases" <<-CASES
	tcp both tcp
	udp sent udp
	unix - unix
	unix-dgram - unix-dgram
	mmsg sent mmsg
	odd sent odd
	sendfile both sendfile
	sendfile-unix - sendfile-unix
	sendfile-unix-dgram - sendfile-unix-dgram
	sendfile-made both sendfile-made
	sendfile-direct both sendfile-direct
	sendfile-direct-tmpfs both sendfile-direct-tmpfs
	splice-out both splice-out
	splice-out-unix - splice-out-unix
	vmsplice both vmsplice
	vmsplice-odd both vmsplice-odd
	splice-in both splice-in
	splice-in-unix - splice-in-unix
	splice-in-udp sent splice-in-udp
	sendfile-in both sendfile-in
	sendfile-in-unix - sendfile-in-unix
	sendfile-in-udp sent sendfile-in-udp
	zerocopy both zerocopy
	zerocopy-unread both zerocopy-unread
	zerocopy-unasked both zerocopy-unasked
	zerocopy-udp sent zerocopy-udp
	dropped sent zerocopy-dropped 10.9.9.9
	small sent zerocopy-small 10.9.9.9
	no-sg sent zerocopy-no-sg 10.9.9.9
	asleep - asleep
	uring-copied both uring-copied
	uring both uring
	uring-msg both uring-msg
	uring-batches both uring-batches
	uring-dropped sent uring-dropped 10.9.9.9
	receive both receive
	interrupted both interrupted
	full both full
	closed - closed
	closed-splice - closed-splice
	closed-zerocopy - closed-zerocopy
	closed-uring - closed-uring
	closed-pipe sent closed-pipe
	killed both killed
	far-tcp both tcp $FAR
	far-udp sent udp $FAR
	far-sendfile both sendfile $FAR
	far-splice-out both splice-out $FAR
	far-vmsplice both vmsplice $FAR
	far-zerocopy both zerocopy $FAR
	far-zerocopy-udp sent zerocopy-udp $FAR
	far-uring both uring $FAR
	far-splice-in both splice-in $FAR
	far-receive both receive $FAR
	far-batches both uring-batches $FAR
	far-full both full $FAR
	far-closed - closed-zerocopy $FAR
	timed-out - timed-out $FAR
	killed-at-once - killed-at-once $FAR
	killed-uring - killed-uring $FAR
	killed-slowly - killed-slowly $FAR
CASES
[ -b /dev/ram1 ] || sed -i '/^sendfile-direct /d' "$TMP/cases"
[ "$VM_KERNEL" != 5.10 ] || {
	sed -i '/^sendfile-in/d' "$TMP/cases"
	skip "no sendfile from a socket to a pipe before 5.12"
}
grep -qE ' io_(uring_tx_zerocopy_callback|tx_ubuf_complete)$' /proc/kallsyms || {
	sed -i -E '/ (uring|uring-(msg|batches|dropped)|(closed|killed)-uring)( |$)/d' "$TMP/cases"
	skip "there is no SEND_ZC"
}
# First: what the last one has left in the far queue is sent when it will.
! grep -q ' io_recvzc$' /proc/kallsyms ||
	sed -i "1i uring-receive both uring-receive\nfar-uring-receive both uring-receive $FAR" \
		"$TMP/cases"

# One session for all, as its start takes the longest.
NETSTAT="/proc/net/snmp /proc/net/netstat"
while read -r name netstat arguments; do
	for when in before after; do
		[ "$netstat" = - ] || echo "cat $NETSTAT > $TMP/near.$name.$when"
		case $name in far-*)
			echo "nsenter -t $peer -n cat $NETSTAT > $TMP/far.$name.$when" ;;
		esac
		[ $when = after ] ||
			echo "$PROGRAMS/zerocopy $arguments > $TMP/said.$name 2>> $TMP/err ||
				echo $name failed >> $TMP/err"
	done
done < "$TMP/cases" > "$TMP/commands"
: > "$TMP/err"
iophase zerocopy --json -i 1000 -o "$TMP/all" -- sh "$TMP/commands" 2> "$TMP/complaints"
is "$? $(cat "$TMP/complaints" "$TMP/err")" "0 " "iophase and programs have no complaints"
is "$(values counters missed lost rejected unmatched threads_full notes_full < "$TMP/all" |
	awk -v may=$((MAY_MISS * $(wc -l < "$TMP/cases"))) '{
		print ($1 <= may), $2, $3, $4, $5, $6 }')" "1 0 0 0 0 0" \
	"nothing is lost"
is "$(values 'zerocopy: copied_bytes + moved_bytes != bytes' pid path < "$TMP/all")" "" \
	"copied and moved are all bytes"

# Of all intervals: pid, path, calls, bytes, copied, moved, fell back, failed, causes;
# what is pending.
values zerocopy pid path calls bytes copied_bytes moved_bytes fell_back_calls \
	failed_calls causes pending_calls pending_bytes < "$TMP/all" | awk '{
		key = $1 " " $2
		for (i = 3; i <= 8; i++) n[key, i] += $i
		if (!(key in causes)) causes[key] = "none"
		if ($9 != "-") causes[key] = $9
		pending[key] = $10 " " $11
	}
	END {
		for (key in causes) {
			line = key
			for (i = 3; i <= 8; i++) line = line " " n[key, i]
			print line, causes[key], pending[key]
		}
	}' > "$TMP/ours"
[ -z "${VM_DEBUG:-}" ] || cat "$TMP/ours" "$TMP"/said.* | sed 's/^/# /'

# What the programs of a case say and iophase does not, or the other way round.
differences() # CASE
{
	awk 'FNR == NR {
		if ($1 != "row") next
		key = $2 " " $3
		pids[$2]
		for (i = 4; i <= 10; i++) theirs[key, i] = $i
		keys[key]
		next
	}
	$1 in pids {
		key = $1 " " $2
		if (!(key in keys)) { print key, "is not said"; next }
		pending += $10
		$3 += $10
		$4 += $11
		for (i = 4; i <= 10; i++)
			if (theirs[key, i] != "-" && theirs[key, i] != $(i - 1))
				print key, i, "theirs", theirs[key, i], "ours", $(i - 1)
		delete keys[key]
	}
	END {
		for (key in keys) if (theirs[key, 4] + theirs[key, 9]) print key, "is not seen"
		if (pending) print pending, "pending"
	}' \
		"$TMP/said.$1" "$TMP/ours"
}

# What IP has carried beside its headers: sent, received, what of these TCP had to send
# again, and how many packets of data it has sent. A header of TCP is 52 bytes with its
# time, of UDP 28; it is 8 bytes longer where a connection begins.
carried() # CASE NEAR|FAR
{
	awk 'NR == FNR { sign = -1 }
	NR != FNR { sign = 1 }
	$1 in names {
		n = split(names[$1], name)
		for (i = 2; i <= n; i++) v[$1 name[i]] += sign * $i
		delete names[$1]
		next
	}
	{ names[$1] = $0 }
	END {
		opened = v["Tcp:ActiveOpens"] + v["Tcp:PassiveOpens"]
		headers = 52 * v["Ip:OutRequests"] - 24 * v["Udp:OutDatagrams"] + 8 * opened
		print v["IpExt:OutOctets"] - headers,
			v["IpExt:InOctets"] - 52 * v["Ip:InReceives"] - 8 * opened,
			v["Tcp:RetransSegs"], v["TcpExt:TCPOrigDataSent"]
	}' \
		"$TMP/$2.$1.before" "$TMP/$2.$1.after"
}

# The same by iophase: sent, received, of the programs of a case.
counted() # CASE
{
	awk 'FNR == NR { if ($1 == "row") pids[$2]; next }
	$1 in pids {
		received = $2 == "recv" || $2 == "splice_in" || $2 == "zc_receive" ||
			$2 == "uring_zcrx"
		n[received] += $4 + $11
	}
	END { print n[0] + 0, n[1] + 0 }' \
		"$TMP/said.$1" "$TMP/ours"
}

# Bytes that are sent again are carried again.
netstat_agrees() # CASE sent|both: TEXT if it does not
{
	there=near packet=65483

	case $1 in far-*) there=far packet=1448 ;; esac
	echo "$(carried "$1" near) $(carried "$1" $there) $(counted "$1")" |
		awk -v what="$2" -v packet=$packet '{
			sent = $1; again = $3 + $7; packets = $4; received = $6
			if (again ? sent < $9 : sent != $9)
				print "sent", sent, "ours", $9
			if (what == "both" && (again ? received < $10 : received != $10))
				print "received", received, "ours", $10
			if (packets && packets * packet < $9)
				print packets, "packets, ours", $9
		}'
}

while read -r name netstat arguments; do
	left=
	[ "$name" != killed-slowly ] || left="3 pending"
	is "$(differences "$name")" "$left" "$name: calls, bytes, copied, moved, causes"
	[ "$netstat" = - ] || is "$(netstat_agrees "$name" "$netstat")" "" \
		"$name: as many bytes as /proc/net/netstat has"
done < "$TMP/cases"

best=btf
[ "$VM_KERNEL" != 5.10 ] || best=kprobe
is "$(iophase doctor --json | values 'check: name == "zerocopy"' detail)" "it uses $best" \
	"doctor says what it uses"

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
grep -v '^row' "$TMP/said.udp" > "$TMP/all"
is "$(values zerocopy pid path bytes < "$TMP/all" | sort)" \
	"$(awk '/^row/ { print $2, $3, $5 }' "$TMP/said.udp" | sort)" "only who was asked for"

# What a kprobe at a return loses, and no system call tells.
unmatched=0
[ -z "${BACKEND:-}" ] || unmatched=1
iophase zerocopy --json -i 1000 -o "$TMP/all" -- "$PROGRAMS/zerocopy" asleep-batch \
	> "$TMP/said.asleep" 2> "$TMP/err"
is "$(values counters unmatched < "$TMP/all")" $unmatched "what is not seen is counted"
is "$(values 'zerocopy: path == "recv"' "sum(calls) + $unmatched" \
	"sum(bytes) + 500 * $unmatched" 'sum(bytes - copied_bytes)' < "$TMP/all")" \
	"$(awk '$3 == "recv" { print $4, $5, 0 }' "$TMP/said.asleep")" \
	"and all that is seen (runs skipped: $(values counters missed < "$TMP/all"))"

[ -z "${BACKEND:-}" ] || {
	skip "splice is no read by $BACKEND"
	kill $peer
	exit
}

# Reads by splice are reads: they wait as others do, and copy nothing.
iophase trace --json -o "$TMP/trace" -- "$PROGRAMS/zerocopy" splice-in > /dev/null 2> "$TMP/err"
is "$(values 'read: call == "splice"' 'sum(bytes)' 'sum(copy_ns)' < "$TMP/trace")" \
	"202000 0" "trace: all that is spliced, and no copy"
socket=$(values 'read: call == "splice"' fd < "$TMP/trace" | sort -u)
iophase trace --json -o "$TMP/trace" -- "$PROGRAMS/zerocopy" sendfile-in > /dev/null 2> "$TMP/err"
is "$(values 'read: call == "sendfile"' 'sum(bytes)' 'sum(copy_ns)' < "$TMP/trace")" \
	"202000 0" "trace: the same by sendfile to a pipe"
is "$(values 'read: call == "sendfile"' fd < "$TMP/trace" | sort -u)" "$socket" \
	"trace: its descriptor is the socket's"
iophase trace --json -o "$TMP/trace" -- "$PROGRAMS/zerocopy" interrupted > /dev/null 2> "$TMP/err"
# two CPUs are in real time, and this machine has other work
close_to 100000000 \
	"$(values 'read: call == "splice" && errno == 4' wait_ns < "$TMP/trace")" \
	"$([ "$(nproc)" = 1 ] && echo 2 || echo 50)" \
	"trace: a splice that a signal ends has waited until then"
is "$(values counters missed rejected unmatched < "$TMP/trace" |
	awk -v may=$MAY_MISS '{ print ($1 <= may), $2, $3 }')" "1 0 0" "trace: nothing is lost"
kill $peer
