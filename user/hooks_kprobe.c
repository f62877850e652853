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
	FUNCTION("on_sock_recvmsg", RECVMSG, "every read", EVERYTHING),
	TRACEPOINT("on_sys_exit", "sys_exit", "every read; told", EVERYTHING),
	FUNCTION("on_do_recvmmsg", "do_recvmmsg", "rest of a recvmmsg", NOTHING),
	FUNCTION("on_sys_recvmsg", "____sys_recvmsg", "rest of a recvmmsg", NOTHING),
	MAYBE_FUNCTION("on_aio_read", AIO_READ, "reads of io_submit", NOTHING),
	MAYBE_FUNCTION("on_aio_complete_rw", "aio_complete_rw",
		       "bytes of io_submit", NOTHING),
	FUNCTION("on_sock_def_readable", "sock_def_readable",
		 "ready: wait, wake", READY),
	FUNCTION("on_schedule_timeout", "schedule_timeout",
		 "sleep: wait, wake", SLEEPS),
	TRACEPOINT("on_sched_switch", "sched_switch", "sleep: wait, wake", SLEEPS),
	FUNCTION("on_skb_copy_datagram_iter", "skb_copy_datagram_iter",
		 "copy", COPIES),
	TRACEPOINT("on_tcp_rcv_space_adjust", "tcp_rcv_space_adjust",
		   "copy of TCP", COPIES),
	FUNCTION("on_skb_try_recv_exit", "__skb_try_recv_from_queue",
		 "copy of UDP", COPIES),
	FUNCTION("on_skb_consume_udp", "skb_consume_udp", "copy of UDP", COPIES),
	FUNCTION("on_skb_wait_for_more_packets", "__skb_wait_for_more_packets",
		 "datagrams dropped for their checksum", NOTHING),
	FUNCTION("on_skb_free_datagram", "skb_free_datagram",
		 "copy of datagrams", COPIES),
	MAYBE_FUNCTION("on_unix_stream_read_actor_exit", "unix_stream_read_actor",
		       "copy of UNIX streams", COPIES),
	FUNCTION("on_do_epoll_wait", "do_epoll_wait",
		 "multiplexed: epoll", WAIT_REPORTS),
	FUNCTION("on_do_sys_poll", "do_sys_poll", "multiplexed: poll", WAIT_REPORTS),
	FUNCTION("on_core_sys_select", "core_sys_select",
		 "multiplexed: select", WAIT_REPORTS),
	MAYBE_FUNCTION("on_compat_core_sys_select", "compat_core_sys_select",
		       "multiplexed: select of 32-bit processes", WAIT_REPORTS),
	FUNCTION("on_sock_poll_exit", "sock_poll",
		 "multiplexed: which socket", WAIT_REPORTS),
	FUNCTION("on_tcp_poll", "tcp_poll", "multiplexed: TCP", WAIT_REPORTS),
	FUNCTION("on_udp_poll", "udp_poll", "multiplexed: UDP", WAIT_REPORTS),
	MAYBE_FUNCTION("on_unix_poll", "unix_poll",
		       "multiplexed: UNIX streams", WAIT_REPORTS),
	MAYBE_FUNCTION("on_unix_dgram_poll", "unix_dgram_poll",
		       "multiplexed: UNIX datagrams", WAIT_REPORTS),
	FUNCTION("on_datagram_poll", "datagram_poll",
		 "multiplexed: other families", WAIT_REPORTS),
	FUNCTION("on_sock_fasync", "sock_fasync", "signal: armed", SIGNAL_ASKED),
	FUNCTION("on_sock_wake_async", "sock_wake_async",
		 "signal: sent", SIGNAL_REPORTS),
	TRACEPOINT("on_signal_delivered", "signal_deliver",
		   "signal: delivered", SIGNAL_REPORTS),
	FUNCTION("on_dequeue_signal", "dequeue_signal",
		 "signal: sigwaitinfo, signalfd", SIGNAL_REPORTS),
	FUNCTION("on_dequeue_signal_exit", "dequeue_signal",
		 "signal: sigwaitinfo, signalfd", SIGNAL_REPORTS),
	URING_TRACEPOINT("on_io_uring_submit", "io_uring_submit_req",
			 "async: submitted", ASYNC),
	URING_FUNCTION("on_io_recv", "io_recv", "async: recv", ASYNC_READS),
	URING_FUNCTION("on_io_recv_exit", "io_recv", "async: recv", ASYNC_READS),
	URING_FUNCTION("on_io_recvmsg", "io_recvmsg", "async: recvmsg", ASYNC_READS),
	URING_FUNCTION("on_io_recvmsg_exit", "io_recvmsg",
		       "async: recvmsg", ASYNC_READS),
	URING_FUNCTION("on_io_read", "io_read", "async: read", ASYNC_READS),
	URING_FUNCTION("on_io_read_exit", "io_read", "async: read", ASYNC_READS),
	MAYBE_FUNCTION("on_io_read_mshot", "io_read_mshot",
		       "async: multishot read, from 6.7 on", ASYNC_READS),
	MAYBE_FUNCTION("on_io_read_mshot_exit", "io_read_mshot",
		       "async: multishot read, from 6.7 on", ASYNC_READS),
	URING_TRACEPOINT("on_io_uring_complete", "io_uring_complete",
			 "async: completed", ASYNC),
	URING_FUNCTION("on_io_uring_enter", "io_uring_enter",
		       "async: dispatch", ASYNC_DISPATCH),
	TRACEPOINT("on_sys_exit_uring", "sys_exit",
		   "async: dispatch", ASYNC_DISPATCH),
	MAYBE_FUNCTION("on_ia32_io_uring_enter", "__ia32_sys_io_uring_enter",
		       "async: dispatch in 32-bit processes", ASYNC_DISPATCH),
	MAYBE_TRACEPOINT("on_io_uring_cqring_wait", "io_uring_cqring_wait",
			 "async: who waits", ASYNC_DISPATCH),
	FUNCTION("on_security_sk_free", "security_sk_free",
		 "socket state is freed", READY),
	TRACEPOINT("on_sched_process_exit", "sched_process_exit",
		   "thread state is freed", NOTHING),
	TRACEPOINT("on_task_newtask", "task_newtask", "children of PROGRAM", NOTHING),
};

EMBED(kprobe)

const struct backend backend_kprobe = {
	.name = "kprobe",
	.hooks = hooks,
	.nr_hooks = ARRAY_SIZE(hooks),
	.elf = kprobe_elf,
};
