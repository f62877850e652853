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

# Fetches the package lists: patient with a mirror that is being updated, and
# content with the lists that did come. Only root may for this machine's own.
refresh()
{
	local pause log=$VM/refresh.log

	for pause in 5 15 30 0; do
		apt-get "${APT[@]}" -qq update > "$log" 2>&1 && return
		sleep $pause
	done
	cat "$log" >&2
	echo "${0##*/}: going on with the package lists that did come" >&2
}

# apt with lists of its own, under build/vm/apt.
own_apt() # NAME OPTION...
{
	local name=$1 state=$VM/apt/$1

	shift
	APT=("$@"
		-o "Dir::State=$state/state" -o "Dir::Cache=$state/cache"
		-o "Dir::State::status=$state/status" -o Debug::NoLocking=1
		-o "APT::Sandbox::User=" -o Acquire::Languages=none)
	[ -e "$state/done" ] && return
	mkdir -p "$state/state/lists/partial" "$state/cache/archives/partial"
	: > "$state/status"
	echo "fetch: package lists for $name" >&2
	refresh
	: > "$state/done"
}

foreign_apt() # ARCH
{
	own_apt "$1" -o "APT::Architecture=$1" -o "APT::Architectures::=$1"
}

# Runs a command that needs packages; lists may be old, so once more after an
# update.
with_lists() # COMMAND...
{
	"$@" && return
	{ [ ${#APT[@]} -gt 0 ] || [ "$(id -u)" = 0 ]; } ||
		die "packages are missing; is the list up to date" \
			"(sudo apt-get update)?"
	refresh
	"$@" || die "failed: $*"
}

# Downloads packages into the directory $1.
download() # DIR PACKAGE...
{
	mkdir -p "$1"
	(cd "$1" && shift && with_lists apt-get "${APT[@]}" \
		-o APT::Sandbox::User= -qq download "$@" > /dev/null)
}

# The real package behind a meta-package: the first dependency that matches.
behind() # META REGEX
{
	with_lists first_dependency "$@"
}

first_dependency() # PACKAGE REGEX
{
	apt-cache "${APT[@]}" depends "$1" 2> /dev/null |
		sed -n 's/.*Depends: //p' | grep -E -m 1 "$2"
}
