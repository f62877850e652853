// SPDX-License-Identifier: GPL-2.0-only
#include "backend.h"
#include "embed.h"
#include "util.h"

static const struct hook hooks[] = {
	TRACEPOINT("on_sys_enter", "sys_enter", "every read; asked", EVERYTHING),
	TRACEPOINT("on_sys_exit_parts", "sys_exit", "every read", EVERYTHING),
	TRACEPOINT("on_sys_exit_read", "sys_exit", "every read", EVERYTHING),
	TRACEPOINT("on_sys_exit_select", "sys_exit",
		   "multiplexed: select", WAIT_REPORTS),
	TRACEPOINT("on_sys_exit_poll", "sys_exit", "multiplexed: poll", WAIT_REPORTS),
	TRACEPOINT("on_sys_exit_epoll", "sys_exit",
		   "multiplexed: epoll", WAIT_REPORTS),
	TRACEPOINT("on_sys_exit", "sys_exit", "new sockets; sigwaitinfo", READY),
	TRACEPOINT("on_task_switch", "sched_switch",
		   "sleep: wait, wake", LOSES(EVERY_MODEL, ASLEEP)),
	TRACEPOINT("on_sched_waking", "sched_waking",
		   "wake", LOSES(EVERY_MODEL, PHASE(IOP_WAKE))),
	TRACEPOINT("on_skb_copy_datagram_iovec", "skb_copy_datagram_iovec",
		   "read() of sockets; copy, but for UDP", NOTHING),
	TRACEPOINT("on_tcp_rcv_space_adjust", "tcp_rcv_space_adjust",
		   "addresses and copy of TCP", NOTHING),
	TRACEPOINT("on_consume_skb", "consume_skb",
		   "end of the copy, but for TCP", NOTHING),
	TRACEPOINT("on_kfree_skb", "kfree_skb",
		   "end of the copy, but for TCP", NOTHING),
	MAYBE_TRACEPOINT("on_sock_recv_length", "sock_recv_length",
			 "which socket, from 6.3 on", NOTHING),
	MAYBE_TRACEPOINT("on_sk_data_ready", "sk_data_ready",
			 "ready: closer bounds, from 6.3 on", NOTHING),
	TRACEPOINT("on_signal_generate", "signal_generate",
		   "signal: sent", SIGNAL_REPORTS),
	TRACEPOINT("on_signal_delivered", "signal_deliver",
		   "signal: delivered", SIGNAL_REPORTS),
	TRACEPOINT("on_sched_process_exit", "sched_process_exit",
		   "thread state is freed", NOTHING),
	TRACEPOINT("on_task_newtask", "task_newtask",
		   "children; threads by name", NOTHING),
	TRACEPOINT("on_sched_process_exec", "sched_process_exec",
		   "thread state is freed", NOTHING),
	TRACEPOINT("on_task_rename", "task_rename", "names that change", NOTHING),
};

static const struct bound bounds[] = {
	{ IOP_WAIT, true, "ready was when the waking began, or before" },
	{ IOP_WAKE, false, "ready was when the waking began, or before" },
	{ IOP_DISPATCH, false, "nothing says since when data was there" },
	{ IOP_COPY, true, "but for TCP, up to all the time in the call" },
	{ IOP_REST, false, "what is left of the call" },
};

EMBED(tracepoint)

const struct backend backend_tracepoint = {
	.name = "tracepoint",
	.hooks = hooks,
	.nr_hooks = ARRAY_SIZE(hooks),
	.bounds = bounds,
	.nr_bounds = ARRAY_SIZE(bounds),
	.elf = tracepoint_elf,
};
