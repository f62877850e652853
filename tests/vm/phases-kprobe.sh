#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# The phases of every model through kprobes.
# vm: kernel=6.1 cpus=1 icount=1
BACKEND=kprobe
. "$(dirname "$0")/phases.sh"
