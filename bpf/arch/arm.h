/* SPDX-License-Identifier: GPL-2.0-only */
/* 32-bit ARM. Registers: arch/arm/include/asm/ptrace.h, uapi too */
typedef __u32 kaddr;

#define HAS_ATOMICS 0 /* not in its JIT either */

#define NR_RECVMMSG 365
#define NR_AIO 246
#define NR_AIO_32 NR_AIO
#define SI_FD 16
#define EPOLL_EVENT_LAYOUT
#define KIND_OF_32BIT kind_of_arm
#define HAS_CALL_WRAPPERS 0
#define URING_ENTER "sys_io_uring_enter"
/* GCC has inlined sock_recvmsg(), but for io_uring, and aio_read(): what they call */
#define RECVMSG "security_socket_recvmsg"
#define RECVMSG_FLAGS(ctx) ARG4(ctx)
#define AIO_READ "sock_read_iter"

struct regs {
	__u32 r0, r1, r2, r3, r4, r5, r6, r7, r8, r9, r10, fp, ip, sp, lr, pc;
	__u32 cpsr, orig_r0;
};

/* Four registers, then the stack. */
#define ARG1(ctx) ((__u64)(ctx)->r0)
#define ARG2(ctx) ((__u64)(ctx)->r1)
#define ARG3(ctx) ((__u64)(ctx)->r2)
#define ARG4(ctx) ((__u64)(ctx)->r3)
#define ARG5(ctx) kernel_pointer((ctx)->sp, 0)
#define ARG6(ctx) kernel_pointer((ctx)->sp, 4)
#define RESULT(ctx) ((ctx)->r0)

/* The result takes the place of the first. */
#define CALL_NR r7
#define CALL_1 orig_r0
#define CALL_2 r1
#define CALL_3 r2
#define CALL_4 r3
