/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The accessors of core_compat.bpf.h for objects without CO-RE: everything is
 * read through bpf_probe_read_kernel() at offsets that user space has set.
 * Reads at unknown offsets are dead code by the time the verifier looks.
 */
#ifndef IOPHASE_FIELD_COMPAT_BPF_H
#define IOPHASE_FIELD_COMPAT_BPF_H

#include "backend.bpf.h"
#include "ids.bpf.h"
#include "fields.h"

const volatile struct iop_fields fields = {};

#define KNOWN(field) (fields.field != IOP_UNKNOWN)
#define READ(dst, base, field) \
	bpf_probe_read_kernel(&(dst), sizeof(dst), (void *)((base) + fields.field))

#define HAS_STATE_CACHE 0
#define SUBPROG static __always_inline /* no calls on 32 bits */
#define SUBPROG_STATIC static __always_inline

/* A kernel address is a number, of the kernel's width: kaddr. */
#include IOPHASE_ARCH

/*
 * A function that the verifier walks once, whoever calls it. It takes numbers
 * only: pointers to structures came with e5069b9c23b3 (5.12). The JITs of 32 bits
 * have no calls.
 */
#if HAS_ATOMICS
#define SUBPROG_OF_NUMBERS __attribute__((noinline))
#define OWN_FRAME static __attribute__((noinline))
#else
#define SUBPROG_OF_NUMBERS static __always_inline
#define OWN_FRAME static __always_inline
#endif

#if HAS_ATOMICS
#define STAT_ADD(lvalue, n) ((void)__sync_fetch_and_add(&(lvalue), n))
#else
#define STAT_ADD(lvalue, n) ((void)((lvalue) += (n)))
#endif
#define FETCH_ADD FETCH_ADD_IN_STEPS
#define EXCHANGE EXCHANGE_IN_STEPS

/* A 32-bit kernel has but its own kind of system calls. */
#ifndef IS_COMPAT
#define IS_COMPAT(mode) 1
#define CALL_MODE CALL_NR
#define CALL32_1 CALL_1
#define CALL32_2 CALL_2
#define CALL32_3 CALL_3
#define CALL32_4 CALL_4
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

static __always_inline bool is_nonblocking(__u64 socket)
{
	__u32 flags = 0;

	if (KNOWN(f_flags))
		READ(flags, kernel_pointer(socket, fields.socket_file), f_flags);
	return flags & O_NONBLOCK;
}

static __always_inline bool is_kernel_thread(void)
{
	__u32 flags = 0;

	if (KNOWN(task_flags))
		READ(flags, (__u64)(kaddr)bpf_get_current_task(), task_flags);
	return flags & PF_KTHREAD;
}

/* Renamed by 2f064a59a11f (5.14). Not known: what it does, it does interruptibly. */
static __always_inline __u32 state_of_task(__u64 task)
{
	__u32 state = TASK_INTERRUPTIBLE;

	if (KNOWN(task_new_state))
		READ(state, task, task_new_state);
	else if (KNOWN(task_state))
		READ(state, task, task_state);
	return state;
}

/*
 * The name of the running thread's process: of its first thread. Where that cannot
 * be read, the thread's own, until user space looks.
 */
static __always_inline void leader_comm(char comm[IOP_COMM_LEN])
{
	__u64 task = (kaddr)bpf_get_current_task();

	if (!KNOWN(task_leader) || !KNOWN(task_comm)) {
		bpf_get_current_comm(comm, IOP_COMM_LEN);
		return;
	}
	task = kernel_pointer(task, fields.task_leader);
	bpf_probe_read_kernel_str(comm, IOP_COMM_LEN, (void *)(task + fields.task_comm));
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
	READ(live, kernel_pointer((kaddr)bpf_get_current_task(), fields.task_signal),
	     signal_live);
	return !live;
}

/*
 * A thread and its process, by address of its task; where its members are not
 * known, those of the running one, which it nearly always is.
 */
static __always_inline struct task_ids ids_of(__u64 task)
{
	struct task_ids who = current_task_ids();

	if (KNOWN(task_pid) && KNOWN(task_tgid)) {
		READ(who.pid, task, task_tgid);
		READ(who.tid, task, task_pid);
	}
	return who;
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

/*
 * The io_uring context behind a descriptor, or a registered ring's number.
 * 0: not known.
 */
static __always_inline __u64 ring_of(__u32 fd, __u32 enter_flags)
{
	__u64 task = (kaddr)bpf_get_current_task(), files;

	if (!KNOWN(private_data) || !KNOWN(task_files) || !KNOWN(files_fdt) ||
	    !KNOWN(fdt_fd))
		return 0;
	if (enter_flags & IORING_ENTER_REGISTERED_RING) {
		if (!KNOWN(task_uring) || !KNOWN(uring_rings) || fd >= 16)
			return 0;
		files = kernel_pointer(task, fields.task_uring) + fields.uring_rings;
	} else {
		files = kernel_pointer(task, fields.task_files);
		files = kernel_pointer(files, fields.files_fdt);
		files = kernel_pointer(files, fields.fdt_fd);
	}
	return kernel_pointer(kernel_pointer(files + fd * sizeof(kaddr), 0),
			      fields.private_data);
}

/* The socket of io_uring's request to poll; 0: not known. */
static __always_inline __u64 polled_sock(__u64 req)
{
	__u64 file, socket;

	if (!KNOWN(uring_file) || !KNOWN(private_data))
		return 0;
	file = kernel_pointer(req, fields.uring_file);
	socket = kernel_pointer(file, fields.private_data);
	return kernel_pointer(socket, fields.socket_file) == file ?
		       sock_of_socket(socket) :
		       0;
}

/* What an io_uring request is; IORING_OP_NOP: not known. */
static __always_inline __u8 uring_opcode(__u64 req)
{
	__u8 opcode = IORING_OP_NOP;

	if (KNOWN(uring_opcode))
		READ(opcode, req, uring_opcode);
	return opcode;
}

static __always_inline void read_endpoints(__u64 sk, struct iop_endpoints *ends)
{
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

/* What is known of the call at the hook that sees it end. */
struct call_site {
	__u64 user_regs; /* 0: none */
	__u32 syscall;	 /* if there are none */
	__u32 fd;
};

#define USER_REG(site, reg)                                                            \
	({                                                                             \
		kaddr r_ = 0;                                                          \
		bpf_probe_read_kernel(&r_, sizeof(r_),                                 \
				      (void *)((site)->user_regs +                     \
					       __builtin_offsetof(struct regs, reg))); \
		r_;                                                                    \
	})

/* socketcall(call, args): the calls that read, by i386's own numbers. ARM has no 102. */
static __always_inline void fill_socketcall(struct call *call,
					    const struct call_site *site)
{
	switch (call->fd) {
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
			    (void *)(__u64)(__u32)USER_REG(site, CALL32_2));
}

static __always_inline void fill_call(struct call *call, const struct call_site *site)
{
	bool is_32bit;

	call->syscall = site->syscall;
	call->fd = site->fd;
	if (!site->user_regs)
		return;
	is_32bit = IS_COMPAT(USER_REG(site, CALL_MODE));
	call->compat = is_32bit && sizeof(kaddr) == 8;
	call->syscall = USER_REG(site, CALL_NR);
	call->fd = is_32bit ? USER_REG(site, CALL32_1) : USER_REG(site, CALL_1);
	if (is_32bit && call->syscall == NR_I386_SOCKETCALL)
		fill_socketcall(call, site);
	else if (call->syscall == (is_32bit ? NR_AIO_32 : NR_AIO))
		call->fd = IOP_ANY; /* one of many, in user memory */
}

#endif
