#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# The storm by a 32-bit process on a 64-bit kernel: socketcall(), its own
# select() and structures.
# vm: kernel=6.1 cpus=2
[ -e build/tests/vm/storm32 ] || {
	echo "ok - storm32 # SKIP the compiler makes no 32-bit programs"
	exit
}
STORM=storm32 STORM_READS=${STORM_READS:-3000}
. "$(dirname "$0")/storm.sh"
