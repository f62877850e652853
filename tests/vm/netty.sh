#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# iophase and Netty: loops, channels, roles and groups are Netty's own, no channel ever
# moves, and a client waits longer for Channel.write() than for
# ChannelHandlerContext.write() by what the handler between them takes.
# vm: kernel=6.1 cpus=1 icount=1
# vm: kernel=6.12 cpus=1 icount=1 full=1
# vm: kernel=7.x cpus=1 icount=1 full=1
. "$(dirname "$0")/lib.sh"

[ -e /usr/share/java/netty-transport.jar ] && [ -x /usr/lib/jvm/default-java/bin/javac ] || {
	skip "there is no Netty, or no Java"
	exit
}

iophase loops --json --channels -i 0.5 -o "$TMP/out" -- tools/lab/netty/run -Dhold=3000 NettyLab \
	server one-group client > "$TMP/said" 2> "$TMP/err"
is "$? $(cat "$TMP/err")" "0 " "iophase and Netty have nothing to complain about"
is "$(values counters lost rejected threads_full socks_full loops_full channels_full \
	< "$TMP/out")" "0 0 0 0 0 0" "nothing is lost"
values channel ts_ns tid local peer moved < "$TMP/out" |
	sed 's|[[:graph:]]*127.0.0.1]*:||g' > "$TMP/channels"
values group ts_ns role loops channels < "$TMP/out" > "$TMP/groups"
values "loop by tid: tid > 0" tid role 'sum(accepts)' 'sum(reads)' 'max(moved)' \
	< "$TMP/out" > "$TMP/loops"

# The last interval in which a mode's loops had the most channels.
when() # MODE
{
	awk -v mode="$1" 'FNR == NR { if ($1 == "loop" && $2 == mode) ours[$3]; next }
		$2 in ours { n[$1]++; if (n[$1] >= most) { most = n[$1]; ts = $1 } }
		END { print ts }' "$TMP/said" "$TMP/channels"
}

# A mode's loops: role, accepts and reads, of which each channel's end is one.
loops_of() # MODE
{
	awk -v mode="$1" 'FNR == NR { if ($1 == "loop" && $2 == mode) ours[$3]; next }
		$1 in ours { print $1, $2, $3, $4 }' "$TMP/said" "$TMP/loops" | sort -n
}

# The same as Netty has it.
expected_loops() # MODE ACCEPTOR-ROLE ROLE ENDS
{
	awk -v mode="$1" -v acceptor="$2" -v role="$3" -v ends="$4" '
		$2 != mode { next }
		$1 == "loop" { loop[$3]; reads[$3] += $4; if (!first) first = $3 }
		$1 == "channel" { n++; reads[$3] += ends }
		END {
			for (l in loop)
				print l, l == first ? acceptor : role,
				      l == first && acceptor != "client" ? n : 0, reads[l]
		}' "$TMP/said" | sort -n
}

for mode in server one-group client; do
	ts=$(when $mode)
	case $mode in
	server) roles="acceptor worker" groups="acceptor 1 0, worker 4 40" ends=1 ;;
	one-group) roles="both worker" groups="both 2 8" ends=1 ;;
	client) roles="client client" groups="client 2 8" ends=0 ;;
	esac
	is "$(awk -v ts="$ts" '$1 == ts { print $2, $3, $4 }' "$TMP/channels" | sort)" \
		"$(awk -v mode=$mode '$1 == "channel" && $2 == mode { print $3, $4, $5 }' \
			"$TMP/said" | sort)" "$mode: each loop's channels are Netty's"
	# shellcheck disable=SC2086 # two words
	is "$(loops_of $mode)" "$(expected_loops $mode $roles $ends)" \
		"$mode: roles, accepts and reads"
	is "$(awk -v ts="$ts" '$1 == ts { printf "%s%s %s %s", s, $2, $3, $4; s = ", " }' \
		"$TMP/groups")" "$groups" "$mode: groups"
done
is "$(awk '$1 == "channel"' "$TMP/said" | wc -l)" 56 "Netty had 40, 8 and 8 channels"
is "$(awk '$1 == "outside" { n += $3 } END { print n }' "$TMP/said")" 0 \
	"Netty read each in its own loop"
is "$(cut -d ' ' -f 5 "$TMP/channels" "$TMP/loops" | sort -u)" 0 "and none has moved"

# The handler of 5 ms is passed by what is written to the channel alone.
iophase trace --json -c client -o "$TMP/trace" -- tools/lab/netty/run NettyLab write \
	> "$TMP/said" 2> "$TMP/err"
handlers_of() # CALL
{
	sed -n "s/^$1() *[0-9.]* ms *//p" "$TMP/said" | uniq -c | xargs
}
is "$(handlers_of Channel.write)" "3 answer -> slow -> quick" \
	"Channel.write() begins at the tail"
is "$(handlers_of ChannelHandlerContext.write)" "3 answer -> quick" \
	"ChannelHandlerContext.write() begins at the handler before"
median_wait() # BYTES: of all but the first, in µs
{
	values "read: bytes == $1" wait_ns < "$TMP/trace" |
		awk 'NR > 1 { print int($1 / 1000) }' |
		sort -n | sed -n 2p
}
channel=$(median_wait 16) context=$(median_wait 30)
is "$((channel - context > 5000 && channel - context < 5500)) $((context > 1000))" "1 1" \
	"the client waits 5 ms longer for Channel.write() ($channel, $context µs)"
