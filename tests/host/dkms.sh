#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# DKMS builds, installs and removes the module, for the VM's kernel and in a
# tree of its own. Needs what the VM needs: "make guest" brings it.
set -u
cd "$(dirname "$0")/../.." || exit

kernel=build/vm/6.1
dkms=$(command -v dkms || echo build/vm/root/usr/sbin/dkms)
if [ ! -x "$dkms" ] || [ ! -e $kernel/release ]; then
	echo "ok - dkms # SKIP no dkms or no headers here; make guest brings them"
	exit 0
fi
release=$(cat $kernel/release)
version=$(sed -n 's/^PACKAGE_VERSION="\(.*\)"/\1/p' dkms.conf)
root=$(mktemp -d)
trap 'rm -rf "$root"' EXIT

ok() # STATUS DESCRIPTION
{
	if [ "$1" = 0 ]; then
		echo "ok - $2"
	else
		echo "not ok - $2: $(tr '\n' '|' < "$root/log")"
	fi
}

dkms_does() # COMMAND
{
	"$dkms" "$1" "addrsplit/$version" -k "$release" --kernelsourcedir \
		"$PWD/$kernel/headers" --sourcetree "$root/usr/src" \
		--dkmstree "$root/var" --installtree "$root/lib/modules" \
		--no-depmod > "$root/log" 2>&1
	ok $? "dkms $1"
}

mkdir -p "$root/var" "$root/lib/modules/$release"
make -s dkms DESTDIR="$root" > "$root/log" 2>&1
ok $? "make dkms"
for command in add build install; do
	dkms_does $command
done
ko=$(find "$root/lib/modules" -name 'addrsplit.ko*')
/sbin/modinfo "$ko" > "$root/log" 2>&1
grep -qx "version: *$version" "$root/log"
ok $? "the module says version $version, too"
grep -q "^vermagic: *$release " "$root/log"
ok $? "it is for $release"
for key in license author description srcversion; do
	grep -q "^$key: *." "$root/log"
	ok $? "it has: $key"
done
dkms_does remove
[ -z "$(find "$root/lib/modules" -name 'addrsplit.ko*')" ]
ok $? "nothing is left"
