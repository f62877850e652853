// SPDX-License-Identifier: GPL-2.0-only
#include "hooks.h"

#include <errno.h>

#include "util.h"

/* Which phases are lost: a time that is not seen falls to another, so both are. */
#define BEFORE (PHASE(IOP_WAIT) | PHASE(IOP_WAKE) | PHASE(IOP_DISPATCH))
#define ASLEEP (PHASE(IOP_WAIT) | PHASE(IOP_WAKE) | PHASE(IOP_REST))
#define COPYING (PHASE(IOP_COPY) | PHASE(IOP_REST))

/*
 * A read whose report is not seen is taken for one that asks by itself, which
 * is then not known of any: both models are lost. A blocking read that slept is
 * known by that.
 */
#define READY LOSES(EVERY_MODEL, BEFORE)
#define COPIES LOSES(EVERY_MODEL, COPYING)
#define SLEEPS LOSES(MODEL(IOP_BLOCKING), ASLEEP)
#define WAIT_REPORTS LOSES(MODEL(IOP_MULTIPLEXED) | MODEL(IOP_NONBLOCKING), BEFORE)
#define SIGNAL_REPORTS LOSES(MODEL(IOP_SIGNAL) | MODEL(IOP_NONBLOCKING), BEFORE)
#define SIGNAL_ASKED LOSES(MODEL(IOP_SIGNAL), BEFORE)
#define ASYNC_READS LOSES(MODEL(IOP_ASYNC) | MODEL(IOP_NONBLOCKING), BEFORE)
#define ASYNC LOSES(MODEL(IOP_ASYNC), EVERY_PHASE) /* they are not seen at all */

#define OPTIONAL HOOK_OPTIONAL
#define ON_DEMAND HOOK_ON_DEMAND
#define URING HOOK_URING
#define ISSUE HOOK_ISSUE
#define SPARE HOOK_SPARE

#define BTF BACKEND_BTF
#define KPROBE BACKEND_KPROBE
#define TRACEPOINT BACKEND_TRACEPOINT
#define LOOPS_BTF BACKEND_LOOPS_BTF
#define LOOPS_KPROBE BACKEND_LOOPS_KPROBE
#define LOOPS (LOOPS_BTF | LOOPS_KPROBE)
#define ZEROCOPY_BTF BACKEND_ZEROCOPY_BTF
#define ZEROCOPY_KPROBE BACKEND_ZEROCOPY_KPROBE
#define ZEROCOPY (ZEROCOPY_BTF | ZEROCOPY_KPROBE)
#define ALL (BTF | KPROBE | TRACEPOINT)

/* A second program beside a hook's, and a third; the kernel skips one, not all. */
#define SKIPPED "runs that preemption skips", NOTHING, HOOK_AGAIN, BTF
#define SKIPPED_ISSUE \
	"runs that preemption skips", NOTHING, HOOK_AGAIN | HOOK_ISSUE, BTF
#define SKIPPED_CALL "runs that preemption skips", NOTHING, HOOK_AGAIN | HOOK_CALL, BTF
#define SKIPPED_LOOPS "runs that preemption skips", NOTHING, HOOK_AGAIN, LOOPS_BTF
#define SKIPPED_ZEROCOPY "runs that preemption skips", NOTHING, HOOK_AGAIN, ZEROCOPY_BTF
#define SKIPPED_TRACEPOINT \
	"runs that preemption skips", NOTHING, HOOK_AGAIN | HOOK_TRACEPOINT

/* clang-format off */
/* In the order in which they are attached. */
static const struct hook all_hooks[] = {
	/* A trampoline runs first what was attached last: these come before their hooks. */
	{ "on_sock_recvmsg_again2", SKIPPED_CALL },
	{ "on_sock_recvmsg_exit_again2", SKIPPED_CALL },
	{ "on_sys_recvmsg_again2", SKIPPED },
	{ "on_sys_recvmsg_exit_again2", SKIPPED },
	{ "on_sock_recvmsg_again", SKIPPED_CALL },
	{ "on_sock_recvmsg_exit_again", SKIPPED },
	{ "on_sys_recvmsg_again", SKIPPED },
	{ "on_sys_recvmsg_exit_again", SKIPPED },
	{ "on_schedule_timeout_again", SKIPPED },
	{ "on_schedule_timeout_exit_again", SKIPPED },
	{ "on_do_epoll_wait_again", SKIPPED },
	{ "on_do_epoll_wait_exit_again", SKIPPED },
	{ "on_do_sys_poll_again", SKIPPED },
	{ "on_do_sys_poll_exit_again", SKIPPED },
	{ "on_core_sys_select_again", SKIPPED },
	{ "on_core_sys_select_exit_again", SKIPPED },
	{ "on_sock_poll_exit_again", SKIPPED },
	{ "on_io_recv_again", SKIPPED_ISSUE },
	{ "on_io_recv_exit_again", SKIPPED_ISSUE },
	{ "on_io_recvmsg_again", SKIPPED_ISSUE },
	{ "on_io_recvmsg_exit_again", SKIPPED_ISSUE },
	{ "on_io_read_again", SKIPPED },
	{ "on_io_read_exit_again", SKIPPED },
	{ "on_io_uring_enter_exit_again", SKIPPED },
	{ "on_sock_recvmsg_again2", SKIPPED_LOOPS },
	{ "on_sock_recvmsg_exit_again2", SKIPPED_LOOPS },
	{ "on_sock_recvmsg_again", SKIPPED_LOOPS },
	{ "on_sock_recvmsg_exit_again", SKIPPED_LOOPS },
	{ "on_do_accept_again", SKIPPED_LOOPS },
	{ "on_do_accept_exit_again", SKIPPED_LOOPS },
	{ "on_epoll_wait_again", SKIPPED_LOOPS },
	{ "on_epoll_wait_exit_again", SKIPPED_LOOPS },
	{ "on_epoll_ctl_exit_again", SKIPPED_LOOPS },
	{ "on_sock_recvmsg_again", SKIPPED_ZEROCOPY },
	{ "on_sock_recvmsg_exit_again", SKIPPED_ZEROCOPY },
	{ "on_sys_recvmsg_again", SKIPPED_ZEROCOPY },
	{ "on_sys_recvmsg_exit_again", SKIPPED_ZEROCOPY },
	{ "on_sys_sendto_again", SKIPPED_ZEROCOPY },
	{ "on_sys_sendto_exit_again", SKIPPED_ZEROCOPY },
	{ "on_sys_sendmsg_again", SKIPPED_ZEROCOPY },
	{ "on_sys_sendmsg_exit_again", SKIPPED_ZEROCOPY },
	{ "on_sock_write_iter_again", SKIPPED_ZEROCOPY },
	{ "on_sock_write_iter_exit_again", SKIPPED_ZEROCOPY },
	{ "on_sock_sendmsg_again", SKIPPED_ZEROCOPY },
	{ "on_sock_sendmsg_exit_again", SKIPPED_ZEROCOPY },
	{ "on_msg_zerocopy_realloc_exit_again", SKIPPED_ZEROCOPY },
	{ "on_msg_zerocopy_callback_again", SKIPPED_ZEROCOPY },
	{ "on_io_tx_complete_again", SKIPPED_ZEROCOPY },
	{ "on_io_notif_complete_again", SKIPPED_ZEROCOPY },
	{ "on_skb_copy_ubufs_again", SKIPPED_ZEROCOPY },
	{ "on_skb_copy_ubufs_exit_again", SKIPPED_ZEROCOPY },

	/*
	 * System calls: all that tracepoints know of reads and wait calls. The parts of
	 * a read end in one program and the read in the next, so they keep this order.
	 */
	{ "on_sys_enter", "every read; asked", EVERYTHING, 0, TRACEPOINT },
	{ "on_sys_exit_parts", "every read", EVERYTHING, 0, TRACEPOINT },
	{ "on_sys_exit_read", "every read", EVERYTHING, 0, TRACEPOINT },
	{ "on_sys_exit_select", "multiplexed: select", WAIT_REPORTS, 0, TRACEPOINT },
	{ "on_sys_exit_poll", "multiplexed: poll", WAIT_REPORTS, 0, TRACEPOINT },
	{ "on_sys_exit_epoll", "multiplexed: epoll", WAIT_REPORTS, 0, TRACEPOINT },
	{ "on_sys_exit", "new sockets; sigwaitinfo", READY, 0, TRACEPOINT },

	/* Reads */
	{ "on_socket_recvmsg", "every read", EVERYTHING, HOOK_UNGUARDED, BTF },
	{ "on_sock_recvmsg", "every read", EVERYTHING, HOOK_CALL, BTF },
	{ "on_sock_recvmsg", "every read", EVERYTHING, 0, KPROBE | LOOPS | ZEROCOPY },
	{ "on_sock_recvmsg_exit", "every read", EVERYTHING, SPARE,
	  BTF | LOOPS_BTF | ZEROCOPY },
	{ "on_sys_exit", "every read; told", EVERYTHING, 0, KPROBE | LOOPS_KPROBE },
	{ "on_sys_exit_again", SKIPPED_TRACEPOINT, KPROBE | LOOPS_KPROBE },
	{ "on_sys_exit_again2", SKIPPED_TRACEPOINT, KPROBE | LOOPS_KPROBE },
	{ "on_sys_recvmsg", "rest of a recvmmsg", NOTHING, 0, BTF | ZEROCOPY },
	{ "on_sys_recvmsg_exit", "rest of a recvmmsg", NOTHING, SPARE, BTF | ZEROCOPY },
	{ "on_sys_exit", "reads and sends that sleep", NOTHING, 0, ZEROCOPY_KPROBE },
	{ "on_do_recvmmsg", "rest of a recvmmsg, bytes of its first", NOTHING, 0, KPROBE },
	{ "on_do_recvmmsg", "datagrams of a recvmmsg", NOTHING, 0, ZEROCOPY_KPROBE },
	{ "on_sys_sendmmsg", "datagrams of a sendmmsg", NOTHING, 0, ZEROCOPY_KPROBE },
	{ "on_io_issue_sqe", "calls of io_uring", NOTHING, 0, ZEROCOPY_KPROBE },
	{ "on_io_issue_sqe_exit", "calls of io_uring", NOTHING, SPARE, ZEROCOPY_KPROBE },
	{ "on_sys_recvmsg", "rest of a recvmmsg, bytes of its first", NOTHING, 0, KPROBE },
	{ "on_sock_splice_read", "reads by splice", NOTHING, 0, BTF },
	{ "on_sock_splice_read_exit", "reads by splice", NOTHING, 0, BTF },
	{ "on_zerocopy_read", "reads by TCP_ZEROCOPY_RECEIVE", NOTHING, 0, BTF },
	{ "on_zerocopy_read_exit", "reads by TCP_ZEROCOPY_RECEIVE", NOTHING, 0, BTF },
	{ "on_aio_read", "reads of io_submit, bytes", NOTHING, OPTIONAL, KPROBE | LOOPS_KPROBE },
	{ "on_aio_complete_rw", "reads of io_submit, bytes", NOTHING, OPTIONAL,
	  KPROBE | LOOPS_KPROBE },

	/* Arrival and sleep */
	{ "on_sock_def_readable", "ready: wait, wake", READY, 0, BTF | KPROBE | LOOPS },
	{ "on_schedule_timeout", "sleep: wait, wake", SLEEPS, 0, BTF | KPROBE },
	{ "on_schedule_timeout_exit", "sleep: wait, wake", SLEEPS, 0, BTF },
	{ "on_sched_switch", "sleep: wait, wake", SLEEPS, 0, KPROBE },
	{ "on_task_switch", "sleep: wait, wake", LOSES(EVERY_MODEL, ASLEEP), 0, TRACEPOINT },
	{ "on_sched_waking", "wake", LOSES(EVERY_MODEL, PHASE(IOP_WAKE)), 0, TRACEPOINT },

	/* Copy */
	{ "on_skb_copy_datagram_iovec", "copy", COPIES, 0, BTF | ZEROCOPY },
	{ "on_skb_copy_datagram_iter_exit", "copy", COPIES, 0, BTF | ZEROCOPY },
	{ "on_skb_copy_datagram_iter", "copy", COPIES, 0, KPROBE },
	{ "on_tcp_rcv_space_adjust", "copy of TCP", COPIES, 0, KPROBE },
	{ "on_skb_recv_udp_exit", "copy of UDP", COPIES, 0, BTF | ZEROCOPY_BTF },
	{ "on_skb_try_recv_exit", "copy of UDP", COPIES, 0, KPROBE | ZEROCOPY_KPROBE },
	{ "on_skb_consume_udp", "copy of UDP", COPIES, 0, BTF | KPROBE | ZEROCOPY },
	{ "on_skb_wait_for_more_packets", "datagrams dropped for their checksum",
	  NOTHING, 0, BTF | KPROBE },
	{ "on_skb_free_datagram", "copy of datagrams", COPIES, 0, KPROBE },
	{ "on_unix_stream_read_actor_exit", "copy of UNIX streams", COPIES, OPTIONAL, KPROBE },
	{ "on_skb_copy_datagram_iovec", "read() of sockets; copy, but for UDP",
	  NOTHING, 0, TRACEPOINT },
	{ "on_tcp_rcv_space_adjust", "addresses and copy of TCP", NOTHING, 0, TRACEPOINT },
	{ "on_consume_skb", "end of the copy, but for TCP", NOTHING, 0, TRACEPOINT },
	{ "on_kfree_skb", "end of the copy, but for TCP", NOTHING, 0, TRACEPOINT },
	{ "on_sock_recv_length", "which socket, from 6.3 on", NOTHING, OPTIONAL, TRACEPOINT },
	{ "on_sk_data_ready", "ready: closer bounds, from 6.3 on",
	  NOTHING, OPTIONAL, TRACEPOINT },

	/* Wait calls */
	{ "on_do_epoll_wait", "multiplexed: epoll", WAIT_REPORTS, 0, BTF | KPROBE },
	{ "on_do_epoll_wait_exit", "multiplexed: epoll", WAIT_REPORTS, 0, BTF },
	{ "on_do_sys_poll", "multiplexed: poll", WAIT_REPORTS, 0, BTF | KPROBE },
	{ "on_do_sys_poll_exit", "multiplexed: poll", WAIT_REPORTS, 0, BTF },
	{ "on_core_sys_select", "multiplexed: select", WAIT_REPORTS, 0, BTF | KPROBE },
	{ "on_core_sys_select_exit", "multiplexed: select", WAIT_REPORTS, 0, BTF },
	{ "on_compat_core_sys_select", "multiplexed: select of 32-bit processes",
	  WAIT_REPORTS, OPTIONAL, BTF | KPROBE },
	{ "on_compat_core_sys_select_exit", "multiplexed: select of 32-bit processes",
	  WAIT_REPORTS, OPTIONAL, BTF },
	{ "on_sock_poll_exit", "multiplexed: which socket", WAIT_REPORTS, 0, BTF | KPROBE },
	{ "on_tcp_poll", "multiplexed: TCP", WAIT_REPORTS, 0, KPROBE },
	{ "on_udp_poll", "multiplexed: UDP", WAIT_REPORTS, 0, KPROBE },
	{ "on_unix_poll", "multiplexed: UNIX streams", WAIT_REPORTS, OPTIONAL, KPROBE },
	{ "on_unix_dgram_poll", "multiplexed: UNIX datagrams", WAIT_REPORTS, OPTIONAL, KPROBE },
	{ "on_datagram_poll", "multiplexed: other families", WAIT_REPORTS, 0, KPROBE },

	/* Signals */
	{ "on_sock_fasync_exit", "signal: armed", SIGNAL_ASKED, 0, BTF },
	{ "on_sock_fasync", "signal: armed", SIGNAL_ASKED, 0, KPROBE },
	{ "on_send_sigio_to_task", "signal: sent", SIGNAL_REPORTS, 0, BTF },
	{ "on_sock_wake_async", "signal: sent", SIGNAL_REPORTS, 0, KPROBE },
	{ "on_signal_generate", "signal: sent", SIGNAL_REPORTS, 0, TRACEPOINT },
	{ "on_signal_delivered", "signal: delivered", SIGNAL_REPORTS, 0, ALL },
	{ "on_signal_dequeued", "signal: sigwaitinfo, signalfd", SIGNAL_REPORTS, 0, BTF },
	{ "on_dequeue_signal", "signal: sigwaitinfo, signalfd", SIGNAL_REPORTS, 0, KPROBE },
	{ "on_dequeue_signal_exit", "signal: sigwaitinfo, signalfd", SIGNAL_REPORTS, 0, KPROBE },

	/* What wake is made of */
	{ "on_sched_waking", "--wake-detail", NOTHING, ON_DEMAND, BTF },
	{ "on_sched_switch", "--wake-detail", NOTHING, ON_DEMAND, BTF },

	/* io_uring; a tracepoint runs first what was attached first */
	{ "on_io_uring_submit", "async: submitted", ASYNC, URING, BTF | KPROBE },
	{ "on_io_uring_submit_req_again", SKIPPED_TRACEPOINT, BTF | KPROBE },
	{ "on_io_recv", "async: recv", ASYNC_READS, URING | ISSUE, BTF | KPROBE },
	{ "on_io_recv_exit", "async: recv", ASYNC_READS, URING | ISSUE, BTF | KPROBE },
	{ "on_io_recvmsg", "async: recvmsg", ASYNC_READS, URING | ISSUE, BTF | KPROBE },
	{ "on_io_recvmsg_exit", "async: recvmsg", ASYNC_READS, URING | ISSUE, BTF | KPROBE },
	{ "on_io_read", "async: read", ASYNC_READS, URING, BTF | KPROBE },
	{ "on_io_read_exit", "async: read", ASYNC_READS, URING, BTF | KPROBE },
	{ "on_io_read_mshot", "async: multishot read, from 6.7 on",
	  ASYNC_READS, OPTIONAL, BTF | KPROBE },
	{ "on_io_read_mshot_exit", "async: multishot read, from 6.7 on",
	  ASYNC_READS, OPTIONAL, BTF | KPROBE },
	{ "on_io_zcrx_recv", "async: RECV_ZC", NOTHING, OPTIONAL, BTF },
	{ "on_io_zcrx_recv_exit", "async: RECV_ZC", NOTHING, OPTIONAL, BTF },
	{ "on_io_zcrx_recv_skb", "async: RECV_ZC", NOTHING, OPTIONAL, BTF },
	{ "on_io_zcrx_recv_skb_exit", "async: RECV_ZC", NOTHING, OPTIONAL, BTF },
	{ "on_io_zcrx_copy_chunk", "async: RECV_ZC", NOTHING, OPTIONAL, BTF },
	{ "on_io_zcrx_copy_chunk_exit", "async: RECV_ZC", NOTHING, OPTIONAL, BTF },
	{ "on_io_uring_complete", "async: completed", ASYNC, URING, BTF | KPROBE },
	{ "on_io_uring_complete_cqe_again", SKIPPED_TRACEPOINT, BTF | KPROBE },
	{ "on_sys_exit_uring", "async: found", ASYNC, 0, KPROBE },
	{ "on_sys_exit_uring_again", SKIPPED_TRACEPOINT, KPROBE },
	{ "on_io_uring_enter", "async: dispatch", ASYNC_DISPATCH, URING, KPROBE },
	{ "on_io_uring_enter_exit", "async: dispatch", ASYNC_DISPATCH, URING, BTF },
#if __SIZEOF_LONG__ == 8 /* to a 32-bit kernel all processes are of 32 bits */
	{ "on_ia32_io_uring_enter", "async: dispatch in 32-bit processes",
	  ASYNC_DISPATCH, OPTIONAL, KPROBE },
	{ "on_ia32_io_uring_enter_exit", "async: dispatch in 32-bit processes",
	  ASYNC_DISPATCH, OPTIONAL, BTF },
#endif
	{ "on_io_uring_cqring_wait", "async: who waits", ASYNC_DISPATCH, URING, BTF | KPROBE },
	{ "on_io_uring_cqring_wait_again", SKIPPED_TRACEPOINT, BTF },

	/* Event loops */
	{ "on_epoll_wait", "loops of epoll", NOTHING, 0, LOOPS },
	{ "on_epoll_wait_exit", "loops of epoll", NOTHING, 0, LOOPS_BTF },
	{ "on_epoll_ctl_exit_entry", "channels of epoll", NOTHING, 0, LOOPS_KPROBE },
	{ "on_epoll_ctl_exit", "channels of epoll", NOTHING, 0, LOOPS },
	{ "on_poll", "loops of poll", NOTHING, 0, LOOPS },
	{ "on_poll_exit", "loops of poll", NOTHING, 0, LOOPS_BTF },
	{ "on_select", "loops of select", NOTHING, 0, LOOPS },
	{ "on_select_exit", "loops of select", NOTHING, 0, LOOPS_BTF },
	{ "on_compat_select", "loops of select in 32-bit processes",
	  NOTHING, OPTIONAL, LOOPS },
	{ "on_compat_select_exit", "loops of select in 32-bit processes",
	  NOTHING, OPTIONAL, LOOPS_BTF },
	{ "on_ring_enter", "loops of io_uring", NOTHING, URING, LOOPS },
	{ "on_ring_enter_exit", "loops of io_uring", NOTHING, URING, LOOPS_BTF },
	{ "on_ring_io_recv", "channels of io_uring, receives", NOTHING, URING, LOOPS },
	{ "on_ring_io_recv_exit_entry", "channels of io_uring, receives", NOTHING, URING,
	  LOOPS_KPROBE },
	{ "on_ring_io_recv_exit", "channels of io_uring, receives", NOTHING, URING, LOOPS },
	{ "on_ring_io_recvmsg", "channels of io_uring, recvmsg", NOTHING, URING, LOOPS },
	{ "on_ring_io_recvmsg_exit_entry", "channels of io_uring, recvmsg", NOTHING, URING,
	  LOOPS_KPROBE },
	{ "on_ring_io_recvmsg_exit", "channels of io_uring, recvmsg", NOTHING, URING, LOOPS },
	{ "on_ring_io_read", "channels of io_uring, reads", NOTHING, URING, LOOPS },
	{ "on_ring_io_read_exit_entry", "channels of io_uring, reads", NOTHING, URING,
	  LOOPS_KPROBE },
	{ "on_ring_io_read_exit", "channels of io_uring, reads", NOTHING, URING, LOOPS },
	{ "on_ring_io_poll_add", "channels of io_uring, polls", NOTHING, URING, LOOPS },
	{ "on_ring_io_poll_add_exit_entry", "channels of io_uring, polls", NOTHING, URING,
	  LOOPS_KPROBE },
	{ "on_ring_io_poll_add_exit", "channels of io_uring, polls", NOTHING, URING, LOOPS },
	{ "on_ring_io_accept", "channels of io_uring, accepts", NOTHING, URING, LOOPS },
	{ "on_ring_io_accept_exit_entry", "channels of io_uring, accepts", NOTHING, URING,
	  LOOPS_KPROBE },
	{ "on_ring_io_accept_exit", "channels of io_uring, accepts", NOTHING, URING, LOOPS },
	{ "on_ring_io_read_mshot", "channels of io_uring, multishot reads",
	  NOTHING, OPTIONAL, LOOPS },
	{ "on_ring_io_read_mshot_exit_entry", "channels of io_uring, multishot reads",
	  NOTHING, OPTIONAL, LOOPS_KPROBE },
	{ "on_ring_io_read_mshot_exit", "channels of io_uring, multishot reads",
	  NOTHING, OPTIONAL, LOOPS },
	{ "on_ring_complete", "events of io_uring", NOTHING, URING, LOOPS_BTF },
	{ "on_ring_completes", "events of io_uring", NOTHING, URING, LOOPS_KPROBE },
	{ "on_ring_release", "rings that end", NOTHING, URING, LOOPS },
	{ "on_ring_enter_again", SKIPPED_LOOPS },
	{ "on_ring_enter_exit_again", SKIPPED_LOOPS },
	{ "on_poll_again", SKIPPED_LOOPS },
	{ "on_poll_exit_again", SKIPPED_LOOPS },
	{ "on_select_again", SKIPPED_LOOPS },
	{ "on_select_exit_again", SKIPPED_LOOPS },
	{ "on_socket_poll_exit_entry", "channels of poll and select", NOTHING, 0,
	  LOOPS_KPROBE },
	{ "on_socket_poll_exit", "channels of poll and select", NOTHING, 0, LOOPS },
	{ "on_do_accept", "accepts", NOTHING, 0, LOOPS },
	{ "on_sock_alloc_file", "accepts", NOTHING, 0, LOOPS_KPROBE },
	{ "on_do_accept_exit", "accepts", NOTHING, 0, LOOPS_BTF },
	{ "on_sock_close_file", "channels that close", NOTHING, 0, LOOPS },
	{ "on_epoll_release", "epolls that close", NOTHING, 0, LOOPS },
	{ "on_turn_switch", "--slow: where a turn was", NOTHING, ON_DEMAND, LOOPS },
	{ "on_turn_waking", "--slow: where a turn was", NOTHING, ON_DEMAND, LOOPS },
	{ "on_turn_runtime", "--slow: a stack of its time on the CPU", NOTHING,
	  ON_DEMAND, LOOPS },
	{ "on_task_file_listening", "channels from before", NOTHING, 0, LOOPS },
	{ "on_task_file", "channels from before", NOTHING, 0, LOOPS },

	/* Zero copy */
	{ "on_sys_sendto", "sends", NOTHING, 0, ZEROCOPY },
	{ "on_sys_sendto_exit", "sends", NOTHING, 0, ZEROCOPY_BTF },
	{ "on_sys_sendmsg", "sends of sendmsg, sendmmsg", NOTHING, 0, ZEROCOPY },
	{ "on_sys_sendmsg_exit", "sends of sendmsg, sendmmsg", NOTHING, SPARE, ZEROCOPY },
	{ "on_sock_write_iter", "sends of write", NOTHING, 0, ZEROCOPY },
	{ "on_sock_write_iter_exit", "sends of write", NOTHING, SPARE, ZEROCOPY },
	{ "on_sock_sendmsg", "sends of io_uring", NOTHING, 0, ZEROCOPY },
	{ "on_sock_sendmsg_exit", "sends of io_uring", NOTHING, SPARE, ZEROCOPY },
	{ "on_tcp_wmem_schedule_exit_entry", "copies of TCP sends", NOTHING, 0,
	  ZEROCOPY_KPROBE },
	{ "on_tcp_wmem_schedule_exit", "copies of TCP sends", NOTHING, 0, ZEROCOPY },
	{ "on_tcp_push", "copies of TCP sends", NOTHING, 0, ZEROCOPY },
	{ "on_tcp_push_one", "copies of TCP sends", NOTHING, 0, ZEROCOPY },
	{ "on_tcp_push_pending_frames", "copies of TCP sends", NOTHING, 0, ZEROCOPY },
	{ "on_sk_page_frag_refill", "copies of TCP sends", NOTHING, 0, ZEROCOPY },
	{ "on_tcp_stream_alloc_skb", "copies of TCP sends", NOTHING, 0, ZEROCOPY },
	{ "on_skb_zerocopy_iter_stream", "copies of TCP sends", NOTHING, 0, ZEROCOPY },
	{ "on_skb_copy_datagram_from_iter", "copies of UNIX sends", NOTHING, 0, ZEROCOPY },
	{ "on_skb_copy_datagram_from_iter_exit", "copies of UNIX sends", NOTHING, 0,
	  ZEROCOPY },
	{ "on_ip_generic_getfrag", "copies of UDP sends", NOTHING, 0, ZEROCOPY },
	{ "on_ip_generic_getfrag_exit", "copies of UDP sends", NOTHING, 0, ZEROCOPY },
	{ "on_do_sendfile", "sendfile", NOTHING, 0, ZEROCOPY },
	{ "on_do_sendfile_exit", "sendfile", NOTHING, 0, ZEROCOPY_BTF },
	{ "on_do_splice", "splice", NOTHING, 0, ZEROCOPY },
	{ "on_do_splice_exit", "splice", NOTHING, SPARE, ZEROCOPY },
	/* what moves a page: the first two since 6.5, the others until then */
	{ "on_skb_splice_from_iter", "pages that are sent", NOTHING, OPTIONAL, ZEROCOPY },
	{ "on_skb_splice_from_iter_exit", "pages that are sent", NOTHING, OPTIONAL, ZEROCOPY },
	{ "on_do_tcp_sendpages", "pages that TCP sends", NOTHING, OPTIONAL, ZEROCOPY },
	{ "on_do_tcp_sendpages_exit", "pages that TCP sends", NOTHING, OPTIONAL,
	  ZEROCOPY_BTF },
	{ "on_unix_stream_sendpage_exit", "pages that UNIX sockets send", NOTHING, OPTIONAL,
	  ZEROCOPY_BTF },
	{ "on_unix_stream_sendpage", "pages that UNIX sockets send", NOTHING, OPTIONAL,
	  ZEROCOPY_KPROBE },
	{ "on_ip_append_page_exit_entry", "pages that UDP sends", NOTHING, OPTIONAL,
	  ZEROCOPY_KPROBE },
	{ "on_ip_append_page_exit", "pages that UDP sends", NOTHING, OPTIONAL, ZEROCOPY },
	{ "on_copy_splice_read", "files without pages", NOTHING, OPTIONAL, ZEROCOPY },
	{ "on_copy_splice_read_exit", "files without pages", NOTHING, OPTIONAL, ZEROCOPY },
	{ "on_skb_splice_bits", "what splice copies", NOTHING, 0, ZEROCOPY },
	{ "on_skb_splice_bits_exit_entry", "what splice copies", NOTHING, 0,
	  ZEROCOPY_KPROBE },
	{ "on_skb_splice_bits_exit", "what splice copies", NOTHING, 0, ZEROCOPY },
	{ "on_tcp_zerocopy_receive", "TCP_ZEROCOPY_RECEIVE", NOTHING, 0, ZEROCOPY },
	{ "on_tcp_zerocopy_receive_exit_entry", "TCP_ZEROCOPY_RECEIVE", NOTHING, 0,
	  ZEROCOPY_KPROBE },
	{ "on_tcp_zerocopy_receive_exit", "TCP_ZEROCOPY_RECEIVE", NOTHING, 0, ZEROCOPY },
	{ "on_msg_zerocopy_realloc_exit", "MSG_ZEROCOPY", NOTHING, 0, ZEROCOPY },
	{ "on_msg_zerocopy_callback", "MSG_ZEROCOPY", NOTHING, 0, ZEROCOPY },
	{ "on_io_tx_complete", "SEND_ZC of io_uring", NOTHING, OPTIONAL, ZEROCOPY },
	{ "on_io_notif_complete", "SEND_ZC of io_uring", NOTHING, OPTIONAL, ZEROCOPY },
	{ "on_io_recvzc", "RECV_ZC of io_uring", NOTHING, OPTIONAL, ZEROCOPY },
	{ "on_io_recvzc_exit", "RECV_ZC of io_uring", NOTHING, OPTIONAL, ZEROCOPY },
	{ "on_io_zcrx_recv_skb", "RECV_ZC of io_uring", NOTHING, OPTIONAL, ZEROCOPY },
	{ "on_io_zcrx_recv_skb_exit", "RECV_ZC of io_uring", NOTHING, OPTIONAL, ZEROCOPY },
	{ "on_io_zcrx_copy_chunk", "RECV_ZC of io_uring", NOTHING, OPTIONAL, ZEROCOPY },
	{ "on_io_zcrx_copy_chunk_exit", "RECV_ZC of io_uring", NOTHING, OPTIONAL, ZEROCOPY },
	{ "on_skb_copy_ubufs", "why zero copy fell back", NOTHING, 0, ZEROCOPY },
	{ "on_skb_copy_ubufs_exit_entry", "why zero copy fell back", NOTHING, 0,
	  ZEROCOPY_KPROBE },
	{ "on_skb_copy_ubufs_exit", "why zero copy fell back", NOTHING, 0, ZEROCOPY },

	/* The ends of sockets and threads; children; names */
	{ "on_security_sk_free", "socket state is freed", READY, 0, BTF | KPROBE | LOOPS },
	{ "on_sched_process_exit", "thread state is freed", NOTHING, 0, ALL | LOOPS | ZEROCOPY },
	{ "on_sched_process_fork", "children; threads by name", NOTHING, 0,
	  BTF | LOOPS | ZEROCOPY },
	{ "on_task_newtask", "children; threads by name", NOTHING, 0, KPROBE | TRACEPOINT },
	{ "on_sched_process_exec", "thread state is freed", NOTHING, 0, ALL | LOOPS | ZEROCOPY },
	{ "on_task_rename", "names that change", NOTHING, 0, ALL | LOOPS | ZEROCOPY },
};
/* clang-format on */

_Static_assert(ARRAY_SIZE(all_hooks) <= MAX_HOOKS, "room for all hooks");

int hooks_of(__u32 backend, const struct hook **hooks)
{
	int nr = 0;

	for (size_t i = 0; i < ARRAY_SIZE(all_hooks); i++)
		if (all_hooks[i].backends & backend)
			hooks[nr++] = &all_hooks[i];
	return nr;
}

bool hook_missed(const struct hook *h, int error, bool has_uring)
{
	if (!error || error == HOOK_WITHOUT_OTHERS || error == HOOK_NOT_NEEDED)
		return false;
	if (error != ENOENT)
		return true;
	if (h->flags & (HOOK_ON_DEMAND | HOOK_AGAIN))
		return false; /* nobody wants it, or its hook is not there either */
	return h->flags & HOOK_URING ? has_uring : !(h->flags & HOOK_OPTIONAL);
}
