#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# Random reads by a 32-bit process on a 64-bit kernel: socketcall(), its own
# select() and structures.
# vm: kernel=6.1 cpus=2
[ -e build/tests/vm/random_reads32 ] || {
	echo "ok - random reads of 32 bits # SKIP the compiler makes no 32-bit programs"
	exit
}
READER=random_reads32 RANDOM_READS=${RANDOM_READS:-3000}
. "$(dirname "$0")/random_reads.sh"
