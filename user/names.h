/* SPDX-License-Identifier: GPL-2.0-only */
/* The words for the numbers of iophase.h, and back. */
#ifndef IOPHASE_NAMES_H
#define IOPHASE_NAMES_H

#include <stdbool.h>

#include "abi.h"

extern const char *const model_names[IOP_NR_MODELS];
extern const char *const phase_names[IOP_NR_PHASES];
extern const char *const flag_names[IOP_NR_FLAGS];

/* Index of name in names[nr], or -1. */
int name_index(const char *const names[], int nr, const char *name);

/* "blocking, nonblocking, ..." for messages and help. */
const char *name_list(const char *const names[], int nr);

/* The name of a read-like system call: "recvfrom"; "?" if it is none. */
const char *syscall_name(__u32 nr, bool compat);

/* "tcp", "udp", "unix", ... */
const char *proto_name(const struct iop_ends *ends);

/* Fills family and protocol for a --proto name; -1 if there is none such. */
int proto_parse(const char *name, __u32 *family, __u32 *protocol);
extern const char proto_choices[];

/* Is a socket of the Internet connected to anybody? */
bool has_peer(const struct iop_ends *ends);

/* "127.0.0.1:6379", "[::1]:80", "" for families without. Returns buf. */
const char *format_end(char buf[64], const struct iop_ends *ends, bool peer);

/*
 * Phases of each model that this kernel's hooks cannot tell, a bit each: shown
 * as not known, never as 0. None, unless said so once hooks are attached.
 */
#define PHASE(p) (1u << (p))
extern __u32 lost_phases[IOP_NR_MODELS];

static inline bool phase_is_lost(__u32 model, enum iop_phase phase)
{
	return lost_phases[model] & PHASE(phase);
}

/* Phases that are only known to be at most, or at least, what is shown. */
extern __u32 at_most_phases, at_least_phases;

/* "<", ">", or "" for a phase that is what is shown. */
static inline const char *bound_mark(enum iop_phase phase)
{
	return at_most_phases & PHASE(phase)  ? "<" :
	       at_least_phases & PHASE(phase) ? ">" :
						"";
}

static inline bool bounds_only(void)
{
	return at_most_phases | at_least_phases;
}

/* A phase's heading, with its mark if it needs one; others as they are. */
const char *heading(const char *title);

/* When a read begins is min(asked, ready): what loses ready loses dispatch. */
static inline bool total_is_lost(__u32 model)
{
	return phase_is_lost(model, IOP_DISPATCH);
}

#endif
