/* SPDX-License-Identifier: GPL-2.0-only */
/* 64-bit ARM. Registers: arch/arm64/include/asm/ptrace.h; of 32-bit processes, too. */
typedef __u64 kaddr;

#define HAS_ATOMICS 1
#define O_DIRECT 00200000

#define NR_RECVMMSG 243
#define NR_RECVMMSG_32 365
#define NR_AIO 2
#define NR_SENDFILE 71
#define NR_AIO_32 246
#define SI_FD 24 /* si_fd in struct kernel_siginfo */
#define EPOLL_EVENT_LAYOUT
#define KIND_OF_64BIT kind_of_arm64
#define KIND_OF_32BIT kind_of_arm
#define HAS_CALL_WRAPPERS 1 /* a call gets struct pt_regs */
#define RECVMSG "sock_recvmsg"
#define RECVMSG_FLAGS(ctx) ARG3(ctx)
#define AIO_READ "aio_read"
#define URING_ENTER "__arm64_sys_io_uring_enter"

struct regs {
	__u64 x0, x1, x2, x3, x4, x5, x6, x7, x8, x9, x10, x11, x12, x13, x14, x15;
	__u64 x16, x17, x18, x19, x20, x21, x22, x23, x24, x25, x26, x27, x28, x29, x30;
	__u64 sp, pc, pstate, orig_x0;
	__s32 syscallno;
	__u32 other;
};

#define ARG1(ctx) ((ctx)->x0)
#define ARG2(ctx) ((ctx)->x1)
#define ARG3(ctx) ((ctx)->x2)
#define ARG4(ctx) ((ctx)->x3)
#define ARG5(ctx) ((ctx)->x4)
#define ARG6(ctx) ((ctx)->x5)
#define RESULT(ctx) ((ctx)->x0)

/* A call's place on the stack. */
#define FRAME_AT_ENTRY(ctx) ((ctx)->sp)
#define FRAME_AT_EXIT(ctx) ((ctx)->sp)

/* The result takes the place of the first. */
#define CALL_NR syscallno
#define CALL_1 orig_x0
#define CALL_2 x1
#define CALL_3 x2
#define CALL_4 x3
#define CALL32_1 CALL_1
#define CALL32_2 CALL_2
#define CALL32_3 CALL_3
#define CALL32_4 CALL_4

/* Until it returns, unless with its first argument's number. */
#define CALL_RUNS(regs) ((regs)->x0 == (regs)->orig_x0)

/* what clang-format 14 takes for a cast */
/* clang-format off */
#define IS_COMPAT(pstate) ((pstate) & 0x10) /* PSR_MODE32_BIT */
/* clang-format on */
#define CALL_MODE pstate
#define IS_COMPAT_CALL(task, regs) IS_COMPAT(USER_REG(regs, CALL_MODE))
