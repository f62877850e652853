# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# Shared by fetch, guest-packages and run: where things are, the table of kernels,
# and an apt that leaves the machine's own package state alone.
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

# --- the table of kernels ---------------------------------------------------------

KERNEL_TABLE=${KERNEL_TABLE:-$TOP/tools/vm/kernels} # tests have their own

kernel_names()
{
	awk '$1 == "kernel" { print $2 }' "$KERNEL_TABLE"
}

# A kernel's row of the table, and its architecture's, as variables.
# shellcheck disable=SC2034 # for those who ask
kernel_row() # NAME
{
	local row

	row=$(awk -v name="$1" '$1 == "kernel" && $2 == name' "$KERNEL_TABLE")
	[ -n "$row" ] || die "no kernel '$1': tools/vm/kernels has" "$(kernel_names | xargs)"
	read -r _ kernel suite flavour arch best when kernel_append <<< "$row"
	arch_row "$arch"
}

# shellcheck disable=SC2034 # for those who ask
arch_row() # ARCH
{
	local row

	row=$(awk -v name="$1" '$1 == "arch" && $2 == name' "$KERNEL_TABLE")
	[ -n "$row" ] || die "no architecture '$1' in tools/vm/kernels"
	read -r _ arch uname triplet suffix emulator board model console <<< "$row"
	[ "$triplet" != - ] || triplet=
	[ "$suffix" != - ] || suffix=
}

# --- packages ---------------------------------------------------------------------

# What this machine is: Debian's names.
own_suite()
{
	# shellcheck disable=SC1091 # it has VERSION_CODENAME
	(. /etc/os-release && echo "${VERSION_CODENAME:-}")
}

own_arch()
{
	dpkg --print-architecture
}

# Fetches the package lists: patient with a mirror that is being updated, and
# content with the lists that did come. Only root may for this machine's own.
refresh()
{
	local pause log=$VM/refresh.log

	for pause in 5 15 30 0; do
		apt-get "${APT[@]}" -qq update > "$log" 2>&1 && return
		# what is not there does not come by waiting
		! grep -qE '404 |does not have a Release|Could not resolve|refused' "$log" || break
		sleep $pause
	done
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
	echo "${0##*/}: package lists for $name" >&2
	refresh
	: > "$state/done"
}

# Where this machine has Debian from.
archive()
{
	# shellcheck disable=SC2016 # apt's names
	apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' \
		"Codename: $(own_suite)" 'Component: main' | grep -m 1 .
}

# The apt for packages of a suite and an architecture: this machine's own, the
# same for another architecture, or one with that suite and the one it builds
# on, from where this machine has its own Debian from.
suite_apt() # SUITE ARCH
{
	local list=$VM/apt/$1.list keys=/usr/share/keyrings/debian-archive-keyring.gpg
	local for_arch=("-oAPT::Architecture=$2" "-oAPT::Architectures::=$2")
	local base=${1%-backports} suite uri

	APT=()
	if [ "$1" = "$(own_suite)" ]; then
		[ "$2" = "$(own_arch)" ] || own_apt "$2" "${for_arch[@]}"
		return
	fi
	[ "$base" != experimental ] || base=sid
	uri=$(with_lists archive)
	[ -e $keys ] && keys="[signed-by=$keys] " || keys=
	mkdir -p "${list%/*}"
	for suite in "$1" "$base"; do
		echo "deb $keys$uri $suite main"
	done | sort -u > "$list"
	own_apt "$1-$2" "${for_arch[@]}" "-oAPT::Default-Release=$1" \
		"-oDir::Etc::SourceList=$list" -oDir::Etc::SourceParts=-
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
	"$@" || die "failed: $*$(sed -n 's/^[EW]: /; /p' "$VM/refresh.log" | head -n 1)"
}

# Downloads packages into the directory $1.
download() # DIR PACKAGE...
{
	mkdir -p "$1"
	(cd "$1" && shift && with_lists apt-get "${APT[@]}" \
		-o APT::Sandbox::User= -qq download "$@" > /dev/null)
}

# Downloads a package and all that it needs, whatever is installed here; for an apt
# with lists of its own.
download_closure() # DIR PACKAGE...
{
	local dir=$1

	shift
	mkdir -p "$dir/partial"
	with_lists apt-get "${APT[@]}" -o "Dir::Cache::archives=$dir" -qq -y \
		--no-install-recommends --download-only install "$@" > /dev/null
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
