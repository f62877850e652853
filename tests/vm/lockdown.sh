#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# Kernels that do not offer what is needed: one line says what and what to do.
# vm: kernel=6.1 cpus=1 append="lockdown=confidentiality"
. "$(dirname "$0")/lib.sh"

refused() # PATTERN DESCRIPTION OPTIONS...
{
	local out status=0

	out=$(iophase trace -d 1 "${@:3}" 2>&1) || status=$?
	if [ $status = 1 ] && [ "$(wc -l <<< "$out")" = 1 ] &&
		grep -q "$1" <<< "$out"; then
		ok "$2"
	else
		not_ok "$2: status $status, said $out"
	fi
	iophase doctor "${@:3}" > "$TMP/doctor" && not_ok "$2: doctor is content" ||
		ok "$2: doctor sees it"
}

mount -t securityfs none /sys/kernel/security
refused 'lockdown: confidentiality.*boot without' "lockdown=confidentiality"
umount /sys/kernel/security
mount -t tmpfs none /sys/kernel/btf
refused 'BTF: the kernel has none' "no BTF" --backend btf
