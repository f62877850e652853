/* SPDX-License-Identifier: GPL-2.0-only */
/* Where a turn's thread is, for --slow. */
#ifndef IOPHASE_HOOKS_LOOPS_SLOW_BPF_H
#define IOPHASE_HOOKS_LOOPS_SLOW_BPF_H

#include "common.bpf.h"

AT_TRACEPOINT(sched_switch, on_turn_switch, bool preempt, struct task_struct *prev,
	      struct task_struct *next, unsigned int prev_state)
{
	on_turn_off(ctx, LOAD(prev, pid), !preempt && prev_state);
	on_turn_on(LOAD(next, pid));
	return 0;
}

/* Until fa2c3254d7cf (5.18), by the name that it has until 2f064a59a11f (5.14). */
AT_TRACEPOINT(sched_switch, on_turn_switch_untold, bool preempt,
	      struct task_struct *prev, struct task_struct *next)
{
	bool asleep = bpf_core_field_exists(prev->__state) ?
			      BPF_CORE_READ(prev, __state) :
			      BPF_CORE_READ(prev, state);

	on_turn_off(ctx, LOAD(prev, pid), !preempt && asleep);
	on_turn_on(LOAD(next, pid));
	return 0;
}

AT_TRACEPOINT(sched_waking, on_turn_waking, struct task_struct *p)
{
	on_turn_woken(LOAD(p, pid));
	return 0;
}

AT_TRACEPOINT(sched_stat_runtime, on_turn_runtime, struct task_struct *p, __u64 ran)
{
	on_turn_tick(ctx, LOAD(p, pid), ran);
	return 0;
}

#endif
