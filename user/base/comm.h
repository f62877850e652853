/* SPDX-License-Identifier: GPL-2.0-only */
/* Patterns for thread names: * and ? as in a shell, \ before what stands for itself. */
#ifndef IOPHASE_USER_COMM_H
#define IOPHASE_USER_COMM_H

#include <stdbool.h>

#include "abi.h"
#include "../bpf/comm.h"

enum comm_fit {
	COMM_FITS,
	COMM_CUT,   /* to as many characters as the kernel keeps of a name */
	COMM_NEVER, /* no name is that long */
};

enum comm_fit comm_compile(struct iop_comm_pattern *p, const char *glob);

/* How much of glob is left when it is cut, in bytes. */
int comm_cut_length(const char *glob);

#endif
