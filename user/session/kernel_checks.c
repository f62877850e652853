// SPDX-License-Identifier: GPL-2.0-only
#include "kernel_checks.h"

#include <bpf/bpf.h>
#include <errno.h>
#include <linux/capability.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "kernel_types.h"
#include "util.h"

/* Added in Linux 5.8; older headers may lack them. */
#define CAP_NR_PERFMON 38
#define CAP_NR_BPF 39

/* First line of a small file, without its newline; "" if there is none. */
static const char *file_line(const char *path, char *buf, int size)
{
	FILE *f = fopen(path, "re");

	buf[0] = 0;
	if (f) {
		if (!fgets(buf, size, f))
			buf[0] = 0;
		fclose(f);
	}
	buf[strcspn(buf, "\n")] = 0;
	return buf;
}

static bool has_capability(int cap)
{
	struct __user_cap_header_struct head = {
		.version = _LINUX_CAPABILITY_VERSION_3,
	};
	struct __user_cap_data_struct data[2] = {};

	if (syscall(SYS_capget, &head, data))
		return false;
	return data[cap / 32].effective >> (cap % 32) & 1;
}

static struct check check_kernel(void)
{
	static char text[160];
	struct utsname u;

	uname(&u);
	snprintf(text, sizeof(text), "%s %s", u.release, u.machine);
	return (struct check){ .name = "kernel", .ok = true, .detail = text };
}

static struct check check_rights(void)
{
	bool admin = has_capability(CAP_SYS_ADMIN);
	bool bpf = admin || has_capability(CAP_NR_BPF);
	bool perfmon = admin || has_capability(CAP_NR_PERFMON);

	return (struct check){
		.name = "rights",
		.ok = bpf && perfmon,
		.detail = bpf && perfmon ? "CAP_BPF and CAP_PERFMON" :
			  bpf		 ? "CAP_PERFMON is missing" :
			  perfmon	 ? "CAP_BPF is missing" :
					   "CAP_BPF and CAP_PERFMON are missing",
		.remedy = "run as root (sudo), or grant the two capabilities",
	};
}

static struct check check_lockdown(void)
{
	static char text[128];
	bool locked;

	file_line("/sys/kernel/security/lockdown", text, sizeof(text));
	locked = strstr(text, "[confidentiality]");
	return (struct check){
		.name = "lockdown",
		.ok = !locked,
		.detail = locked  ? "confidentiality: BPF may not read the kernel" :
			  text[0] ? text :
				    "none",
		.remedy = "boot without lockdown=confidentiality",
	};
}

static struct check check_btf(void)
{
	bool ok = !access("/sys/kernel/btf/vmlinux", R_OK);

	return (struct check){
		.name = "BTF",
		.ok = ok,
		.detail = ok ? "/sys/kernel/btf/vmlinux" : "the kernel has none",
		.remedy = "use a kernel built with CONFIG_DEBUG_INFO_BTF=y",
		.needed_by = "types",
	};
}

/*
 * arm64's interpreter jumps to nowhere where a program calls what its JIT would have
 * inlined, bpf_get_current_task() since 6.10, and the process that reads dies of it:
 * do_misc_fixups() leaves such calls as they are, JIT or not. Seen on 6.12.
 */
static struct check check_jit(void)
{
	static char text[32];
	struct utsname u = {};
	bool arm64;

	uname(&u);
	arm64 = !strcmp(u.machine, "aarch64");
	file_line("/proc/sys/net/core/bpf_jit_enable", text, sizeof(text));
	return (struct check){
		.name = "JIT",
		.ok = text[0] != '0', /* unreadable without root: not a fault */
		.detail = text[0] == '0' ? "off" :
			  text[0]	 ? "on" :
					   "not known",
		.remedy = arm64 ? "sysctl net.core.bpf_jit_enable=1: arm64's "
				  "interpreter kills who calls it" :
				  "sysctl net.core.bpf_jit_enable=1: fentry needs it",
		.needed_by = arm64 ? NULL : "btf",
	};
}

/* How the kernel preempts: "none voluntary (full) lazy"; "" if it does not say. */
static const char *preemption(char *buf, int size)
{
	return file_line("/sys/kernel/debug/sched/preempt", buf, size);
}

bool kernel_preempts(void)
{
	char text[64];
	struct utsname u;

	uname(&u);
	if (preemption(text, sizeof(text))[0])
		return strstr(text, "(full)") || strstr(text, "(lazy)");
	return strstr(u.version, "PREEMPT");
}

/* lsm_list_modules(), since 6.8; before, it is not asked. */
#define NR_LSM_LIST_MODULES 461
#define LSM_ID_BPF 110

bool kernel_asks_bpf(void)
{
	__u64 ids[64];
	__u32 size = sizeof(ids);
	long nr = syscall(NR_LSM_LIST_MODULES, ids, &size, 0);

	for (long i = 0; i < nr; i++)
		if (ids[i] == LSM_ID_BPF)
			return true;
	return false;
}

/*
 * Of a kernel built to preempt in one way only, and so without PREEMPT_DYNAMIC and
 * that file: its version says no more than PREEMPT. Under full preemption, and with
 * PREEMPT_RT, RCU's readers are preempted, too, and a thread counts how deep it is in
 * them; under lazy alone they are not (since 6.13, as Debian's arm64 is built).
 */
static bool built_to_be_lazy(void)
{
	static const char counter[] = "rcu_read_lock_nesting";
	int id = kernel_struct_type("task_struct", 0);
	__u32 bits = 0;

	return id > 0 && !btf_member_of(kernel_btf(), btf__type_by_id(kernel_btf(), id),
					counter, strlen(counter), &bits);
}

/*
 * A kernel that preempts itself does so in a trampoline's program, and skips it
 * in the thread that follows (the guard of __bpf_prog_enter_recur() is of the
 * program and the CPU); kprobes run with preemption off. HOOK_AGAIN makes up for
 * that but for the rare case that both programs are interrupted, which is rarer
 * still under lazy preemption: it leaves a thread alone until a tick finds that
 * it has been asked to go.
 */
static struct check check_preemption(void)
{
	static char text[64];
	struct utsname u;
	bool full, lazy = false;

	uname(&u);
	if (preemption(text, sizeof(text))[0]) {
		full = strstr(text, "(full)");
	} else {
		full = strstr(u.version, "PREEMPT") &&
		       !strstr(u.version, "PREEMPT_DYNAMIC");
		lazy = full && built_to_be_lazy();
		full &= !lazy;
	}
	return (struct check){
		.name = "preemption",
		.ok = !full,
		.detail = full	  ? "full: trampolines miss reads" :
			  text[0] ? text :
			  lazy	  ? "lazy" :
			  strstr(u.version, "PREEMPT") ? "not known" :
							 "none",
		.remedy = "use kprobes, or boot with preempt=voluntary",
		.needed_by = "btf",
		.degraded = true,
	};
}

/*
 * A program loaded and attached for real, on the function that the kernel has for
 * trying that (net/bpf/test_run.c) and does not call. It stays until this process
 * ends: to take it off is to wait for every task to have been switched, which the
 * start need not.
 */
static struct check check_trampolines(void)
{
	static int link = -1;
	struct bpf_insn insns[] = {
		{ .code = 0xb7 }, /* r0 = 0 */
		{ .code = 0x95 }, /* exit */
	};
	LIBBPF_OPTS(bpf_prog_load_opts, opts, .expected_attach_type = BPF_TRACE_FENTRY,
		    .attach_btf_id = kernel_hook_type("bpf_fentry_test1", false));
	int fd = bpf_prog_load(BPF_PROG_TYPE_TRACING, "iophase_probe", "GPL", insns, 2,
			       &opts);
	int err = fd < 0 ? -fd : 0;

	if (fd >= 0 && link < 0) {
		link = bpf_raw_tracepoint_open(NULL, fd);
		err = link < 0 ? -link : 0;
	}
	if (fd >= 0)
		close(fd);
	return (struct check){
		.name = "trampolines",
		.ok = !err,
		.detail = err ? strerror(err) : "fentry loads and attaches",
		.remedy = "needs CONFIG_FUNCTION_TRACER with direct calls, "
			  "CONFIG_BPF_JIT, and the rights above",
		.needed_by = "btf",
	};
}

/* Since 5ca419f2864a (5.12). What has one is refused before, even if it is never run. */
static struct check check_atomics(void)
{
	struct bpf_insn insns[] = {
		{ .code = 0x7a, .dst_reg = 10, .off = -8 }, /* *(u64 *)(fp - 8) = 0 */
		{ .code = 0xb7 },			    /* r0 = 0 */
		{ .code = 0xdb, .dst_reg = 10, .off = -8, .imm = 1 }, /* its old value */
		{ .code = 0xb7 },
		{ .code = 0x95 }, /* exit */
	};
	int fd = bpf_prog_load(BPF_PROG_TYPE_SOCKET_FILTER, "iophase_probe", "GPL",
			       insns, ARRAY_SIZE(insns), NULL);
	bool ok = fd >= 0;

	if (ok)
		close(fd);
	return (struct check){
		.name = "atomics",
		.ok = ok,
		.detail = ok ? "they return what was there" : "none that return a value",
		.remedy = "needs Linux 5.12",
		.needed_by = "btf",
	};
}

/* The second file can be read by root only. */
static struct check check_kprobes(void)
{
	static char enabled[8];
	bool there = !access("/sys/bus/event_source/devices/kprobe/type", R_OK);

	file_line("/sys/kernel/debug/kprobes/enabled", enabled, sizeof(enabled));
	return (struct check){
		.name = "kprobes",
		.ok = there && enabled[0] != '0',
		.detail = !there	    ? "the kernel has none" :
			  enabled[0] == '0' ? "switched off" :
					      "perf can set them",
		.remedy = there ? "echo 1 > /sys/kernel/debug/kprobes/enabled" :
				  "needs CONFIG_KPROBE_EVENTS and CONFIG_PERF_EVENTS",
		.needed_by = "kprobe",
	};
}

static struct check check_tracepoints(void)
{
	bool ok = !access("/sys/kernel/tracing/events/sched", F_OK) ||
		  !access("/sys/kernel/debug/tracing/events/sched", F_OK);

	return (struct check){
		.name = "tracepoints",
		.ok = ok,
		.detail = ok ? "tracefs has them" : "no tracefs to be seen",
		.remedy = "mount -t tracefs tracefs /sys/kernel/tracing",
		.needed_by = "kprobe",
	};
}

/* Since 5.11 BPF memory is the cgroup's; before, this limit had to be raised. */
static struct check check_memory(void)
{
	static char text[64];
	struct rlimit r = {};

	getrlimit(RLIMIT_MEMLOCK, &r);
	if (r.rlim_cur == RLIM_INFINITY)
		strcpy(text, "no limit on locked memory");
	else
		snprintf(text, sizeof(text), "%llu kB may be locked",
			 (unsigned long long)r.rlim_cur / 1024);
	return (struct check){ .name = "memory", .ok = true, .detail = text };
}

int kernel_checks(struct check checks[MAX_CHECKS])
{
	int n = 0;

	checks[n++] = check_kernel();
	checks[n++] = check_rights();
	checks[n++] = check_lockdown();
	checks[n++] = check_btf();
	checks[n++] = check_jit();
	if (checks[1].ok)
		checks[n++] = check_atomics();
	if (checks[1].ok && checks[3].ok)
		checks[n++] = check_trampolines();
	checks[n++] = check_preemption();
	checks[n++] = check_kprobes();
	checks[n++] = check_tracepoints();
	checks[n++] = check_memory();
	return n;
}
