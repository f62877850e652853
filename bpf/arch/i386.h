/* SPDX-License-Identifier: GPL-2.0-only */
/* Registers: arch/x86/include/asm/ptrace.h */
typedef __u32 kaddr;

#define HAS_ATOMICS 0 /* they do not load when the JIT is on */

#define NR_RECVMMSG NR_I386_RECVMMSG
#define NR_AIO NR_I386_IO_SUBMIT
#define NR_AIO_32 NR_AIO
#define SI_FD 16
#define EPOLL_EVENT_LAYOUT __attribute__((packed))
#define KIND_OF_32BIT kind_of_i386
#define HAS_CALL_WRAPPERS 1
#define RECVMSG "sock_recvmsg"
#define RECVMSG_FLAGS(ctx) ARG3(ctx)
#define AIO_READ "aio_read"
#define URING_ENTER "__ia32_sys_io_uring_enter"

struct regs {
	__u32 bx, cx, dx, si, di, bp, ax, ds, es, fs, gs, orig_ax, ip, cs;
	__u32 flags, sp;
};

/* ax, dx, cx, then the stack, where the return address lies on top. */
#define ARG1(ctx) ((__u64)(ctx)->ax)
#define ARG2(ctx) ((__u64)(ctx)->dx)
#define ARG3(ctx) ((__u64)(ctx)->cx)
#define ARG4(ctx) kernel_pointer((ctx)->sp, 4)
#define ARG5(ctx) kernel_pointer((ctx)->sp, 8)
#define ARG6(ctx) kernel_pointer((ctx)->sp, 12)
#define RESULT(ctx) ((ctx)->ax)

#define CALL_NR orig_ax
#define CALL_1 bx
#define CALL_2 cx
#define CALL_3 dx
#define CALL_4 si
