/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the programs around the engine ask of a backend, which defines all of it
 * before it includes engine.bpf.h: core_compat.bpf.h (btf; kprobe, of a command that
 * has objects of its own), field_compat.bpf.h with queue_compat.bpf.h (kprobe) or with
 * descriptors.bpf.h (tracepoint).
 *
 * These are headers, not objects that are linked: the JITs of 32 bits have no
 * calls between programs, and where there are, a read would pay for each.
 *
 *   STAT_ADD, FETCH_ADD, EXCHANGE  atomic where the kernel has atomics
 *   HAS_STATE_CACHE	       a cache of states in arrays (store.bpf.h)
 *   SUBPROG   global where programs can call each other, else inline
 *   SUBPROG_OF_NUMBERS   the same of one that takes numbers only, which older
 *		       kernels can call, too
 *   SUBPROG_STATIC    a stack frame of its own, where that can be had
 */
#ifndef IOPHASE_BACKEND_BPF_H
#define IOPHASE_BACKEND_BPF_H

#include "phase.h"

/*
 * Atomics that return what was there came with 5ca419f2864a (5.12): a kernel
 * before refuses an object that has one, even where it is never run. Without,
 * two CPUs that add at the same instant may get the same number.
 */
/* clang-format off */
#define FETCH_ADD_IN_STEPS(lvalue, n) \
	({ __typeof__(lvalue) was_ = (lvalue); STAT_ADD(lvalue, n); was_; })
#define EXCHANGE_IN_STEPS(lvalue, n) \
	({ __typeof__(lvalue) was_ = (lvalue); STAT_ADD(lvalue, (n) - was_); was_; })
/* clang-format on */

/* Which system call a read came by; the number and first argument at entry. */
struct call {
	__u32 syscall;
	__u32 compat; /* of a 32-bit process on 64 bits */
	__u32 fd;
};

struct call_site; /* what a backend must know of the call to tell */

static void fill_call(struct call *call, const struct call_site *site);

/* Of a socket: what lies unread (arrived: is this its data-ready?), ... */
static void fill_queue(struct sock *sk, const struct iop_sock *s, struct iop_queue *q,
		       __u32 arrived);
/* ... whether nothing more can come, and both ends. */
static bool is_shut_down(struct sock *sk);
static void fill_endpoints(struct sock *sk, struct iop_endpoints *ends);

/* Of the running thread: the name of its process's first, and whether it has one. */
static void leader_comm(char comm[IOP_COMM_LEN]);
static bool is_kernel_thread(void);

#endif
