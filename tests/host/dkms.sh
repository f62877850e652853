#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# DKMS builds, installs and removes the module, for the VM's kernel and in a
# tree of its own. Needs what the VM needs: "make guest" brings it.
set -u
cd "$(dirname "$0")/../.." || exit
. tests/tap.sh

kernel=build/vm/6.1
dkms=$(command -v dkms || echo build/vm/root/usr/sbin/dkms)
if [ ! -x "$dkms" ] || [ ! -e $kernel/release ]; then
	skip "no dkms or no headers here; make guest brings them"
	exit
fi
release=$(cat $kernel/release)
version=$(sed -n 's/^PACKAGE_VERSION="\(.*\)"/\1/p' dkms.conf)
root=$(mktemp -d)
trap 'rm -rf "$root"' EXIT

dkms_does() # COMMAND
{
	"$dkms" "$1" "addrsplit/$version" -k "$release" --kernelsourcedir \
		"$PWD/$kernel/headers" --sourcetree "$root/usr/src" \
		--dkmstree "$root/var" --installtree "$root/lib/modules" \
		--no-depmod > "$root/log" 2>&1
	is $? 0 "dkms $1"
	cat "$root/log"
}

mkdir -p "$root/var" "$root/lib/modules/$release"
make -s dkms DESTDIR="$root" > "$root/log" 2>&1
is $? 0 "make dkms"
for command in add build install; do
	dkms_does $command
done
ko=$(find "$root/lib/modules" -name 'addrsplit.ko*')
/sbin/modinfo "$ko" > "$root/log" 2>&1
grep -qx "version: *$version" "$root/log"
is $? 0 "the module says version $version, too"
grep -q "^vermagic: *$release " "$root/log"
is $? 0 "it is for $release"
for key in license author description srcversion; do
	grep -q "^$key: *." "$root/log"
	is $? 0 "it has: $key"
done
dkms_does remove
[ -z "$(find "$root/lib/modules" -name 'addrsplit.ko*')" ]
is $? 0 "nothing is left"
