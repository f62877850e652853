/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Zero copy: a call that carries bytes between a program and a socket, what hooks
 * find out while it lasts, and what that makes of its bytes when it ends. Copied and
 * moved are all of them, always: what nothing has been seen to move was copied, and
 * of a splice from a socket, and of RECV_ZC, the reverse.
 */
#ifndef IOPHASE_ENGINE_ZEROCOPY_H
#define IOPHASE_ENGINE_ZEROCOPY_H

#include "types.h"

/* The function that a call was seen to begin in; it ends there, too. */
enum iop_zc_function {
	IOP_ZC_NONE,
	IOP_ZC_SOCK_RECVMSG,
	IOP_ZC_SYS_RECVMSG,
	IOP_ZC_SYS_SENDTO,
	IOP_ZC_SYS_SENDMSG,
	IOP_ZC_SOCK_WRITE,
	IOP_ZC_SOCK_SENDMSG,
	IOP_ZC_DO_SENDFILE,
	IOP_ZC_DO_SPLICE,
	IOP_ZC_TCP_RECEIVE,
	IOP_ZC_IO_RECVZC,
};

/* A call in progress; all zeroes but for these is how it begins. */
struct iop_zc_call {
	__u32 function; /* enum iop_zc_function; none: no call */
	__u32 path;	/* enum iop_zc_path */
	__u64 room;	/* of a recv: what the program has room for */
	__u64 read;	/* of RECV_ZC: what it has taken out of the socket */
	__u64 left;	/* of a mapping: what another call has to read */
	__u64 note;	/* of an asynchronous send: by whom the kernel is to say how */
	__u64 note_ns;	/* which of those that had this address; 0: it is not known */
	__u64 moved;	/* bytes seen to be moved, ... */
	__u64 source;	/* copied out of a file into pages of their own, ... */
	__u64 copied;	/* copied out of a socket's buffers */
	__u64 copying_ns; /* a copy is going on since; 0: none */
	__u64 copying_sk; /* of this socket; 0: whatever ends it */
	__u64 copying_bytes;
	__u64 copy_ns;
	__u64 timed_bytes;
	__u32 moves;  /* pages are being handed over: nothing is copied meanwhile */
	__u32 causes; /* IOP_ZC_*, as far as hooks have seen one */
	__u32 direct; /* a file is read past the cache: its pages are made, not copied */
	__u32 remade;  /* it is not, though asked for: each page is copied */
	__u32 packets; /* of RECV_ZC: how deep it is in a packet of packets */
	__u32 pad;
};

/* What became of a call's bytes. */
struct iop_zc_end {
	__u64 copied;
	__u64 moved;
	__u64 left;   /* to be read by another call */
	__u32 causes; /* 0: nothing was asked for that was not done */
	__u32 fell_back;
};

IOP_INLINE void iop_zc_copy_enter(struct iop_zc_call *c, __u64 sk, __u64 bytes, __u64 now)
{
	if (c->moves)
		return;
	c->copying_ns = now;
	c->copying_sk = sk;
	c->copying_bytes = bytes;
}

IOP_INLINE void iop_zc_copy_exit(struct iop_zc_call *c, __u64 sk, __u64 now)
{
	if (!c->copying_ns || c->copying_sk != sk)
		return;
	c->copy_ns += now - c->copying_ns;
	c->timed_bytes += c->copying_bytes;
	c->copying_ns = 0;
}

IOP_INLINE __u64 iop_zc_least(__u64 a, __u64 b)
{
	return a < b ? a : b;
}

/* Does a call that gave bytes, as its program was told, end with them known? */
IOP_INLINE int iop_zc_is_pending(const struct iop_zc_call *c)
{
	return c->note && (c->path == IOP_ZC_ZC_SEND || c->path == IOP_ZC_URING_SEND);
}

/* A send by pages: those that were handed over, but for what had to be made first. */
IOP_INLINE void iop_zc_end_pages(const struct iop_zc_call *c, __u64 bytes,
				 struct iop_zc_end *e)
{
	__u64 moved = iop_zc_least(c->moved, bytes);
	__u64 made = c->remade ? moved : iop_zc_least(c->source, moved);

	e->moved = moved - made;
	e->copied = bytes - e->moved;
	if (made)
		e->causes |= IOP_ZC_SOURCE;
	if (moved < bytes)
		e->causes |= IOP_ZC_PROTOCOL;
}

/* The call is over and gave bytes; of TCP_ZEROCOPY_RECEIVE moved and copied are known. */
IOP_INLINE struct iop_zc_end iop_zc_end(const struct iop_zc_call *c, __u64 bytes)
{
	struct iop_zc_end e = { .causes = c->causes };

	switch (c->path) {
	case IOP_ZC_SPLICE_IN:
	case IOP_ZC_ZCRX:
		e.copied = iop_zc_least(c->copied, bytes);
		e.moved = bytes - e.copied;
		break;
	case IOP_ZC_RECEIVE:
		e.copied = iop_zc_least(c->copied, bytes);
		e.moved = bytes - e.copied;
		e.left = c->left;
		if (e.copied || e.left)
			e.causes |= IOP_ZC_NO_PAGE;
		break;
	case IOP_ZC_SENDFILE:
	case IOP_ZC_SPLICE_OUT:
		iop_zc_end_pages(c, bytes, &e);
		break;
	case IOP_ZC_ZC_SEND:
	case IOP_ZC_URING_SEND:
		e.copied = bytes;
		e.causes |= IOP_ZC_NOT_ENABLED;
		break;
	default:
		e.copied = bytes;
		e.causes = 0;
		return e;
	}
	e.fell_back = e.copied || e.left;
	if (!e.fell_back)
		e.causes = 0;
	return e;
}

/* What was sent and is asked about with the kernel, until it says how it went. */
struct iop_zc_note {
	struct iop_zc_key row;
	__u64 since_ns;
	__u64 calls;
	__u64 bytes;
	__u32 in_flight; /* sends that have not returned */
	__u32 done;	 /* it has been said */
	__u32 copied;	 /* some of it was; by io_uring: as far as is known */
	__u32 moved;	 /* io_uring: something was not */
	__u32 local;	 /* it was copied on its way */
	__u32 pad;
};

/* The kernel has said all. Copied, if any of it was. */
IOP_INLINE struct iop_zc_end iop_zc_settle(const struct iop_zc_note *n)
{
	struct iop_zc_end e = {};

	if (!n->copied) {
		e.moved = n->bytes;
		return e;
	}
	e.copied = n->bytes;
	e.fell_back = 1;
	e.causes = n->local ? IOP_ZC_LOCAL : IOP_ZC_DEVICE;
	return e;
}

#endif
