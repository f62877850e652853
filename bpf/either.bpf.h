/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Programs of objects that know the kernel's types, written once and built twice: on
 * trampolines, with loads of their own, or (BY_KPROBE) on kprobes, where each load is a
 * helper's. A return's kprobe finds no arguments: those that are asked for are kept
 * from the entry on. It loses threads that sleep in the function (10, or twice the
 * CPUs, at a time): where they may sleep long, the end is that of the system call.
 *
 *   AT_ENTRY(function, program, arguments...)
 *   AT_EXIT(function, program, arguments..., result)		its arguments are 0 here
 *   AT_EXIT_KEEPING(condition, function, program, arguments..., result)
 *		here they are kept, if the condition holds at the entry: program_entry,
 *		which runs before or after the function's other program
 *   AT_EXIT_OF_SLEEPER(function, program, arguments..., result)	not here
 *   AT_TRACEPOINT(event, program, arguments...)
 *   LOAD(base, member, ...)	base->member->...
 *   CURRENT			the running thread's task_struct
 */
#ifndef IOPHASE_EITHER_BPF_H
#define IOPHASE_EITHER_BPF_H

#include "counters.bpf.h"
#include IOPHASE_ARCH

#ifndef BY_KPROBE
#define BY_KPROBE 0
#endif

#if BY_KPROBE

#define LOAD(base, members...) BPF_CORE_READ(base, members)
#define CURRENT ((struct task_struct *)bpf_get_current_task())

/*
 * Atomics that return what was there came with 5ca419f2864a (5.12). Without, two that
 * count down to nothing at the same instant may both find that they are the last.
 */
/* clang-format off */
#define IS_LAST(lvalue) \
	({ __sync_fetch_and_add(&(lvalue), -1); !*(volatile __typeof__(lvalue) *)&(lvalue); })
/* clang-format on */
#define SET_FLAG(lvalue) ((void)__sync_fetch_and_add(&(lvalue), 1))

/* The arguments of calls that have not returned, by where they lie on the stack. */
struct kept_call {
	__u64 frame;
	__u64 program; /* its number */
};

struct kept_arguments {
	__u64 of[6];
};

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__uint(max_entries, 16384);
	__type(key, struct kept_call);
	__type(value, struct kept_arguments);
} kept SEC(".maps");

static __always_inline int keep(const struct regs *regs, __u64 program)
{
	struct kept_call call = { .frame = FRAME_AT_ENTRY(regs), .program = program };
	struct kept_arguments args = {
		.of = { ARG1(regs), ARG2(regs), ARG3(regs), ARG4(regs), ARG5(regs),
			ARG6(regs) },
	};

	if (bpf_map_update_elem(&kept, &call, &args, BPF_ANY))
		COUNT(threads_full, 1);
	return 0;
}

/* Returns false if the entry was not seen. */
static __always_inline bool take(const struct regs *regs, __u64 program, __u64 of[7])
{
	struct kept_call call = { .frame = FRAME_AT_EXIT(regs), .program = program };
	struct kept_arguments *args = bpf_map_lookup_elem(&kept, &call);

	if (!args)
		return false;
	for (int i = 0; i < 6; i++)
		of[i] = args->of[i];
	bpf_map_delete_elem(&kept, &call);
	return true;
}

/* As BPF_PROG() has them, arguments are an array, ctx, of which each takes its own. */
#pragma GCC diagnostic ignored "-Wint-conversion"

#define AT_ENTRY(function, program, args...)                                        \
	static __always_inline int program##_body(unsigned long long *ctx, ##args); \
	SEC("kprobe/" #function)                                                    \
	int program(struct regs *regs)                                              \
	{                                                                           \
		unsigned long long ctx[] = { ARG1(regs), ARG2(regs), ARG3(regs),    \
					     ARG4(regs), ARG5(regs), ARG6(regs) };  \
                                                                                    \
		return program##_body(___bpf_ctx_cast(args));                       \
	}                                                                           \
	static __always_inline int program##_body(unsigned long long *ctx, ##args)

#define AT_EXIT(function, program, args...)                                         \
	static __always_inline int program##_body(unsigned long long *ctx, ##args); \
	SEC("kretprobe/" #function)                                                 \
	int program(struct regs *regs)                                              \
	{                                                                           \
		unsigned long long ctx[1 + ___bpf_narg(args)] = {};                 \
                                                                                    \
		ctx[(___bpf_narg(args) ?: 1) - 1] = RESULT(regs);                   \
		return program##_body(___bpf_ctx_cast(args));                       \
	}                                                                           \
	static __always_inline int program##_body(unsigned long long *ctx, ##args)

#define AT_EXIT_KEEPING(condition, function, program, args...)                      \
	enum { program##_number = __COUNTER__ };                                    \
	static __always_inline int program##_body(unsigned long long *ctx, ##args); \
	SEC("kprobe/" #function)                                                    \
	int program##_entry(struct regs *regs)                                      \
	{                                                                           \
		return condition ? keep(regs, program##_number) : 0;                \
	}                                                                           \
	SEC("kretprobe/" #function)                                                 \
	int program(struct regs *regs)                                              \
	{                                                                           \
		unsigned long long ctx[7];                                          \
                                                                                    \
		if (!take(regs, program##_number, ctx))                             \
			return 0;                                                   \
		ctx[___bpf_narg(args) - 1] = RESULT(regs);                          \
		return program##_body(___bpf_ctx_cast(args));                       \
	}                                                                           \
	static __always_inline int program##_body(unsigned long long *ctx, ##args)

#define AT_EXIT_OF_SLEEPER(function, program, args...) \
	static __always_inline UNUSED int program##_body(unsigned long long *ctx, ##args)
#define UNUSED __attribute__((unused))

#define AT_TRACEPOINT(event, program, args...) \
	SEC("raw_tp/" #event)                  \
	int BPF_PROG(program, ##args)

#else

#define LOAD(base, members...) ___apply(___arrow, ___narg(base, members))(base, members)
#define CURRENT bpf_get_current_task_btf()
#define IS_LAST(lvalue) (__sync_fetch_and_add(&(lvalue), -1) == 1)
#define SET_FLAG(lvalue) ((void)__sync_lock_test_and_set(&(lvalue), 1))

#define AT_ENTRY(function, program, args...) \
	SEC("fentry/" #function)             \
	int BPF_PROG(program, ##args)
#define AT_EXIT(function, program, args...) \
	SEC("fexit/" #function)             \
	int BPF_PROG(program, ##args)
#define AT_EXIT_KEEPING(condition, function, program, args...) \
	AT_EXIT(function, program, ##args)
#define AT_EXIT_OF_SLEEPER AT_EXIT
#define AT_TRACEPOINT(event, program, args...) \
	SEC("tp_btf/" #event)                  \
	int BPF_PROG(program, ##args)

#endif

#endif
