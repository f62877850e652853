# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# How test scripts say what they found: TAP lines, which tests/run counts. Any sh
# can read this, busybox's too.

ok() # DESCRIPTION
{
	echo "ok - $*"
}

not_ok() # DESCRIPTION
{
	echo "not ok - ${*//$'\n'/ | }"
}

skip() # WHY
{
	echo "ok - $1 # SKIP $1"
}

is() # ACTUAL EXPECTED DESCRIPTION
{
	if [ "$1" = "$2" ]; then
		ok "$3"
	else
		not_ok "$3: got '$1', expected '$2'"
	fi
}
