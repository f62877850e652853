# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# Shared by fetch, guest-packages and run: where things are, and an apt that
# leaves the machine's own package state alone.
set -euo pipefail

TOP=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
VM=$TOP/build/vm
mkdir -p "$VM"

die()
{
	echo "${0##*/}: $*" >&2
	exit 1
}

# One at a time; callers may run in parallel.
lock()
{
	exec 9> "$VM/lock"
	flock 9
}

# apt for another architecture, with lists of its own under build/vm/apt.
foreign_apt() # ARCH
{
	local state=$VM/apt/$1

	APT=(-o "APT::Architecture=$1" -o "APT::Architectures::=$1"
		-o "Dir::State=$state/state" -o "Dir::Cache=$state/cache"
		-o "Dir::State::status=$state/status" -o Debug::NoLocking=1
		-o "APT::Sandbox::User=" -o Acquire::Languages=none)
	[ -e "$state/done" ] && return
	mkdir -p "$state/state/lists/partial" "$state/cache/archives/partial"
	: > "$state/status"
	echo "fetch: package lists for $1" >&2
	apt-get "${APT[@]}" -qq update >&2
	: > "$state/done"
}

# Downloads packages into the directory $1.
download() # DIR PACKAGE...
{
	mkdir -p "$1"
	(cd "$1" && shift && apt-get "${APT[@]}" -o APT::Sandbox::User= -qq \
		download "$@" > /dev/null) ||
		die "cannot download ${*:2}; is the package list up to date" \
			"(apt-get update)?"
}

# The real package behind a meta-package: the first dependency that matches.
behind() # META REGEX
{
	local p

	p=$(apt-cache "${APT[@]}" depends "$1" 2> /dev/null |
		sed -n 's/.*Depends: //p' | grep -E -m 1 "$2") ||
		die "the archive has no $1; try apt-get update"
	echo "$p"
}
