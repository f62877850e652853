/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What this kernel and this process allow. Asked of the kernel, never derived
 * from its version.
 */
#ifndef IOPHASE_KERNEL_CHECKS_H
#define IOPHASE_KERNEL_CHECKS_H

#include <stdbool.h>

/* One thing a session needs. */
struct check {
	const char *name;
	bool ok;
	const char *detail;    /* what was found */
	const char *remedy;    /* if not ok: what to do */
	const char *needed_by; /* a backend's name, or "types"; NULL: all need it */
	bool degraded; /* works without it, not as well: rather another backend */
};

#define MAX_CHECKS 32

/* Fills checks[]; returns how many. */
int kernel_checks(struct check checks[MAX_CHECKS]);

/* May a thread be preempted in the kernel? Yes, if nobody says. */
bool kernel_preempts(void);

/* Are BPF programs asked where security modules are (lsm=...,bpf)? */
bool kernel_asks_bpf(void);

#endif
