// SPDX-License-Identifier: GPL-2.0-only
#include "backend.h"

#include <bpf/bpf.h>
#include <bpf/btf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <linux/capability.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "embed.h"
#include "util.h"

/* Added in Linux 5.8; older headers may lack them. */
#define CAP_NR_PERFMON 38
#define CAP_NR_BPF 39

static const struct hook hooks[] = {
	FUNCTION("on_sock_recvmsg", "sock_recvmsg", "every read"),
	FUNCTION("on_sock_recvmsg_exit", "sock_recvmsg", "every read"),
	FUNCTION("on_sys_recvmsg", "____sys_recvmsg", "rest of a recvmmsg"),
	FUNCTION("on_sys_recvmsg_exit", "____sys_recvmsg", "rest of a recvmmsg"),
	FUNCTION("on_sock_def_readable", "sock_def_readable", "ready: wait, wake"),
	FUNCTION("on_schedule_timeout", "schedule_timeout", "sleep: wait, wake"),
	FUNCTION("on_schedule_timeout_exit", "schedule_timeout", "sleep: wait, wake"),
	FUNCTION("on_skb_copy_datagram_iter", "skb_copy_datagram_iter", "copy"),
	FUNCTION("on_skb_copy_datagram_iter_exit", "skb_copy_datagram_iter", "copy"),
	FUNCTION("on_skb_recv_udp_exit", "__skb_recv_udp", "copy of UDP"),
	FUNCTION("on_skb_consume_udp", "skb_consume_udp", "copy of UDP"),
	FUNCTION("on_do_epoll_wait", "do_epoll_wait", "multiplexed: epoll"),
	FUNCTION("on_do_epoll_wait_exit", "do_epoll_wait", "multiplexed: epoll"),
	FUNCTION("on_do_sys_poll", "do_sys_poll", "multiplexed: poll"),
	FUNCTION("on_do_sys_poll_exit", "do_sys_poll", "multiplexed: poll"),
	FUNCTION("on_core_sys_select", "core_sys_select", "multiplexed: select"),
	FUNCTION("on_core_sys_select_exit", "core_sys_select", "multiplexed: select"),
	MAYBE_FUNCTION("on_compat_core_sys_select", "compat_core_sys_select",
		       "multiplexed: select of 32-bit processes"),
	MAYBE_FUNCTION("on_compat_core_sys_select_exit", "compat_core_sys_select",
		       "multiplexed: select of 32-bit processes"),
	FUNCTION("on_sock_poll_exit", "sock_poll", "multiplexed: which socket"),
	FUNCTION("on_sock_fasync_exit", "sock_fasync", "signal: armed"),
	FUNCTION("on_send_sigio_to_task", "send_sigio_to_task", "signal: sent"),
	TRACEPOINT("on_signal_delivered", "signal_deliver", "signal: delivered"),
	MAYBE_FUNCTION("on_dequeue_signal_exit", "dequeue_signal",
		       "signal: sigwaitinfo, signalfd"),
	{ "on_sched_waking", "sched_waking", "--wake-detail", true, true, true },
	{ "on_sched_switch", "sched_switch", "--wake-detail", true, true, true },
	MAYBE_TRACEPOINT("on_io_uring_submit_sqe", "io_uring_submit_sqe",
			 "async: submitted"),
	MAYBE_TRACEPOINT("on_io_uring_submit_req", "io_uring_submit_req",
			 "async: submitted, from 6.4 on"),
	MAYBE_FUNCTION("on_io_recv", "io_recv", "async: recv"),
	MAYBE_FUNCTION("on_io_recv_exit", "io_recv", "async: recv"),
	MAYBE_FUNCTION("on_io_recvmsg", "io_recvmsg", "async: recvmsg"),
	MAYBE_FUNCTION("on_io_recvmsg_exit", "io_recvmsg", "async: recvmsg"),
	MAYBE_FUNCTION("on_io_read", "io_read", "async: read"),
	MAYBE_FUNCTION("on_io_read_exit", "io_read", "async: read"),
	MAYBE_FUNCTION("on_io_read_mshot", "io_read_mshot",
		       "async: multishot read, from 6.7 on"),
	MAYBE_FUNCTION("on_io_read_mshot_exit", "io_read_mshot",
		       "async: multishot read, from 6.7 on"),
	MAYBE_TRACEPOINT("on_io_uring_complete", "io_uring_complete",
			 "async: completed"),
	MAYBE_FUNCTION("on_io_uring_enter", "__x64_sys_io_uring_enter",
		       "async: dispatch"),
	MAYBE_FUNCTION("on_io_uring_enter_exit", "__x64_sys_io_uring_enter",
		       "async: dispatch"),
	FUNCTION("on_security_sk_free", "security_sk_free", "socket state is freed"),
	TRACEPOINT("on_sched_process_exit", "sched_process_exit",
		   "thread state is freed"),
	TRACEPOINT("on_sched_process_fork", "sched_process_fork",
		   "children of PROGRAM"),
};

EMBED(btf)

const struct backend backend_btf = {
	.name = "btf",
	.hooks = hooks,
	.nr_hooks = ARRAY_SIZE(hooks),
	.needs_btf = true,
	.elf = btf_elf,
};

const struct backend *const backends[] = {
	&backend_btf,
	&backend_kprobe,
	NULL,
};

/*
 * Read once: it is megabytes, in pieces of a page, and there are many hooks.
 * NULL if the kernel has none.
 */
static const struct btf *kernel_btf(void)
{
	static struct btf *btf;
	static bool tried;

	if (!tried)
		btf = btf__load_vmlinux_btf();
	tried = true;
	return libbpf_get_error(btf) ? NULL : btf;
}

/* Id of a function's, or a tracepoint's, type in the kernel's BTF, or < 0. */
static int type_id(const char *target, bool tracepoint)
{
	const struct btf *btf = kernel_btf();
	char name[64];

	if (!btf)
		return -ENOENT;
	snprintf(name, sizeof(name), "%s%s", tracepoint ? "btf_trace_" : "",
		 target);
	return btf__find_by_name_kind(btf, name, tracepoint ? BTF_KIND_TYPEDEF :
							      BTF_KIND_FUNC);
}

bool hook_present(const struct hook *h)
{
	return type_id(h->target, h->tracepoint) > 0;
}

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
		.needed_by = "btf",
	};
}

static struct check check_jit(void)
{
	static char text[32];

	file_line("/proc/sys/net/core/bpf_jit_enable", text, sizeof(text));
	return (struct check){
		.name = "JIT",
		.ok = text[0] != '0', /* unreadable without root: not a fault */
		.detail = text[0] == '0' ? "off" : text[0] ? "on" : "not known",
		.remedy = "sysctl net.core.bpf_jit_enable=1: fentry needs it",
		.needed_by = "btf",
	};
}

/* One program of each kind that the object has, loaded for real. */
static struct check check_trampolines(void)
{
	struct bpf_insn insns[] = {
		{ .code = 0xb7 }, /* r0 = 0 */
		{ .code = 0x95 }, /* exit */
	};
	LIBBPF_OPTS(bpf_prog_load_opts, opts,
		.expected_attach_type = BPF_TRACE_FENTRY,
		.attach_btf_id = type_id("sock_recvmsg", false));
	int link, fd = bpf_prog_load(BPF_PROG_TYPE_TRACING, "iophase_probe",
				     "GPL", insns, 2, &opts);
	int err = fd < 0 ? -fd : 0;

	if (fd >= 0) {
		link = bpf_raw_tracepoint_open(NULL, fd);
		err = link < 0 ? -link : 0;
		if (link >= 0)
			close(link);
		close(fd);
	}
	return (struct check){
		.name = "trampolines",
		.ok = !err,
		.detail = err ? strerror(err) : "fentry loads and attaches",
		.remedy = "needs CONFIG_FUNCTION_TRACER with direct calls, "
			  "CONFIG_BPF_JIT, and the rights above",
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
		.detail = !there		? "the kernel has none" :
			  enabled[0] == '0' ? "switched off" :
						"perf can set them",
		.remedy = there ? "echo 1 > /sys/kernel/debug/kprobes/enabled" :
				  "needs CONFIG_KPROBE_EVENTS and CONFIG_PERF_EVENTS",
		.needed_by = "kprobe",
	};
}

int backend_checks(struct check checks[MAX_CHECKS])
{
	int n = 0;

	checks[n++] = check_kernel();
	checks[n++] = check_rights();
	checks[n++] = check_lockdown();
	checks[n++] = check_btf();
	checks[n++] = check_jit();
	if (checks[1].ok && checks[3].ok)
		checks[n++] = check_trampolines();
	checks[n++] = check_kprobes();
	return n;
}

/* What this backend cannot do without; NULL if nothing. */
static const struct check *obstacle(const struct backend *b,
				    const struct check *checks, int n)
{
	for (int i = 0; i < n; i++)
		if (!checks[i].ok && (!checks[i].needed_by ||
				      !strcmp(checks[i].needed_by, b->name)))
			return &checks[i];
	return NULL;
}

const struct backend *backend_choose(const char *asked_for)
{
	const struct check *c, *first = NULL;
	struct check checks[MAX_CHECKS];
	int n = backend_checks(checks);

	for (int i = 0; backends[i]; i++) {
		if (asked_for && strcmp(asked_for, backends[i]->name))
			continue;
		c = obstacle(backends[i], checks, n);
		if (!c)
			return backends[i];
		first = first ? first : c;
	}
	if (first)
		fail("%s: %s; %s", first->name, first->detail, first->remedy);
	else
		fail("no backend '%s': there is btf, or kprobe", asked_for);
	return NULL;
}
