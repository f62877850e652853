/* SPDX-License-Identifier: GPL-2.0-only */
/* Registers: arch/x86/include/asm/ptrace.h; of 32-bit processes, too. */
typedef __u64 kaddr;

#define HAS_ATOMICS 1
#define O_DIRECT 00040000

#define NR_RECVMMSG 299
#define NR_RECVMMSG_32 NR_I386_RECVMMSG
#define NR_AIO 209
#define NR_SENDFILE 40
#define NR_AIO_32 NR_I386_IO_SUBMIT
#define SI_FD 24 /* si_fd in struct kernel_siginfo */
#define EPOLL_EVENT_LAYOUT __attribute__((packed))
#define KIND_OF_64BIT kind_of_x86_64
#define KIND_OF_32BIT kind_of_i386
#define HAS_CALL_WRAPPERS 1 /* a call gets struct pt_regs */
#define RECVMSG "sock_recvmsg"
#define RECVMSG_FLAGS(ctx) ARG3(ctx)
#define AIO_READ "aio_read"
#define URING_ENTER "__x64_sys_io_uring_enter"

struct regs {
	__u64 r15, r14, r13, r12, bp, bx, r11, r10, r9, r8, ax, cx, dx, si, di;
	__u64 orig_ax, ip, cs;
};

#define ARG1(ctx) ((ctx)->di)
#define ARG2(ctx) ((ctx)->si)
#define ARG3(ctx) ((ctx)->dx)
#define ARG4(ctx) ((ctx)->cx)
#define ARG5(ctx) ((ctx)->r8)
#define ARG6(ctx) ((ctx)->r9)
#define RESULT(ctx) ((ctx)->ax)

/* A call's place on the stack: beside its return address, which is off it at the end. */
#define STACK_POINTER(ctx) (((const __u64 *)(ctx))[19])
#define FRAME_AT_ENTRY(ctx) (STACK_POINTER(ctx) + sizeof(__u64))
#define FRAME_AT_EXIT(ctx) STACK_POINTER(ctx)

/* Of a system call: the registers with its number and its arguments. */
#define CALL_NR orig_ax
#define CALL_1 di
#define CALL_2 si
#define CALL_3 dx
#define CALL_4 r10
#define CALL32_1 bx
#define CALL32_2 cx
#define CALL32_3 dx
#define CALL32_4 si

/* Until it returns; before its number the result's place has -ENOSYS. */
#define CALL_RUNS(regs) ((__s64)(regs)->ax == -ENOSYS)

#define IS_COMPAT(cs) ((__u16)(cs) == 0x23) /* USER32_CS */
#define CALL_MODE cs
/* with CO-RE; of a 64-bit process that calls as a 32-bit one does, too */
#define IS_COMPAT_CALL(task, regs) (LOAD(task, thread_info.status) & TS_COMPAT)
