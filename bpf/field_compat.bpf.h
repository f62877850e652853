/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The accessors of core_compat.bpf.h for objects without CO-RE: everything is
 * read through bpf_probe_read_kernel() at offsets that user space has set.
 * Reads at unknown offsets are dead code by the time the verifier looks.
 */
#ifndef IOPHASE_FIELD_COMPAT_BPF_H
#define IOPHASE_FIELD_COMPAT_BPF_H

#include "iophase.h"
#include "fields.h"

const volatile struct iop_fields fields = {};

#define KNOWN(field) (fields.field != IOP_UNKNOWN)
#define READ(dst, base, field) \
	bpf_probe_read_kernel(&(dst), sizeof(dst), (void *)((base) + fields.field))

/* A kernel address is a number, of the kernel's width. */
#ifdef IOPHASE_32
typedef __u32 kaddr;
/* Atomics do not load there when the JIT is on (HOOKS 4). */
#define STAT_ADD(lvalue, n) ((lvalue) += (n))
#define FETCH_ADD(lvalue, n) \
	({ __typeof__(lvalue) was_ = (lvalue); (lvalue) = was_ + (n); was_; })
#define EXCHANGE(lvalue, n) \
	({ __typeof__(lvalue) was_ = (lvalue); (lvalue) = (n); was_; })
#else
typedef __u64 kaddr;
#define STAT_ADD(lvalue, n) __sync_fetch_and_add(&(lvalue), n)
#define FETCH_ADD(lvalue, n) __sync_fetch_and_add(&(lvalue), n)
#define EXCHANGE(lvalue, n) __sync_lock_test_and_set(&(lvalue), n)
#endif

static __always_inline __u64 kernel_pointer(__u64 base, __u16 offset)
{
	kaddr p = 0;

	bpf_probe_read_kernel(&p, sizeof(p), (void *)(base + offset));
	return p;
}

static __always_inline __u64 sock_of_socket(__u64 socket)
{
	return kernel_pointer(socket, fields.socket_sk);
}

static __always_inline bool is_kernel_thread(void)
{
	__u32 flags = 0;

	if (KNOWN(task_flags))
		READ(flags, (__u64)(kaddr)bpf_get_current_task(), task_flags);
	return flags & PF_KTHREAD;
}

/*
 * Is the exiting thread its process's last one? Without BTF the first thread
 * stands for the process.
 */
static __always_inline bool is_last_thread(__u32 pid, __u32 tid)
{
	__u32 live = 0;

	if (!KNOWN(task_signal) || !KNOWN(signal_live))
		return tid == pid;
	READ(live, kernel_pointer((kaddr)bpf_get_current_task(),
				  fields.task_signal), signal_live);
	return !live;
}

/* The socket that a struct socket_wq is part of. */
static __always_inline __u64 sock_of_wq(__u64 wq)
{
	return sock_of_socket(wq - fields.socket_wq);
}

/* The socket behind a file that is one; 0: not known. */
static __always_inline __u64 sock_of_file(__u64 file)
{
	if (!KNOWN(private_data))
		return 0;
	return sock_of_socket(kernel_pointer(file, fields.private_data));
}

static __always_inline void fill_tcp_queue(__u64 sk, struct iop_queue *q)
{
	READ(q->head, sk, copied_seq);
	READ(q->tail, sk, rcv_nxt);
	q->packets = 0;
}

/*
 * What lies unread. Without BTF nobody knows: an arrival is taken for one more
 * packet, and a read (arrived 0) for one that leaves nothing; the one after a
 * read that did leave data says unseen.
 */
static __always_inline void fill_queue_at(__u64 sk, struct iop_queue *q,
					  __u32 arrived)
{
	__u16 type = 0, protocol = 0;
	__u32 more = 0;
	__u8 shutdown = 0;

	q->head = 0;
	q->packets = 1;
	if (!KNOWN(qlen) || !KNOWN(copied_seq) || !KNOWN(sk_protocol)) {
		q->tail = 2 * arrived;
		return;
	}
	READ(shutdown, sk, sk_shutdown);
	q->shutdown = !!(shutdown & RCV_SHUTDOWN);
	READ(type, sk, sk_type);
	READ(protocol, sk, sk_protocol);
	if (protocol == IPPROTO_TCP && type == SOCK_STREAM) {
		fill_tcp_queue(sk, q);
		return;
	}
	READ(q->tail, sk, qlen);
	if (protocol == IPPROTO_UDP && KNOWN(reader_qlen)) {
		READ(more, sk, reader_qlen);
		q->tail += more;
	}
}

static __always_inline void fill_queue(struct sock *sk, struct iop_queue *q,
				       __u32 arrived)
{
	fill_queue_at((__u64)sk, q, arrived);
}

static __always_inline void fill_ends(struct sock *sock, struct iop_ends *ends)
{
	__u64 sk = (__u64)sock;

	READ(ends->family, sk, family);
	if (KNOWN(sk_type))
		READ(ends->type, sk, sk_type);
	if (KNOWN(sk_protocol))
		READ(ends->protocol, sk, sk_protocol);
	if (ends->family != AF_INET && ends->family != AF_INET6)
		return;
	READ(ends->local_port, sk, num);
	READ(ends->peer_port, sk, dport);
	ends->peer_port = bpf_ntohs(ends->peer_port);
	if (ends->family == AF_INET) {
		READ(*(__u32 *)ends->local, sk, rcv_saddr);
		READ(*(__u32 *)ends->peer, sk, daddr);
	} else if (KNOWN(v6_daddr) && KNOWN(v6_rcv_saddr)) {
		READ(ends->local, sk, v6_rcv_saddr);
		READ(ends->peer, sk, v6_daddr);
	}
}

/* The registers of a kernel or a user context: arch/x86/include/asm/ptrace.h */
#ifdef IOPHASE_32
struct regs {
	__u32 bx, cx, dx, si, di, bp, ax, ds, es, fs, gs, orig_ax, ip, cs;
};

#define ARG1(regs) ((__u64)(regs)->ax)
#define ARG2(regs) ((__u64)(regs)->dx)
#define ARG3(regs) ((__u64)(regs)->cx)
#define USER_ARG1(regs) ((regs)->bx)
#define IS_COMPAT(regs) 0
#define IS_32BIT(regs) 1
#else
struct regs {
	__u64 r15, r14, r13, r12, bp, bx, r11, r10, r9, r8, ax, cx, dx, si, di;
	__u64 orig_ax, ip, cs;
};

#define ARG1(regs) ((regs)->di)
#define ARG2(regs) ((regs)->si)
#define ARG3(regs) ((regs)->dx)
#define USER32_CS 0x23
#define IS_COMPAT(regs) ((regs)->cs == USER32_CS)
#define IS_32BIT(regs) IS_COMPAT(regs)
#define USER_ARG1(regs) (IS_COMPAT(regs) ? (__u32)(regs)->bx : (regs)->di)
#endif
#define RESULT(regs) ((regs)->ax)

/* Which system call a read came by; the number and first argument at entry. */
struct call {
	__u32 syscall;
	__u32 compat;
	__u32 fd;
};

static __always_inline void fill_socketcall(struct call *call,
					    const struct regs *regs)
{
	switch ((__u32)regs->bx) {
	case SOCKETCALL_RECV:
	case SOCKETCALL_RECVFROM:
		call->syscall = NR_I386_RECVFROM;
		break;
	case SOCKETCALL_RECVMSG:
		call->syscall = NR_I386_RECVMSG;
		break;
	case SOCKETCALL_RECVMMSG:
		call->syscall = NR_I386_RECVMMSG;
		break;
	}
	bpf_probe_read_user(&call->fd, sizeof(call->fd),
			    (void *)(__u64)(__u32)regs->cx);
}

static __always_inline void fill_call(struct call *call, const void *user_regs)
{
	struct regs regs = {};

	bpf_probe_read_kernel(&regs, sizeof(regs), user_regs);
	call->compat = IS_COMPAT(&regs);
	call->syscall = regs.orig_ax;
	call->fd = USER_ARG1(&regs);
	if (IS_32BIT(&regs) && call->syscall == NR_I386_SOCKETCALL)
		fill_socketcall(call, &regs);
}

#endif
