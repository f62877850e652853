/* SPDX-License-Identifier: GPL-2.0-only */
/* States in arrays, for most threads, sockets and rows: what BPF and user share. */
#ifndef IOPHASE_CACHE_H
#define IOPHASE_CACHE_H

#include "phase.h"

#define IOP_CACHED_THREADS 2048
#define IOP_CACHED_SOCKS 6800 /* in 4 MB */
#define IOP_CACHED_ROWS 512

/* Whose entry it is; nobody's is all zeroes but for away. */
struct iop_cached {
	__u64 owner;	  /* 0: nobody */
	__u64 overflowed; /* somebody found it taken, and is in the hash */
};

struct iop_cached_thread {
	struct iop_cached entry;
	struct iop_thread t;
};

struct iop_cached_sock {
	struct iop_cached entry;
	struct iop_sock s;
};

/* Thread ids come one after another. */
IOP_INLINE __u32 iop_thread_index(__u32 tid)
{
	return tid % IOP_CACHED_THREADS;
}

/*
 * Fibonacci hashing (Knuth, vol. 3, 6.4) of the address' lower half, which spreads
 * what lies side by side. Sockets begin at cache lines, so the lowest bits are zero:
 * multiplied with them, the factor would lose its highest bits, which do the work.
 */
IOP_INLINE __u32 iop_address_index(__u32 low, __u32 nr)
{
	return (__u64)((low >> 6) * 0x9e3779b1u) * nr >> 32;
}

IOP_INLINE __u32 iop_sock_index(__u32 sk)
{
	return iop_address_index(sk, IOP_CACHED_SOCKS);
}

struct iop_cached_row {
	struct iop_cached entry;
	struct iop_hist h;
};

/* A process or thread has its models' rows side by side. */
IOP_INLINE __u32 iop_row_index(__u32 pid, __u32 tid, __u32 model)
{
	return ((tid ? tid : pid) * IOP_NR_MODELS + model) % IOP_CACHED_ROWS;
}

/* All that a key says, unless it names a socket: ids have 22 bits. */
IOP_INLINE __u64 iop_hist_owner(__u32 pid, __u32 tid, __u32 model)
{
	return 1ull << 63 | (__u64)model << 44 | (__u64)tid << 22 | pid;
}

IOP_INLINE struct iop_hist_key iop_hist_owner_key(__u64 owner)
{
	return (struct iop_hist_key){
		.pid = owner & ((1 << 22) - 1),
		.tid = owner >> 22 & ((1 << 22) - 1),
		.model = owner >> 44 & 0xff,
	};
}

#endif
