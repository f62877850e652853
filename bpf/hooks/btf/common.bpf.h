/* SPDX-License-Identifier: GPL-2.0-only */
/* What programs of trampolines need. */
#ifndef IOPHASE_HOOKS_BTF_COMMON_BPF_H
#define IOPHASE_HOOKS_BTF_COMMON_BPF_H

#include "../../kernel.bpf.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>
#include <bpf/bpf_core_read.h>
#include <bpf/bpf_endian.h>
#include "../../core_compat.bpf.h"
#include "../../engine.bpf.h"
#include "../../messages.bpf.h"
#include "../../uring.bpf.h"
#include "../../rare_end.bpf.h"
#include "../../uring_data.bpf.h"

static __always_inline struct iop_thread *this_thread(void)
{
	return thread_lookup(current_tid());
}

static __always_inline bool is_reading(const struct iop_thread *t)
{
	return t && t->rd.called_ns;
}

#endif
