/* SPDX-License-Identifier: GPL-2.0-only */
/* What programs of iophase loops need; either.bpf.h has what they are written with. */
#ifndef IOPHASE_HOOKS_LOOPS_COMMON_BPF_H
#define IOPHASE_HOOKS_LOOPS_COMMON_BPF_H

#include "../../kernel.bpf.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>
#include <bpf/bpf_core_read.h>
#include <bpf/bpf_endian.h>
#include "../../core_compat.bpf.h"
#include "../../loops.bpf.h"

static __always_inline bool is_reading(void)
{
	struct iop_thread *t = thread_lookup(bpf_get_current_pid_tgid());

	return t && t->rd.called_ns;
}

static __always_inline bool is_waiting(void)
{
	struct iop_waiter *w = waiter_lookup(bpf_get_current_pid_tgid());

	return w && w->poller;
}

#endif
