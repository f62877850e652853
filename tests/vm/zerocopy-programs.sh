#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# iophase zerocopy and programs that send a file: Netty's FileRegion moves it, a ByteBuf
# and socat copy it, to the byte, and strace sees the same calls give as much.
# vm: kernel=6.1 cpus=1 icount=1
# vm: kernel=7.x cpus=1 icount=1 full=1
. "$(dirname "$0")/lib.sh"

BYTES=1000000
head -c $BYTES /dev/zero > "$TMP/file"

# Of all intervals: path, bytes, copied, moved, fell back; of paths that send.
sent() # FILE
{
	jq -rs 'map(select(.type == "zerocopy" and .bytes > 0 and
		(.path | IN("recv", "splice_in") | not))) | group_by(.path)[] |
		[.[0].path, (map(.bytes) | add), (map(.copied_bytes) | add),
		(map(.moved_bytes) | add), (map(.fell_back_calls) | add)] |
		map(tostring) | join(" ")' "$1"
}

# What these calls have returned, as strace saw it, of descriptors that are TCP sockets.
strace_bytes() # CALL FILE
{
	awk -v call="$1" '$0 ~ "(^|[ ])" call "\\([0-9]+<TCP" && $NF > 0 { n += $NF }
		END { print n + 0 }' "$2"
}

if have socat; then
	# of any family it would ask the kernel, by netlink, which there are
	sender="socat -u OPEN:$TMP/file TCP4:127.0.0.1:8095"
	receive()
	{
		socat -u TCP-LISTEN:8095,reuseaddr,bind=127.0.0.1 "CREATE:$TMP/$1" &
		wait_for "grep -q ':1F9F 00000000:0000 0A' /proc/net/tcp"
	}
	receive got
	# shellcheck disable=SC2086 # words
	iophase zerocopy --json -i 1000 -o "$TMP/all" -- $sender 2> "$TMP/err"
	wait
	cmp "$TMP/file" "$TMP/got" && ok "socat sends the file" || not_ok "$(cat "$TMP/err")"
	is "$(sent "$TMP/all")" "send $BYTES $BYTES 0 0" "socat: all is copied"
	receive again
	# shellcheck disable=SC2086
	strace -yy -o "$TMP/strace" -e trace=write,sendto,sendfile,splice $sender
	wait
	is "$(strace_bytes write "$TMP/strace")" $BYTES "socat: strace has as much"
else
	skip "there is no socat"
fi

[ -e /usr/share/java/netty-transport.jar ] && [ -x /usr/lib/jvm/default-java/bin/javac ] || {
	skip "there is no Netty, or no Java"
	exit
}
run="tools/lab/netty/run FileLab $TMP/file region buffer"
# shellcheck disable=SC2086
iophase zerocopy --json -i 1000 -o "$TMP/all" -- $run > "$TMP/said" 2> "$TMP/err"
is "$(cat "$TMP/said" "$TMP/err")" "sent region $BYTES
sent buffer $BYTES" "Netty sends the file twice"
is "$(values counters lost rejected missed < "$TMP/all")" "0 0 0" "nothing is lost"
is "$(sent "$TMP/all")" "send $BYTES $BYTES 0 0
sendfile $BYTES 0 $BYTES 0" "a FileRegion is moved, a ByteBuf is copied"
# shellcheck disable=SC2086
strace -f --seccomp-bpf -yy -o "$TMP/strace" -e trace=write,writev,sendto,sendfile $run \
	> /dev/null 2> "$TMP/err"
is "$(strace_bytes sendfile "$TMP/strace") $(strace_bytes write "$TMP/strace")" \
	"$BYTES $BYTES" "Netty: strace has as much of each"
