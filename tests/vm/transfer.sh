#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# iophase-lab copy, mmap, sendfile, splice, zerocopy: what each knows of a file that it
# sends is what iophase zerocopy finds out, and its system calls are those that strace
# sees. Times are instructions here.
# vm: kernel=6.1 cpus=1 icount=1
# vm: kernel=7.x cpus=1 icount=1
. "$(dirname "$0")/lib.sh"

WAYS="copy mmap sendfile splice zerocopy"
for way in $WAYS; do
	echo "iophase-lab $way --json --megabytes 2"
	echo "iophase-lab $way --json --megabytes 1 --size 10000"
done > "$TMP/commands"
iophase zerocopy --json -i 1000 -o "$TMP/all" -- sh "$TMP/commands" > "$TMP/said" 2> "$TMP/err"
is "$? $(cat "$TMP/err")" "0 " "iophase and the lab have no complaints"
is "$(values counters lost rejected unmatched notes_full missed < "$TMP/all")" \
	"0 0 0 0 0" "nothing is lost"
of=(pid path calls bytes copied_bytes moved_bytes fell_back_calls)
{
	values transfer "${of[@]}" 0 < "$TMP/said"
	values transfer reader_pid '"recv"' reader_calls reader_bytes reader_bytes 0 0 0 \
		< "$TMP/said"
} > "$TMP/expected"
is "$(values 'zerocopy: calls > 0' "${of[@]}" pending_calls < "$TMP/all" | sort)" \
	"$(sort "$TMP/expected")" "each way, and its reader: calls, bytes, copied, moved, fell back"
is "$(values transfer way '(copied_bytes + read_bytes) / bytes' 'fell_back_calls > 0' \
	< "$TMP/said" | sed -n 'p;n' | xargs)" \
	"copy 2 0 mmap 1 0 sendfile 0 0 splice 0 0 zerocopy 1 1" \
	"two copies, one, none, none; and one over loopback, where none was asked for"

# The program's own count against strace's.
for way in $WAYS; do
	strace -o "$TMP/strace" iophase-lab $way --json --megabytes 1 > "$TMP/said"
	is "$(awk '/^lseek/ { n = 0; on = 1; next } /^shutdown/ { on = 0 }
		on && !/^(---|brk|mremap)/ { n++ } END { print n }' "$TMP/strace")" \
		"$(values transfer system_calls < "$TMP/said")" \
		"$way: system calls as strace has them"
done

# What each takes, without a tracer: docs/cost.md.
for way in $WAYS; do
	iophase-lab $way
done > "$TMP/text"
is $? 0 "a table each"
sed 's/^/# /' "$TMP/text"
cost() # WAY: of all
{
	awk -v way="$1" '$1 == way { print $NF }' "$TMP/text"
}
[ "$(cost copy)" -gt "$(cost mmap)" ] && ok "read() and send() take more than send() alone" ||
	not_ok "copy $(cost copy), mmap $(cost mmap)"
[ "$(cost zerocopy)" -gt "$(cost mmap)" ] &&
	ok "MSG_ZEROCOPY that is copied takes more than a send()" ||
	not_ok "zerocopy $(cost zerocopy), mmap $(cost mmap)"
