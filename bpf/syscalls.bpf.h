/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * System calls as the raw tracepoint sees them: by number and registers. What
 * they are about lies in the process's memory.
 */
#ifndef IOPHASE_SYSCALLS_BPF_H
#define IOPHASE_SYSCALLS_BPF_H

#include "field_compat.bpf.h"

#define MAX_BATCH 1024	/* datagrams of a recvmmsg() */
#define MAX_REPORTS 64	/* of a poll() or epoll_wait() */
#define MAX_SELECT 1024 /* the C library's FD_SETSIZE */

enum call_kind {
	CALL_NONE,
	/* reads */
	CALL_READ, /* of any file */
	CALL_RECV,
	CALL_RECVMSG,
	CALL_RECVMMSG,
	/* wait calls */
	CALL_SELECT,
	CALL_OLD_SELECT, /* its arguments lie in memory */
	CALL_POLL,
	CALL_EPOLL,
	CALL_SIGWAIT,
	/* return a socket */
	CALL_SOCKET,
	CALL_ACCEPT,
	CALL_ACCEPT4,
	/* done once they are entered */
	CALL_CLOSE,
	CALL_DUP_TO,
	CALL_FCNTL,
	CALL_IOCTL,
	CALL_EPOLL_CTL,
	/* one of the others, by its first argument */
	CALL_SOCKETCALL,
};

static __always_inline bool is_read(__u32 kind)
{
	return kind >= CALL_READ && kind <= CALL_RECVMMSG;
}

static __always_inline bool is_wait(__u32 kind)
{
	return kind >= CALL_SELECT && kind <= CALL_EPOLL;
}

/* clang-format off */
/* arch/x86/entry/syscalls/syscall_32.tbl */
static __always_inline __u32 kind_of_i386(__u32 nr)
{
	switch (nr) {
	case 3: case 145: case 378:
		return CALL_READ;
	case 371:
		return CALL_RECV;
	case 372:
		return CALL_RECVMSG;
	case 337: case 417:
		return CALL_RECVMMSG;
	case 82:
		return CALL_OLD_SELECT;
	case 142: case 308: case 413:
		return CALL_SELECT;
	case 168: case 309: case 414:
		return CALL_POLL;
	case 256: case 319: case 441:
		return CALL_EPOLL;
	case 177: case 421:
		return CALL_SIGWAIT;
	case 359:
		return CALL_SOCKET;
	case 364:
		return CALL_ACCEPT4;
	case 6:
		return CALL_CLOSE;
	case 63: case 330:
		return CALL_DUP_TO;
	case 55: case 221:
		return CALL_FCNTL;
	case 54:
		return CALL_IOCTL;
	case 255:
		return CALL_EPOLL_CTL;
	case NR_I386_SOCKETCALL:
		return CALL_SOCKETCALL;
	}
	return CALL_NONE;
}

/* arch/arm/tools/syscall.tbl */
static __always_inline __u32 kind_of_arm(__u32 nr)
{
	switch (nr) {
	case 3: case 145: case 392:
		return CALL_READ;
	case 291: case 292:
		return CALL_RECV;
	case 297:
		return CALL_RECVMSG;
	case 365: case 417:
		return CALL_RECVMMSG;
	case 142: case 335: case 413:
		return CALL_SELECT;
	case 168: case 336: case 414:
		return CALL_POLL;
	case 252: case 346: case 441:
		return CALL_EPOLL;
	case 177: case 421:
		return CALL_SIGWAIT;
	case 281:
		return CALL_SOCKET;
	case 285:
		return CALL_ACCEPT;
	case 366:
		return CALL_ACCEPT4;
	case 6:
		return CALL_CLOSE;
	case 63: case 358:
		return CALL_DUP_TO;
	case 55: case 221:
		return CALL_FCNTL;
	case 54:
		return CALL_IOCTL;
	case 251:
		return CALL_EPOLL_CTL;
	}
	return CALL_NONE;
}

/* arch/x86/entry/syscalls/syscall_64.tbl */
static __always_inline __u32 kind_of_x86_64(__u32 nr)
{
	switch (nr) {
	case 0: case 19: case 327:
		return CALL_READ;
	case 45:
		return CALL_RECV;
	case 47:
		return CALL_RECVMSG;
	case 299:
		return CALL_RECVMMSG;
	case 23: case 270:
		return CALL_SELECT;
	case 7: case 271:
		return CALL_POLL;
	case 232: case 281: case 441:
		return CALL_EPOLL;
	case 128:
		return CALL_SIGWAIT;
	case 41:
		return CALL_SOCKET;
	case 43:
		return CALL_ACCEPT;
	case 288:
		return CALL_ACCEPT4;
	case 3:
		return CALL_CLOSE;
	case 33: case 292:
		return CALL_DUP_TO;
	case 72:
		return CALL_FCNTL;
	case 16:
		return CALL_IOCTL;
	case 233:
		return CALL_EPOLL_CTL;
	}
	return CALL_NONE;
}

/* include/uapi/asm-generic/unistd.h */
static __always_inline __u32 kind_of_arm64(__u32 nr)
{
	switch (nr) {
	case 63: case 65: case 286:
		return CALL_READ;
	case 207:
		return CALL_RECV;
	case 212:
		return CALL_RECVMSG;
	case 243:
		return CALL_RECVMMSG;
	case 72:
		return CALL_SELECT;
	case 73:
		return CALL_POLL;
	case 22: case 441:
		return CALL_EPOLL;
	case 137:
		return CALL_SIGWAIT;
	case 198:
		return CALL_SOCKET;
	case 202:
		return CALL_ACCEPT;
	case 242:
		return CALL_ACCEPT4;
	case 57:
		return CALL_CLOSE;
	case 24:
		return CALL_DUP_TO;
	case 25:
		return CALL_FCNTL;
	case 29:
		return CALL_IOCTL;
	case 21:
		return CALL_EPOLL_CTL;
	}
	return CALL_NONE;
}
/* clang-format on */

#ifndef KIND_OF_64BIT
#define KIND_OF_64BIT(nr) CALL_NONE
#endif

static __always_inline __u32 kind_of_socketcall(__u32 nr)
{
	switch (nr) {
	case 1:
		return CALL_SOCKET;
	case 5:
		return CALL_ACCEPT;
	case 18:
		return CALL_ACCEPT4;
	case SOCKETCALL_RECV:
	case SOCKETCALL_RECVFROM:
		return CALL_RECV;
	case SOCKETCALL_RECVMSG:
		return CALL_RECVMSG;
	case SOCKETCALL_RECVMMSG:
		return CALL_RECVMMSG;
	}
	return CALL_NONE;
}

struct syscall {
	__u32 kind;
	__u32 is_32bit;
	__u64 arg[4];
};

/* recv() has no more arguments than recvfrom() begins with. */
static __always_inline void open_socketcall(struct syscall *call)
{
	__u32 args[4] = {};

	call->kind = kind_of_socketcall(call->arg[0]);
	bpf_probe_read_user(args, sizeof(args), (void *)call->arg[1]);
	for (int i = 0; i < 4; i++)
		call->arg[i] = args[i];
}

/* False, at little cost, for calls that are of no interest. */
OWN_FRAME bool read_syscall(struct syscall *call, __u64 user, __u32 nr)
{
	__u32 kind_32 = KIND_OF_32BIT(nr), kind_64 = KIND_OF_64BIT(nr);
	struct regs r;

	if (!kind_32 && !kind_64)
		return false;
	bpf_probe_read_kernel(&r, sizeof(r), (void *)user);
	call->is_32bit = IS_COMPAT(r.CALL_MODE);
	call->kind = call->is_32bit ? kind_32 : kind_64;
	if (!call->kind)
		return false;
	call->arg[0] = call->is_32bit ? (__u32)r.CALL32_1 : r.CALL_1;
	call->arg[1] = call->is_32bit ? (__u32)r.CALL32_2 : r.CALL_2;
	call->arg[2] = call->is_32bit ? (__u32)r.CALL32_3 : r.CALL_3;
	call->arg[3] = call->is_32bit ? (__u32)r.CALL32_4 : r.CALL_4;
	if (call->kind == CALL_SOCKETCALL)
		open_socketcall(call);
	return call->kind;
}

#endif
