// SPDX-License-Identifier: GPL-2.0-only
#include "backend.h"
#include "embed.h"
#include "util.h"

static const struct hook hooks[] = {
	FUNCTION("on_sock_recvmsg", "sock_recvmsg", "every read"),
	TRACEPOINT("on_sys_exit", "sys_exit", "every read; told"),
	FUNCTION("on_sock_def_readable", "sock_def_readable", "ready: wait, wake"),
	FUNCTION("on_schedule_timeout", "schedule_timeout", "sleep: wait, wake"),
	TRACEPOINT("on_sched_switch", "sched_switch", "sleep: wait, wake"),
	FUNCTION("on_skb_copy_datagram_iter", "skb_copy_datagram_iter", "copy"),
	TRACEPOINT("on_tcp_rcv_space_adjust", "tcp_rcv_space_adjust", "copy of TCP"),
	FUNCTION("on_skb_try_recv_exit", "__skb_try_recv_from_queue", "copy of UDP"),
	FUNCTION("on_skb_consume_udp", "skb_consume_udp", "copy of UDP"),
	FUNCTION("on_skb_free_datagram", "skb_free_datagram", "copy of datagrams"),
	MAYBE_FUNCTION("on_unix_stream_read_actor_exit",
		       "unix_stream_read_actor", "copy of UNIX streams"),
	FUNCTION("on_do_epoll_wait", "do_epoll_wait", "multiplexed: epoll"),
	FUNCTION("on_do_sys_poll", "do_sys_poll", "multiplexed: poll"),
	FUNCTION("on_core_sys_select", "core_sys_select", "multiplexed: select"),
	FUNCTION("on_sock_poll_exit", "sock_poll", "multiplexed: which socket"),
	FUNCTION("on_tcp_poll", "tcp_poll", "multiplexed: TCP"),
	FUNCTION("on_udp_poll", "udp_poll", "multiplexed: UDP"),
	MAYBE_FUNCTION("on_unix_poll", "unix_poll", "multiplexed: UNIX streams"),
	MAYBE_FUNCTION("on_unix_dgram_poll", "unix_dgram_poll",
		       "multiplexed: UNIX datagrams"),
	FUNCTION("on_datagram_poll", "datagram_poll", "multiplexed: other families"),
	FUNCTION("on_sock_fasync", "sock_fasync", "signal: armed"),
	FUNCTION("on_sock_wake_async", "sock_wake_async", "signal: sent"),
	TRACEPOINT("on_signal_delivered", "signal_deliver", "signal: delivered"),
	FUNCTION("on_security_sk_free", "security_sk_free", "socket state is freed"),
	TRACEPOINT("on_sched_process_exit", "sched_process_exit",
		   "thread state is freed"),
	TRACEPOINT("on_task_newtask", "task_newtask", "children of PROGRAM"),
};

EMBED(kprobe)

const struct backend backend_kprobe = {
	.name = "kprobe",
	.hooks = hooks,
	.nr_hooks = ARRAY_SIZE(hooks),
	.needs_kprobes = true,
	.elf = kprobe_elf,
};
