// SPDX-License-Identifier: GPL-2.0-only
#include "prototypes.h"

#include <bpf/btf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "kernel_types.h"
#include "util.h"

/*
 * Arguments as the kernel's types have them: "n" is a number, "*" a pointer,
 * "sock*" one to a struct sock. "..." stands for more that no program looks at;
 * a program that takes the result of a function needs to know them all.
 */

/*
 * Hooks that have changed: a program for each of the prototypes. Where the
 * kernel has no types they are tried in this order; it refuses a program that
 * takes more arguments than there are, so those with most come first.
 */
static const struct {
	const char *hook;
	const char *program;
	const char *arguments;
} variants[] = {
	/* 6.1, 6.12 */
	{ "on_io_uring_complete", "on_io_uring_complete", "*, *, n, n, n, ..." },
	/* 5.10.223: no request, but what the program calls it */
	{ "on_io_uring_complete", "on_io_uring_complete_data", "*, n, n, n" },
	/* 6.18, 7.3 */
	{ "on_io_uring_complete", "on_io_uring_complete_cqe", "*, *, io_uring_cqe*" },
	{ "on_io_uring_complete_cqe_again", "on_io_uring_complete_cqe_again",
	  "*, *, io_uring_cqe*" },
	/* 6.1; before the next, as a kernel without types takes the first that is there */
	{ "on_io_uring_submit", "on_io_uring_submit_sqe", "io_kiocb*, ..." },
	/* 5.10.223 */
	{ "on_io_uring_submit", "on_io_uring_submit_ring", "*, *, n, n, n, n, n" },
	/* renamed by 2ad57931db64 (6.4) */
	{ "on_io_uring_submit", "on_io_uring_submit_req", "io_kiocb*, ..." },
	{ "on_io_uring_submit_req_again", "on_io_uring_submit_req_again",
	  "io_kiocb*, ..." },
	{ "on_skb_recv_udp_exit", "on_skb_recv_udp_exit", "sock*, n, *, *" },
	/* until ec095263a965 (5.19) */
	{ "on_skb_recv_udp_exit", "on_skb_recv_udp_exit_noblock", "sock*, n, n, *, *" },
	{ "on_zerocopy_read", "on_zerocopy_read", "sock*, ..." },
	{ "on_zerocopy_read_exit", "on_zerocopy_read_exit",
	  "sock*, tcp_zerocopy_receive*, *" },
	/* 5.10.223 */
	{ "on_zerocopy_read_exit", "on_zerocopy_read_exit_untimed",
	  "sock*, tcp_zerocopy_receive*" },
	/* since fa2c3254d7cf (5.18); before, the state is not passed */
	{ "on_task_switch", "on_task_switch", "n, task_struct*, task_struct*, n, ..." },
	{ "on_task_switch", "on_task_switch_untold", "n, task_struct*, task_struct*" },
	/* since a2b80ce87a87 (6.12) */
	{ "on_signal_dequeued", "on_signal_dequeued", "*, kernel_siginfo*, *" },
	/* 6.1 */
	{ "on_signal_dequeued", "on_signal_dequeued_task",
	  "task_struct*, *, kernel_siginfo*, *" },
	/* 5.10 */
	{ "on_signal_dequeued", "on_signal_dequeued_untyped",
	  "task_struct*, *, kernel_siginfo*" },
	/* until 92ef0fd55ac8 (6.10), and since */
	{ "on_do_accept_exit", "on_do_accept_exit", "file*, n, *, *, n" },
	{ "on_do_accept_exit", "on_do_accept_exit", "file*, *, *, *, n" },
	/* since 7cdf7c20e971 (5.11) the timeout is none of milliseconds */
	{ "on_epoll_wait", "on_epoll_wait", "n, *, n, timespec64*" },
	{ "on_epoll_wait", "on_epoll_wait_ms", "n, *, n, n" },
	{ "on_epoll_wait_exit", "on_epoll_wait_exit", "n, *, n, timespec64*" },
	{ "on_poll", "on_poll", "*, n, timespec64*" },
	{ "on_poll_exit", "on_poll_exit", "*, n, timespec64*" },
	{ "on_select", "on_select", "n, *, *, *, timespec64*" },
	{ "on_select_exit", "on_select_exit", "n, *, *, *, timespec64*" },
	{ "on_compat_select", "on_compat_select", "n, *, *, *, timespec64*" },
	{ "on_compat_select_exit", "on_compat_select_exit", "n, *, *, *, timespec64*" },
	{ "on_ring_io_accept", "on_ring_io_accept", "io_kiocb*, n" },
	{ "on_ring_io_accept_exit_entry", "on_ring_io_accept_exit_entry", "io_kiocb*, n" },
	{ "on_ring_io_accept_exit", "on_ring_io_accept_exit", "io_kiocb*, n" },
	/* 5.10.223 has no function of its own for it */
	{ "on_ring_io_accept", "on_ring_accept", "io_kiocb*, n" },
	{ "on_ring_io_accept_exit_entry", "on_ring_accept_exit_entry", "io_kiocb*, n" },
	{ "on_ring_io_accept_exit", "on_ring_accept_exit", "io_kiocb*, n" },
	/* 6.1, 6.12; 5.10.223; 6.18, 7.3 */
	{ "on_ring_completes", "on_ring_completes", "*, *, n, n, n, ..." },
	{ "on_ring_completes", "on_ring_completes_data", "*, n, n, n" },
	{ "on_ring_completes", "on_ring_completes_cqe", "*, *, io_uring_cqe*" },
	/* since fa2c3254d7cf (5.18); before, the state is not passed */
	{ "on_turn_switch", "on_turn_switch", "n, task_struct*, task_struct*, n, ..." },
	{ "on_turn_switch", "on_turn_switch_untold", "n, task_struct*, task_struct*" },
	/* until 6.12; 7.3 can send what is in a device's memory */
	{ "on_msg_zerocopy_realloc_exit", "on_msg_zerocopy_realloc_exit", "sock*, n, *" },
	{ "on_msg_zerocopy_realloc_exit", "on_msg_zerocopy_realloc_exit_devmem",
	  "sock*, n, *, n" },
	{ "on_msg_zerocopy_realloc_exit_again", "on_msg_zerocopy_realloc_exit_again",
	  "sock*, n, *" },
	{ "on_msg_zerocopy_realloc_exit_again",
	  "on_msg_zerocopy_realloc_exit_devmem_again", "sock*, n, *, n" },
	/* 5.10 */
	{ "on_msg_zerocopy_realloc_exit", "on_sock_zerocopy_realloc_exit",
	  "sock*, n, ubuf_info*" },
	{ "on_msg_zerocopy_callback", "on_msg_zerocopy_callback", "ubuf_info_msgzc*" },
	{ "on_msg_zerocopy_callback_again", "on_msg_zerocopy_callback_again",
	  "ubuf_info_msgzc*" },
	/* 5.10 */
	{ "on_msg_zerocopy_callback", "on_sock_zerocopy_callback", "ubuf_info*, n" },
	{ "on_tcp_wmem_schedule_exit_entry", "on_tcp_wmem_schedule_exit_entry",
	  "sock*, n" },
	{ "on_tcp_wmem_schedule_exit", "on_tcp_wmem_schedule_exit", "sock*, n" },
	/* 5.10 */
	{ "on_tcp_wmem_schedule_exit_entry", "on_sk_page_frag_refill_exit_entry",
	  "sock*, ..." },
	{ "on_tcp_wmem_schedule_exit", "on_sk_page_frag_refill_exit", "sock*, *" },
	{ "on_tcp_stream_alloc_skb", "on_tcp_stream_alloc_skb", "sock*, ..." },
	/* 5.10 */
	{ "on_tcp_stream_alloc_skb", "on_sk_stream_alloc_skb", "sock*, ..." },
	{ "on_tcp_zerocopy_receive_exit", "on_tcp_zerocopy_receive_exit",
	  "sock*, tcp_zerocopy_receive*, *" },
	/* 5.10 */
	{ "on_tcp_zerocopy_receive_exit", "on_tcp_zerocopy_receive_exit",
	  "sock*, tcp_zerocopy_receive*" },
	/* 6.12, 7.3 */
	{ "on_skb_splice_from_iter_exit", "on_skb_splice_from_iter_exit", "*, *, n, n" },
	{ "on_skb_splice_from_iter_exit", "on_skb_splice_from_iter_exit_nogfp",
	  "*, *, n" },
	/* 6.1, 6.12 */
	{ "on_io_tx_complete", "on_io_tx_callback", "sk_buff*, ubuf_info*, n" },
	{ "on_io_tx_complete", "on_io_tx_complete", "sk_buff*, ubuf_info*, n" },
	{ "on_io_tx_complete_again", "on_io_tx_complete_again",
	  "sk_buff*, ubuf_info*, n" },
	/* 6.1; 6.12; 7.3, whose structure is that pointer */
	{ "on_io_notif_complete", "on_io_notif_complete_tw", "io_kiocb*, ..." },
	{ "on_io_notif_complete", "on_io_notif_complete", "io_kiocb*, ..." },
	{ "on_io_notif_complete", "on_io_notif_complete", "struct, ..." },
	{ "on_io_notif_complete_again", "on_io_notif_complete_again", "io_kiocb*, ..." },
	{ "on_io_notif_complete_again", "on_io_notif_complete_again", "struct, ..." },
};

/* Hooks that have been the same as long as iophase knows them. */
static const struct {
	const char *target;
	const char *arguments;
} unchanged[] = {
	{ "sock_recvmsg", "socket*, msghdr*, n" },
	{ "bpf_lsm_socket_recvmsg", "socket*, msghdr*, n, n" },
	{ "sock_splice_read", "file*, *, *, n, n" },
	{ "____sys_recvmsg", "socket*, msghdr*, user_msghdr*, sockaddr*, n, n" },
	{ "do_recvmmsg", "n, ..." },
	{ "__sys_sendmmsg", "n, ..." },
	{ "io_issue_sqe", "io_kiocb*, ..." },
	{ "aio_read", "kiocb*, ..." },
	{ "aio_complete_rw", "kiocb*, n, ..." },
	{ "sock_def_readable", "sock*, ..." },
	{ "skb_copy_datagram_iter", "sk_buff*, n, iov_iter*, n, ..." },
	{ "skb_consume_udp", "sock*, sk_buff*, n, ..." },
	{ "sock_poll", "file*, poll_table_struct*" },
	{ "tcp_poll", "file*, socket*, poll_table_struct*, ..." },
	{ "udp_poll", "file*, socket*, poll_table_struct*, ..." },
	{ "unix_poll", "file*, socket*, poll_table_struct*, ..." },
	{ "unix_dgram_poll", "file*, socket*, poll_table_struct*, ..." },
	{ "datagram_poll", "file*, socket*, poll_table_struct*, ..." },
	{ "sock_fasync", "n, file*, n" },
	{ "sock_wake_async", "socket_wq*, n, n, ..." },
	{ "send_sigio_to_task", "task_struct*, fown_struct*, n, n, ..." },
	{ "io_recv", "io_kiocb*, ..." },
	{ "io_recvmsg", "io_kiocb*, ..." },
	{ "io_read", "io_kiocb*, ..." },
	{ "io_read_mshot", "io_kiocb*, ..." },
	{ "__x64_sys_io_uring_enter", "pt_regs*" },
	{ "__arm64_sys_io_uring_enter", "pt_regs*" },
	{ "__ia32_sys_io_uring_enter", "pt_regs*" },
	{ "security_sk_free", "sock*, ..." },
	{ "do_accept", "file*, ..." },
	{ "do_epoll_ctl", "n, n, n, *, n" },
	{ "sock_alloc_file", "socket*, ..." },
	{ "sock_close", "inode*, file*" },
	{ "ep_eventpoll_release", "inode*, file*" },
	{ "io_uring_cqring_wait", "*, ..." },
	{ "__sys_sendto", "n, *, n, n, *, n" },
	{ "____sys_sendmsg", "socket*, msghdr*, n, *, n" },
	{ "sock_write_iter", "kiocb*, iov_iter*" },
	{ "sock_sendmsg", "socket*, msghdr*" },
	{ "tcp_push", "sock*, ..." },
	{ "tcp_push_one", "sock*, ..." },
	{ "__tcp_push_pending_frames", "sock*, ..." },
	{ "sk_page_frag_refill", "sock*, ..." },
	{ "skb_copy_datagram_from_iter", "sk_buff*, n, iov_iter*, n" },
	{ "ip_generic_getfrag", "*, *, n, n, n, sk_buff*" },
	{ "do_sendfile", "n, n, *, n, n" },
	{ "__skb_try_recv_from_queue", "*, ..." },
	{ "do_splice", "file*, *, file*, *, n, n" },
	{ "do_tcp_sendpages", "sock*, page*, n, n, n" },
	{ "unix_stream_sendpage", "socket*, page*, n, n, n" },
	{ "ip_append_page", "sock*, *, page*, n, n, n" },
	{ "copy_splice_read", "file*, *, *, n, n" },
	{ "skb_splice_bits", "sk_buff*, sock*, n, *, n, n" },
	{ "tcp_zerocopy_receive", "sock*, ..." },
	{ "skb_copy_ubufs", "sk_buff*, ..." },
	{ "io_recvzc", "io_kiocb*, n" },
	{ "io_zcrx_recv", "io_kiocb*, *, socket*, n, n, *" },
	{ "io_zcrx_recv_skb", "*, sk_buff*, n, n" },
	{ "io_zcrx_copy_chunk", "io_kiocb*, *, page*, n, n" },
	{ "signal_deliver", "n, kernel_siginfo*, ..." },
	{ "signal_generate", "n, kernel_siginfo*, task_struct*, ..." },
	{ "sched_process_exit", "task_struct*, ..." },
	{ "sched_process_fork", "task_struct*, task_struct*, ..." },
	{ "sched_switch", "n, task_struct*, task_struct*, ..." },
	{ "sched_waking", "task_struct*, ..." },
	{ "sched_stat_runtime", "task_struct*, n, ..." },
	{ "skb_copy_datagram_iovec", "sk_buff*, n, ..." },
	{ "tcp_rcv_space_adjust", "sock*, ..." },
	{ "consume_skb", "sk_buff*, ..." },
	{ "kfree_skb", "sk_buff*, ..." },
	{ "sk_data_ready", "sock*, ..." },
	{ "sock_recv_length", "sock*, n, ..." },
	{ "sys_enter", "pt_regs*, n" },
	{ "sys_exit", "pt_regs*, n" },
};

/* Its symbols are not to be read by everybody, so its types are asked first. */
bool kernel_has(const char *function)
{
	bool has = kernel_hook_type(function, false) > 0;
	char line[256], name[64];
	FILE *f = has ? NULL : fopen("/proc/kallsyms", "re");

	snprintf(name, sizeof(name), " %s\n", function);
	while (f && !has && fgets(line, sizeof(line), f))
		has = !!strstr(line, name);
	if (f)
		fclose(f);
	return has;
}

/* The prototype behind a function, or behind a tracepoint's typedef. */
static const struct btf_type *prototype_of(const struct btf *btf, int id)
{
	const struct btf_type *t = btf__type_by_id(btf, id);

	while (t && !btf_is_func_proto(t))
		t = btf_is_typedef(t) || btf_is_ptr(t) || btf_is_func(t) ?
			    btf__type_by_id(btf, t->type) :
			    NULL;
	return t;
}

static void append(char *text, size_t size, const char *more)
{
	size_t len = strlen(text);

	snprintf(text + len, size - len, "%s", more);
}

/* btf__resolve_type() takes what is only declared for nothing. */
static const struct btf_type *bare_type(const struct btf *btf, int id)
{
	const struct btf_type *t = btf__type_by_id(btf, id);

	while (t && (btf_is_mod(t) || btf_is_typedef(t)))
		t = btf__type_by_id(btf, t->type);
	return t;
}

static void append_type(const struct btf *btf, int id, char *text, size_t size)
{
	const struct btf_type *t = bare_type(btf, id);

	if (t && btf_is_ptr(t)) {
		t = bare_type(btf, t->type);
		if (t && (btf_is_composite(t) || btf_is_fwd(t)))
			append(text, size, btf__name_by_offset(btf, t->name_off));
		append(text, size, "*");
	} else {
		append(text, size, t && btf_is_composite(t) ? "struct" : "n");
	}
}

/* "socket*, msghdr*, n"; a tracepoint's first argument is the program's data. */
static void describe(const struct btf *btf, const struct btf_type *proto,
		     bool tracepoint, char *text, size_t size)
{
	text[0] = 0;
	for (int i = tracepoint; i < btf_vlen(proto); i++) {
		if (text[0])
			append(text, size, ", ");
		append_type(btf, btf_params(proto)[i].type, text, size);
	}
}

/* Does one argument, of len characters, fit? */
static bool fits_one(const char *known, size_t known_len, const char *it, size_t len)
{
	if (known_len == 1 && *known == '*')
		return len && it[len - 1] == '*';
	return known_len == len && !memcmp(known, it, len);
}

static bool fits(const char *known, const char *it)
{
	while (strcmp(known, "...")) {
		size_t known_len = strcspn(known, ","), len = strcspn(it, ",");

		if (!fits_one(known, known_len, it, len))
			return false;
		known += known_len;
		it += len;
		if (!*known || !*it)
			break;
		known += 2;
		it += 2;
	}
	/* all of it, or what no program looks at */
	return !strcmp(known, "...") || !strcmp(known, ", ...") || (!*known && !*it);
}

const char *program_target(const struct bpf_program *p)
{
	const char *section = bpf_program__section_name(p);

	return strrchr(section, '/') + 1;
}

/* "iter/...": no hook, but run when it is asked to. */
bool program_is_iterator(const struct bpf_program *p)
{
	return !strncmp(bpf_program__section_name(p), "iter/", strlen("iter/"));
}

/* "tp_btf/...", "raw_tp/..." or "tp/..."; others are functions. */
static bool is_tracepoint(const struct bpf_program *p)
{
	const char *section = bpf_program__section_name(p);

	return !strncmp(section, "tp", 2) || !strncmp(section, "raw_tp", 6);
}

static struct bpf_program *find_program(const struct bpf_object *obj, const char *name)
{
	return bpf_object__find_program_by_name(obj, name);
}

const char *hook_target(const struct bpf_object *obj, const struct hook *h)
{
	const struct bpf_program *p = find_program(obj, h->program);

	for (size_t i = 0; !p && i < ARRAY_SIZE(variants); i++)
		if (!strcmp(variants[i].hook, h->program) &&
		    (i + 1 == ARRAY_SIZE(variants) ||
		     strcmp(variants[i + 1].hook, h->program)))
			p = find_program(obj, variants[i].program);
	return program_target(p);
}

/* 0: they are known; ENOENT, EPROTO as in prototypes.h. */
static int check_arguments(const struct bpf_program *p, const char *known, char *why,
			   size_t size)
{
	bool tracepoint = is_tracepoint(p);
	const struct btf_type *proto;
	char name[64];
	int id;

	snprintf(name, sizeof(name), "%s%s", program_is_iterator(p) ? "bpf_iter_" : "",
		 program_target(p));
	id = kernel_hook_type(name, tracepoint);
	proto = id > 0 ? prototype_of(kernel_btf(), id) : NULL;
	if (id < 0)
		return ENOENT;
	if (!proto || !known)
		return 0;
	describe(kernel_btf(), proto, tracepoint, why, size);
	return fits(known, why) ? 0 : EPROTO;
}

static const char *unchanged_arguments(const struct bpf_program *p)
{
	for (size_t i = 0; i < ARRAY_SIZE(unchanged); i++)
		if (!strcmp(unchanged[i].target, program_target(p)))
			return unchanged[i].arguments;
	return NULL;
}

int hook_variants(const struct bpf_object *obj, const struct hook *h, bool typed,
		  const char *programs[MAX_VARIANTS], int *error, char *why, size_t size)
{
	/* without types, what is there is found by trying */
	bool tries = !kernel_btf() || !typed, varies = false;
	const struct bpf_program *p;
	int n = 0, err;

	*error = ENOENT;
	for (size_t i = 0; i < ARRAY_SIZE(variants); i++) {
		if (strcmp(variants[i].hook, h->program))
			continue;
		p = find_program(obj, variants[i].program);
		if (!p)
			continue; /* it is another backend's */
		varies = true;
		programs[n] = variants[i].program;
		err = check_arguments(p, variants[i].arguments, why, size);
		if (!err) {
			programs[0] = programs[n];
			return 1;
		}
		if (err == EPROTO)
			*error = err;
		else
			n += tries;
	}
	if (varies && h->flags & HOOK_AGAIN) {
		*error = ENOENT; /* another variant is this kernel's */
		return 0;
	}
	if (varies)
		return *error == EPROTO ? 0 : n;
	programs[0] = h->program;
	p = find_program(obj, h->program);
	*error = check_arguments(p, unchanged_arguments(p), why, size);
	return !*error || (*error == ENOENT && tries);
}
