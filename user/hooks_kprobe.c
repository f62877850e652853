// SPDX-License-Identifier: GPL-2.0-only
#include "backend.h"
#include "embed.h"
#include "util.h"

#ifdef __arm__ /* as in bpf/arch */
#define RECVMSG "security_socket_recvmsg"
#define AIO_READ "sock_read_iter"
#else
#define RECVMSG "sock_recvmsg"
#define AIO_READ "aio_read"
#endif

static const struct hook hooks[] = {
	FUNCTION("on_sock_recvmsg", RECVMSG, "every read", EVERY_PHASE),
	TRACEPOINT("on_sys_exit", "sys_exit", "every read; told", EVERY_PHASE),
	FUNCTION("on_do_recvmmsg", "do_recvmmsg", "rest of a recvmmsg", NO_PHASE),
	FUNCTION("on_sys_recvmsg", "____sys_recvmsg", "rest of a recvmmsg", NO_PHASE),
	MAYBE_FUNCTION("on_aio_read", AIO_READ, "reads of io_submit", NO_PHASE),
	MAYBE_FUNCTION("on_aio_complete_rw", "aio_complete_rw",
		       "bytes of io_submit", NO_PHASE),
	FUNCTION("on_sock_def_readable", "sock_def_readable",
		 "ready: wait, wake", BEFORE),
	FUNCTION("on_schedule_timeout", "schedule_timeout",
		 "sleep: wait, wake", ASLEEP),
	TRACEPOINT("on_sched_switch", "sched_switch", "sleep: wait, wake", ASLEEP),
	FUNCTION("on_skb_copy_datagram_iter", "skb_copy_datagram_iter",
		 "copy", COPYING),
	TRACEPOINT("on_tcp_rcv_space_adjust", "tcp_rcv_space_adjust",
		   "copy of TCP", COPYING),
	FUNCTION("on_skb_try_recv_exit", "__skb_try_recv_from_queue",
		 "copy of UDP", COPYING),
	FUNCTION("on_skb_consume_udp", "skb_consume_udp", "copy of UDP", COPYING),
	FUNCTION("on_skb_free_datagram", "skb_free_datagram",
		 "copy of datagrams", COPYING),
	MAYBE_FUNCTION("on_unix_stream_read_actor_exit", "unix_stream_read_actor",
		       "copy of UNIX streams", COPYING),
	FUNCTION("on_do_epoll_wait", "do_epoll_wait", "multiplexed: epoll", BEFORE),
	FUNCTION("on_do_sys_poll", "do_sys_poll", "multiplexed: poll", BEFORE),
	FUNCTION("on_core_sys_select", "core_sys_select",
		 "multiplexed: select", BEFORE),
	MAYBE_FUNCTION("on_compat_core_sys_select", "compat_core_sys_select",
		       "multiplexed: select of 32-bit processes", BEFORE),
	FUNCTION("on_sock_poll_exit", "sock_poll", "multiplexed: which socket", BEFORE),
	FUNCTION("on_tcp_poll", "tcp_poll", "multiplexed: TCP", BEFORE),
	FUNCTION("on_udp_poll", "udp_poll", "multiplexed: UDP", BEFORE),
	MAYBE_FUNCTION("on_unix_poll", "unix_poll",
		       "multiplexed: UNIX streams", BEFORE),
	MAYBE_FUNCTION("on_unix_dgram_poll", "unix_dgram_poll",
		       "multiplexed: UNIX datagrams", BEFORE),
	FUNCTION("on_datagram_poll", "datagram_poll",
		 "multiplexed: other families", BEFORE),
	FUNCTION("on_sock_fasync", "sock_fasync", "signal: armed", BEFORE),
	FUNCTION("on_sock_wake_async", "sock_wake_async", "signal: sent", BEFORE),
	TRACEPOINT("on_signal_delivered", "signal_deliver",
		   "signal: delivered", BEFORE),
	MAYBE_FUNCTION("on_dequeue_signal", "dequeue_signal",
		       "signal: sigwaitinfo, signalfd", BEFORE),
	MAYBE_FUNCTION("on_dequeue_signal_exit", "dequeue_signal",
		       "signal: sigwaitinfo, signalfd", BEFORE),
	MAYBE_TRACEPOINT("on_io_uring_submit_sqe", "io_uring_submit_sqe",
			 "async: submitted", BEFORE),
	MAYBE_TRACEPOINT("on_io_uring_submit_req", "io_uring_submit_req",
			 "async: submitted, from 6.4 on", BEFORE),
	MAYBE_FUNCTION("on_io_recv", "io_recv", "async: recv", BEFORE),
	MAYBE_FUNCTION("on_io_recv_exit", "io_recv", "async: recv", BEFORE),
	MAYBE_FUNCTION("on_io_recvmsg", "io_recvmsg", "async: recvmsg", BEFORE),
	MAYBE_FUNCTION("on_io_recvmsg_exit", "io_recvmsg", "async: recvmsg", BEFORE),
	MAYBE_FUNCTION("on_io_read", "io_read", "async: read", BEFORE),
	MAYBE_FUNCTION("on_io_read_exit", "io_read", "async: read", BEFORE),
	MAYBE_FUNCTION("on_io_read_mshot", "io_read_mshot",
		       "async: multishot read, from 6.7 on", BEFORE),
	MAYBE_FUNCTION("on_io_read_mshot_exit", "io_read_mshot",
		       "async: multishot read, from 6.7 on", BEFORE),
	MAYBE_TRACEPOINT("on_io_uring_complete", "io_uring_complete",
			 "async: completed", BEFORE),
	MAYBE_FUNCTION("on_io_uring_enter", "io_uring_enter",
		       "async: dispatch", BEFORE),
	MAYBE_FUNCTION("on_ia32_io_uring_enter", "__ia32_sys_io_uring_enter",
		       "async: dispatch in 32-bit processes", BEFORE),
	TRACEPOINT("on_sys_exit_uring", "sys_exit", "async: dispatch", BEFORE),
	MAYBE_TRACEPOINT("on_io_uring_cqring_wait", "io_uring_cqring_wait",
			 "async: who waits", BEFORE),
	FUNCTION("on_security_sk_free", "security_sk_free",
		 "socket state is freed", BEFORE),
	TRACEPOINT("on_sched_process_exit", "sched_process_exit",
		   "thread state is freed", NO_PHASE),
	TRACEPOINT("on_task_newtask", "task_newtask",
		   "children; threads by name", NO_PHASE),
	TRACEPOINT("on_sched_process_exec", "sched_process_exec",
		   "thread state is freed", NO_PHASE),
	TRACEPOINT("on_task_rename", "task_rename", "names that change", NO_PHASE),
};

EMBED(kprobe)

const struct backend backend_kprobe = {
	.name = "kprobe",
	.hooks = hooks,
	.nr_hooks = ARRAY_SIZE(hooks),
	.elf = kprobe_elf,
};
