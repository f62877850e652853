/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What thread names say.
 *
 * A pattern for them, as a table: user space makes it of a glob
 * (user/base/comm.c), both match by it. A pattern is a row of tokens, each of which
 * takes one byte, with stars between them. Bit n of a state says that n tokens
 * have been matched; every byte of a name moves all states at once, so matching
 * takes as long for every pattern and needs no way back.
 */
#ifndef IOPHASE_COMM_H
#define IOPHASE_COMM_H

#include "phase.h"

#define IOP_MAX_COMMS 16

struct iop_comm_pattern {
	__u16 accepts;	  /* the state in which all tokens are matched */
	__u16 stars;	  /* states that any byte leaves as they are */
	__u16 takes[256]; /* by byte: tokens that take it */
};

struct iop_comm_patterns {
	struct iop_comm_pattern of[IOP_MAX_COMMS];
};

_Static_assert(sizeof(struct iop_comm_pattern) == 516, "ABI");

IOP_INLINE int iop_comm_matches(const struct iop_comm_pattern *p,
				const char comm[IOP_COMM_LEN])
{
	__u32 states = 1;

	for (int i = 0; i < IOP_COMM_LEN - 1; i++) {
		__u8 byte = comm[i];

		if (!byte)
			break;
		states = (states & p->takes[byte]) << 1 | (states & p->stars);
	}
	return !!(states & p->accepts);
}

/*
 * The thread that has made the ring whose requests a thread of this name submits
 * (SQPOLL), by its id in the initial PID namespace; 0: it is no such thread.
 */
IOP_INLINE __u32 iop_ring_maker(const char comm[IOP_COMM_LEN])
{
	const char prefix[] = "iou-sqp-";
	__u32 tid = 0;

	for (unsigned int i = 0; i < IOP_COMM_LEN - 1; i++) {
		if (i < sizeof(prefix) - 1) {
			if (comm[i] != prefix[i])
				return 0;
			continue;
		}
		if (comm[i] < '0' || comm[i] > '9')
			return comm[i] ? 0 : tid;
		tid = 10 * tid + (comm[i] - '0');
	}
	return tid;
}

#endif
