// SPDX-License-Identifier: GPL-2.0-only
/*
 * Never loaded: each member of fields.h as a relocation, which tells bpftool
 * (gen min_core_btf) what to keep of a kernel's types.
 */
#include "kernel.bpf.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_core_read.h>
#include "fields.h"

#define OFFSET(name, type, path, at64, at32) \
	sum += __builtin_preserve_field_info(((struct type *)0)->path, 0);

SEC("raw_tp")
int offsets(void *ctx)
{
	int sum = 0;

	IOP_FIELDS(OFFSET)
	return sum;
}
