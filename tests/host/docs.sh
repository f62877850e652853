#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# The documents agree with the tree: every file is in docs/architecture.md, every
# JSON key in docs/json.md, and no room of user/ includes one above it.
set -u
cd "$(dirname "$0")/../.." || exit

ok() # DESCRIPTION
{
	echo "ok - $*"
}

not_ok() # DESCRIPTION
{
	echo "not ok - ${*//$'\n'/ | }"
}

# Nothing on standard input is good.
none() # DESCRIPTION
{
	local found

	found=$(head -20)
	[ -z "$found" ] && ok "$1" || not_ok "$1: $found"
}

# The files as the headings "### DIR/" and the rows below them have them.
listed()
{
	awk '/^### / { dir = $2 == "here" ? "" : $2 }
		/^\| `/ && listing {
			n = split($0, cell, "|")
			while (match(cell[2], /`[^`]*`/)) {
				print dir substr(cell[2], RSTART + 1, RLENGTH - 2)
				cell[2] = substr(cell[2], RSTART + RLENGTH)
			}
		}
		/^## / { listing = $0 == "## Every file" }' docs/architecture.md
}

present()
{
	git ls-files --cached --others --exclude-standard | while read -r f; do
		[ ! -e "$f" ] || echo "$f"
	done
}

if git rev-parse > /dev/null 2>&1; then
	mapfile -t patterns < <(listed)
	present | while read -r f; do
		for pattern in "${patterns[@]}"; do
			# shellcheck disable=SC2053 # it is a pattern
			[[ $f != $pattern ]] || continue 2
		done
		echo "$f"
	done | none "docs/architecture.md has every file"
else
	ok "docs/architecture.md has every file # SKIP this is no repository"
fi
listed | while read -r pattern; do
	compgen -G "$pattern" > /dev/null || echo "$pattern"
done | none "every file in docs/architecture.md is there"


build/iophase --json-reference | diff - docs/json.md |
	none "docs/json.md is what iophase --json-reference says"

# From the top down: a room includes itself and those after it.
rooms=(commands views split recording session options draw out base)
for i in "${!rooms[@]}"; do
	grep -H '^#include "[^/]*"' "user/${rooms[i]}"/*.[ch] | while IFS=: read -r file line; do
		name=${line#*\"}
		name=${name%\"*}
		for above in "${rooms[@]:0:i}"; do
			[ ! -e "user/$above/$name" ] || echo "$file includes $above/$name"
		done
	done | none "user/${rooms[i]} includes none above it"
done
