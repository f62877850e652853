/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * How to get a fact out of kernel structures: one accessor each, with what
 * differs between kernels said beside it. Callers never branch.
 */
#ifndef IOPHASE_CORE_COMPAT_BPF_H
#define IOPHASE_CORE_COMPAT_BPF_H

#include "backend.bpf.h"
#include "either.bpf.h"

#if BY_KPROBE
/* What kprobes are given the verifier has no types for. From 5.10 on. */
#define TCP_SOCK(sk) ((struct tcp_sock *)(sk))
#define CAST(structure, address) ((struct structure *)(address))
static const struct iop_casts casts = {}; /* none is known */

#define STAT_ADD(lvalue, n) ((void)__sync_fetch_and_add(&(lvalue), n))
#define FETCH_ADD FETCH_ADD_IN_STEPS
#define EXCHANGE EXCHANGE_IN_STEPS
#define HAS_STATE_CACHE 0
#define SUBPROG static __always_inline /* those that take pointers are of 5.12 */
#define SUBPROG_OF_NUMBERS __attribute__((noinline))
#define SUBPROG_STATIC static __always_inline
#else
#define TCP_SOCK(sk) bpf_skc_to_tcp_sock(sk)

/* 64 bits have atomics; on 32-bit x86 the kernel refuses them (-524). */
#define STAT_ADD(lvalue, n) __sync_fetch_and_add(&(lvalue), n)
#define FETCH_ADD(lvalue, n) __sync_fetch_and_add(&(lvalue), n)
#define EXCHANGE(lvalue, n) __sync_lock_test_and_set(&(lvalue), n)
#define HAS_STATE_CACHE 1
#define SUBPROG __attribute__((noinline))
#define SUBPROG_OF_NUMBERS SUBPROG
#define SUBPROG_STATIC static __attribute__((noinline))

/*
 * Since 6.2 a number can be taken for the address of a structure (bpf_rdonly_cast(), a
 * kfunc): its members are then loads, where else each takes a helper of some 60
 * instructions. User space puts the kfunc in the place of the helper IOP_CAST_CALL.
 */
const volatile struct iop_casts casts = {}; /* set before load */
static void *(*const cast)(const void *address, __u32 type) = (void *)IOP_CAST_CALL;
#define CAST(structure, address) \
	((struct structure *)cast((const void *)(address), casts.structure))
#define CURRENT_TASK_IDS

/* A constant, of one instruction where one that is set before load has two. */
#define IS_SINCE_6_15 bpf_core_type_exists(struct iou_vec)
#endif

#include "ids.bpf.h"

#ifdef CURRENT_TASK_IDS
/*
 * Members of a task are single loads where the kernel trusts its own pointers, and the
 * JIT has the task's address in place (6.10), where the helper is a call.
 */
static __always_inline struct task_ids current_task_ids(void)
{
	struct task_struct *task;
	__u64 id;

	if (IS_SINCE_6_15) {
		task = CURRENT;
		return (struct task_ids){ .pid = task->tgid, .tid = task->pid };
	}
	id = bpf_get_current_pid_tgid();
	return (struct task_ids){ .pid = id >> 32, .tid = id };
}
#endif

static __always_inline bool is_kernel_thread(void)
{
	return LOAD(CURRENT, flags) & PF_KTHREAD;
}

/* The name of the running thread's process: of its first thread. */
static __always_inline void leader_comm(char comm[IOP_COMM_LEN])
{
	struct task_struct *leader = LOAD(CURRENT, group_leader);

	bpf_core_read_str(comm, IOP_COMM_LEN, &leader->comm);
}

static __always_inline bool is_shut_down(struct sock *sk)
{
	return LOAD(sk, sk_shutdown) & RCV_SHUTDOWN;
}

static __always_inline __u32 queue_kind(const struct sock *sk)
{
	switch (LOAD(sk, sk_protocol)) {
	case IPPROTO_TCP:
		return LOAD(sk, sk_type) == SOCK_STREAM ? IOP_QUEUE_BYTES :
							  IOP_QUEUE_PACKETS;
	case IPPROTO_UDP:
		return IOP_QUEUE_TWO;
	case IPPROTO_MPTCP:
		return IOP_QUEUE_UNKNOWN;
	}
	return LOAD(sk, __sk_common.skc_family) == AF_VSOCK ? IOP_QUEUE_UNKNOWN :
							      IOP_QUEUE_PACKETS;
}

/*
 * What lies unread in the receive queue. UDP readers move packets to a second
 * queue of their own (reader_queue, since 2276f58ac589, Linux 4.13). Where it
 * cannot be seen (vsock, MPTCP, kernel TLS), there is more than one unread when
 * data arrives and none after a read: what that leaves behind goes unseen.
 *
 * Each member of a socket takes 7 instructions on 6.1, UDP's second queue 75.
 * So the kind is what the last arrival found; after a read of TCP an empty list
 * is enough (what has been read whole is off it); UDP has nothing in either queue if
 * it holds no memory; and how much is there on an arrival does not matter if that
 * is a new ready anyway. TCP's members are seldom asked for at the end of a read, so
 * only arrivals have them by a cast. s: needed on an arrival only.
 */
static __always_inline void fill_queue_of_kind(struct sock *sk, __u32 known,
					       const struct iop_sock *s,
					       struct iop_queue *q, __u32 arrived)
{
	__u32 kind = known ? known : queue_kind(sk);

	q->head = 0;
	q->tail = 2 * arrived;
	q->packets = 1;
	q->older = 0;
	if (kind == IOP_QUEUE_BYTES &&
	    (arrived || !known || LOAD(sk, sk_receive_queue.qlen))) {
		struct tcp_sock *tp = arrived && casts.known ? CAST(tcp_sock, sk) :
							       TCP_SOCK(sk);

		if (!tp || LOAD(tp, inet_conn.icsk_ulp_ops))
			return;
		q->head = LOAD(tp, copied_seq);
		q->tail = LOAD(tp, rcv_nxt);
		q->older = !known && LOAD(sk, sk_receive_queue.qlen) > 1;
	} else if (kind == IOP_QUEUE_BYTES) {
		q->tail = 0;
	} else if (kind == IOP_QUEUE_TWO && !arrived &&
		   !LOAD(sk, sk_backlog.rmem_alloc.counter)) {
		q->tail = 0;
	} else if (kind != IOP_QUEUE_UNKNOWN) {
		q->tail = LOAD(sk, sk_receive_queue.qlen);
		if (kind == IOP_QUEUE_TWO && (!q->tail || (arrived && !iop_is_spent(s))))
			q->tail += BPF_CORE_READ((struct udp_sock *)sk,
						 reader_queue.qlen);
		q->older = !known && q->tail > 1;
	}
	q->packets = kind != IOP_QUEUE_BYTES;
	q->kind = kind;
}

static __always_inline void fill_queue(struct sock *sk, const struct iop_sock *s,
				       struct iop_queue *q, __u32 arrived)
{
	fill_queue_of_kind(sk, s->kind, s, q, arrived);
}

static __always_inline void fill_endpoints(struct sock *sk, struct iop_endpoints *ends)
{
	ends->family = LOAD(sk, __sk_common.skc_family);
	ends->type = LOAD(sk, sk_type);
	ends->protocol = LOAD(sk, sk_protocol);
	if (ends->family != AF_INET && ends->family != AF_INET6)
		return;
	ends->local_port = LOAD(sk, __sk_common.skc_num);
	ends->peer_port = bpf_ntohs(LOAD(sk, __sk_common.skc_dport));
	if (ends->family == AF_INET) {
		*(__u32 *)ends->local = LOAD(sk, __sk_common.skc_rcv_saddr);
		*(__u32 *)ends->peer = LOAD(sk, __sk_common.skc_daddr);
	} else {
		bpf_core_read(ends->local, IOP_ADDR_LEN,
			      &sk->__sk_common.skc_v6_rcv_saddr);
		bpf_core_read(ends->peer, IOP_ADDR_LEN, &sk->__sk_common.skc_v6_daddr);
	}
}

/* A listener's, or what it has left to those that it accepted. */
static __always_inline __s64 ack_backlog(const struct sock *sk)
{
	return LOAD(sk, sk_max_ack_backlog);
}

/*
 * The socket whose owner gets a signal; an address that is no socket's finds
 * no state. fown_struct lay inside struct file until 1934b212615d (6.12) made
 * it an allocation of its own that points back.
 */
static __always_inline __u64 sock_of_fown(struct fown_struct *fown)
{
	struct socket *sock;
	struct file *file;

	if (bpf_core_field_exists(fown->file))
		file = BPF_CORE_READ(fown, file);
	else
		file = (void *)fown - bpf_core_field_offset(struct file, f_owner);
	sock = BPF_CORE_READ(file, private_data);
	return (__u64)BPF_CORE_READ(sock, sk);
}

/* The socket that is this file; 0: it is another kind of file. */
static __always_inline __u64 sock_of_file(struct file *file)
{
	struct socket *sock = BPF_CORE_READ(file, private_data);

	if (BPF_CORE_READ(sock, file) != file)
		return 0;
	return (__u64)BPF_CORE_READ(sock, sk);
}

/* The same as struct socket. */
static __always_inline struct socket *socket_of_file(struct file *file)
{
#if BY_KPROBE
	struct socket *sock = BPF_CORE_READ(file, private_data);

	return BPF_CORE_READ(sock, file) == file ? sock : 0;
#else
	return bpf_sock_from_file(file);
#endif
}

/* The running task's open file of that number, or 0. */
static __always_inline struct file *file_of(__u32 fd)
{
	struct fdtable *fdt = LOAD(CURRENT, files, fdt);
	struct file *file = 0;

	if (fd < LOAD(fdt, max_fds))
		bpf_probe_read_kernel(&file, sizeof(file), LOAD(fdt, fd) + fd);
	return file;
}

/* The socket of io_uring's request to poll. */
static __always_inline __u64 polled_sock(__u64 req)
{
	return sock_of_file(BPF_CORE_READ((struct io_kiocb *)req, file));
}

/* The io_uring context behind a descriptor, or a registered ring's number. */
static __always_inline __u64 ring_of(__u32 fd, __u32 enter_flags)
{
	struct task_struct *task = CURRENT;
	struct file **files, *file = 0;

	if (enter_flags & IORING_ENTER_REGISTERED_RING &&
	    (!BY_KPROBE || bpf_core_field_exists(task->io_uring->registered_rings))) {
		if (fd >= 16)
			return 0;
		files = LOAD(task, io_uring)->registered_rings;
	} else {
		files = LOAD(task, files, fdt, fd);
	}
	if (casts.known) /* a list's head is a pointer and nothing else */
		return (__u64)CAST(file, CAST(hlist_head, files + fd)->first)->private_data;
	bpf_probe_read_kernel(&file, sizeof(file), files + fd);
	return (__u64)BPF_CORE_READ(file, private_data);
}

/* The descriptor that a request is for; IOP_ANY: it does not know. */
static __always_inline __u32 fd_of_request(struct io_kiocb *req)
{
	if (BY_KPROBE && !bpf_core_field_exists(req->cqe)) /* since 6.0 */
		return IOP_ANY;
	return BPF_CORE_READ(req, cqe.fd);
}

/* What user space called with; no relocation, as the layout is the architecture's. */
static __always_inline const struct regs *user_regs(const struct pt_regs *regs)
{
	return (const struct regs *)regs;
}

#if BY_KPROBE
/* Where they lie on a thread's stack: on every one in the same place. */
static __u64 place_of_regs; /* 0: no call has returned so far */

#define REGS_OF(task) \
	((const struct regs *)((__u64)BPF_CORE_READ(task, stack) + place_of_regs))
#define USER_REG(regs, reg)                                                    \
	({                                                                     \
		kaddr r_ = 0;                                                  \
		bpf_probe_read_kernel(&r_, sizeof((regs)->reg), &(regs)->reg); \
		r_;                                                            \
	})
#else
#define REGS_OF(task) ((const struct regs *)bpf_task_pt_regs(task))
#define USER_REG(regs, reg) ((regs)->reg)
#endif

/* socketcall(call, args): the calls that read, by i386's own numbers. */
static __always_inline void fill_socketcall(struct call *call, const struct regs *regs)
{
	switch (USER_REG(regs, CALL32_1)) {
	case SOCKETCALL_RECV:
	case SOCKETCALL_RECVFROM:
		call->syscall = NR_I386_RECVFROM;
		break;
	case SOCKETCALL_GETSOCKOPT:
		call->syscall = NR_I386_GETSOCKOPT;
		break;
	case SOCKETCALL_RECVMSG:
		call->syscall = NR_I386_RECVMSG;
		break;
	case SOCKETCALL_RECVMMSG:
		call->syscall = NR_I386_RECVMMSG;
		break;
	}
	bpf_probe_read_user(&call->fd, sizeof(call->fd),
			    (void *)(__u64)(__u32)USER_REG(regs, CALL32_2));
}

static __always_inline bool is_sendfile(const struct call *call)
{
	if (!call->compat)
		return call->syscall == NR_SENDFILE;
	return call->syscall == NR_SENDFILE_32 || call->syscall == NR_SENDFILE64_32;
}

/* The running task's registers say it all. */
static __always_inline void fill_call(struct call *call, const struct call_site *site)
{
	struct task_struct *task = CURRENT;
	const struct regs *regs = REGS_OF(task);

	call->compat = !!IS_COMPAT_CALL(task, regs);
	call->syscall = USER_REG(regs, CALL_NR);
	call->fd = call->compat ? USER_REG(regs, CALL32_1) : USER_REG(regs, CALL_1);
	if (call->compat && call->syscall == NR_I386_SOCKETCALL)
		fill_socketcall(call, regs);
	else if (call->syscall == (call->compat ? NR_AIO_32 : NR_AIO))
		call->fd = IOP_ANY; /* one of many, in user memory */
	else if (is_sendfile(call)) /* to a pipe, which comes first */
		call->fd = call->compat ? USER_REG(regs, CALL32_2) :
					  USER_REG(regs, CALL_2);
}

#endif
