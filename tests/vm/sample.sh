#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# --sample: one in N reads, by chance. The counters stay honest, and a sampled
# read is measured as it would have been without sampling: its model and its
# polls depend on reads before it that were not sampled.
# vm: kernel=6.1 cpus=1 icount=1
# vm: kernel=6.1 cpus=2 full=1
. "$(dirname "$0")/lib.sh"

READER=build/tests/vm/random_reads
out=$TMP/out

# Within five standard deviations of a coin that falls one in N times.
by_chance() # READS N SAMPLED DESCRIPTION
{
	awk -v n="$1" -v in_n="$2" -v got="$3" 'BEGIN {
		p = 1 / in_n; d = got - n * p
		exit !(n > 0 && d * d <= 25 * n * p * (1 - p)) }' &&
		ok "$4 ($3 of $1)" || not_ok "$4: $3 of $1, one in $2"
}

counters_agree() # JSON-FILE
{
	[ "$(values counters 'seen > 0' 'seen == shown + filtered + lost + rejected + unsampled' \
		'seen_bytes == shown_bytes + filtered_bytes + lost_bytes + rejected_bytes +
			unsampled_bytes' < "$1")" = "1 1 1" ]
}

# --- trace: each sampled read is one of the generator's, in its order ------------

iophase trace --json --sample 3 -- sh -c "$READER 1500 7 > $TMP/list" > "$out"
grep -v eagains "$TMP/list" > "$TMP/made"
values read tid fd call bytes errno model polls < "$out" > "$TMP/seen"
is "$(awk '
	FNR == NR { list[$1, ++made[$1]] = $0; next }
	{
		while (at[$1] < made[$1]) {
			split(list[$1, ++at[$1]], want)
			same = 1
			for (i = 1; i <= 7; i++)
				same = same && (want[i] == $i || want[i] == "-")
			if (same)
				next
		}
		print
	}' "$TMP/made" "$TMP/seen" | head -n 5)" "" \
	"every sampled read is one that was made"
counters_agree "$out" && ok "trace: seen = shown + ... + unsampled" ||
	not_ok "trace: $(tail -n 1 "$out")"
is "$(values counters seen < "$out")" "$(wc -l < "$TMP/made")" \
	"trace: seen are all reads, sampled or not"
by_chance "$(wc -l < "$TMP/made")" 3 "$(wc -l < "$TMP/seen")" "trace: one in three"
is "$(values counters polls < "$out")" "$(sed -n 's/^eagains //p' "$TMP/list")" \
	"every EAGAIN is counted"
is "$(values read 'sample == 3' 'total_ns >= 0 &&
	total_ns == wait_ns + wake_ns + dispatch_ns + copy_ns + rest_ns' < "$out" | sort -u)" \
	"1 1" "trace: marked, and the phases add up"
