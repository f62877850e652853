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

/* Likewise of a call that waits for several descriptors: "epoll_wait"; NULL. */
const char *wait_call_name(__u32 nr, bool compat);

/* Of any call that a thread is likely to sleep in; NULL: another. */
const char *any_call_name(__u32 nr, bool compat);

/* "tcp", "udp", "unix", ... */
const char *proto_name(const struct iop_endpoints *ends);

/* Fills family and protocol for a --proto name; -1 if there is none such. */
int proto_parse(const char *name, __u32 *family, __u32 *protocol);
extern const char proto_choices[];

/* Is a socket of the Internet connected to anybody? */
bool has_peer(const struct iop_endpoints *ends);

/* "127.0.0.1:6379", "[::1]:80", "" for families without. Returns buf. */
const char *format_end(char buf[64], const struct iop_endpoints *ends, bool peer);

#endif
