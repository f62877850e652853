// SPDX-License-Identifier: GPL-2.0-only
#include "names.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>

#include "util.h"

const char *const model_names[IOP_NR_MODELS] = {
	[IOP_BLOCKING] = "blocking",
	[IOP_NONBLOCKING] = "nonblocking",
	[IOP_MULTIPLEXED] = "multiplexed",
	[IOP_SIGNAL] = "signal",
	[IOP_ASYNC] = "async",
};

/* clang-format off */
const char *const phase_names[IOP_NR_PHASES] = {
	[IOP_WAIT] = "wait",
	[IOP_WAKE] = "wake",
	[IOP_DISPATCH] = "dispatch",
	[IOP_COPY] = "copy",
	[IOP_REST] = "rest",
};
/* clang-format on */

const char *const flag_names[IOP_NR_FLAGS] = {
	"residual", "eof",	"timeout",  "intr", "reset",   "peek",
	"unseen",   "errqueue", "unwaited", "poll", "handoff", "approx",
};

int name_index(const char *const names[], int nr, const char *name)
{
	for (int i = 0; i < nr; i++)
		if (!strcmp(names[i], name))
			return i;
	return -1;
}

const char *name_list(const char *const names[], int nr)
{
	static char list[256];
	size_t n = 0;

	for (int i = 0; i < nr; i++)
		n += snprintf(list + n, sizeof(list) - n, "%s%s", i ? ", " : "",
			      names[i]);
	return list;
}

struct call_name {
	__u32 nr;
	const char *name;
};

static const struct call_name native_calls[] = {
	{ SYS_read, "read" },
	{ SYS_readv, "readv" },
	{ SYS_preadv, "preadv" },
	{ SYS_preadv2, "preadv2" },
	{ SYS_pread64, "pread64" },
#ifdef SYS_recv
	{ SYS_recv, "recvfrom" },
#endif
	{ SYS_recvfrom, "recvfrom" },
	{ SYS_recvmsg, "recvmsg" },
	{ SYS_recvmmsg, "recvmmsg" },
#ifdef SYS_recvmmsg_time64
	{ SYS_recvmmsg_time64, "recvmmsg" },
#endif
	{ SYS_splice, "splice" },
	{ SYS_sendfile, "sendfile" },
	{ SYS_getsockopt, "getsockopt" },
	{ SYS_io_submit, "io_submit" },
	{ SYS_io_uring_enter, "io_uring" },
#ifdef SYS_socketcall
	{ SYS_socketcall, "socketcall" },
#endif
};

/* Those of 32-bit processes. */
static const struct call_name compat_calls[] = {
#ifdef __aarch64__ /* arch/arm/tools/syscall.tbl */
	{ 3, "read" },	     { 145, "readv" },	    { 180, "pread64" },
	{ 361, "preadv" },   { 392, "preadv2" },    { 291, "recvfrom" },
	{ 292, "recvfrom" }, { 297, "recvmsg" },    { 365, "recvmmsg" },
	{ 417, "recvmmsg" }, { 340, "splice" },	    { 246, "io_submit" },
	{ 426, "io_uring" }, { 295, "getsockopt" }, { 187, "sendfile" },
	{ 239, "sendfile" },
#else /* arch/x86/entry/syscalls/syscall_32.tbl */
	{ 3, "read" },	     { 102, "socketcall" }, { 145, "readv" },
	{ 180, "pread64" },  { 333, "preadv" },	    { 337, "recvmmsg" },
	{ 371, "recvfrom" }, { 372, "recvmsg" },    { 378, "preadv2" },
	{ 417, "recvmmsg" }, { 313, "splice" },	    { 248, "io_submit" },
	{ 426, "io_uring" }, { 365, "getsockopt" }, { 187, "sendfile" },
	{ 239, "sendfile" },
#endif
};

static const struct call_name native_waits[] = {
#ifdef SYS_select
	{ SYS_select, "select" },
#endif
#ifdef SYS__newselect
	{ SYS__newselect, "select" },
#endif
#ifdef SYS_poll
	{ SYS_poll, "poll" },
#endif
#ifdef SYS_epoll_wait
	{ SYS_epoll_wait, "epoll_wait" },
#endif
#ifdef SYS_pselect6_time64
	{ SYS_pselect6_time64, "pselect6" },
	{ SYS_ppoll_time64, "ppoll" },
#endif
	{ SYS_pselect6, "pselect6" },
	{ SYS_ppoll, "ppoll" },
	{ SYS_epoll_pwait, "epoll_pwait" },
	{ 441, "epoll_pwait2" }, /* everywhere; not in every libc */
};

static const struct call_name compat_waits[] = {
	{ 82, "select" },	{ 142, "select" }, { 168, "poll" },
	{ 413, "pselect6" },	{ 414, "ppoll" },  { 441, "epoll_pwait2" },
#ifdef __aarch64__
	{ 335, "pselect6" },	{ 336, "ppoll" },  { 252, "epoll_wait" },
	{ 346, "epoll_pwait" },
#else
	{ 308, "pselect6" },	{ 309, "ppoll" },  { 256, "epoll_wait" },
	{ 319, "epoll_pwait" },
#endif
};

/* Others that a thread may sleep in. */
static const struct call_name native_others[] = {
	{ SYS_write, "write" },
	{ SYS_writev, "writev" },
	{ SYS_pwrite64, "pwrite64" },
	{ SYS_openat, "openat" },
	{ SYS_close, "close" },
	{ SYS_fsync, "fsync" },
	{ SYS_fdatasync, "fdatasync" },
	{ SYS_sync, "sync" },
	{ SYS_ftruncate, "ftruncate" },
	{ SYS_unlinkat, "unlinkat" },
	{ SYS_renameat2, "renameat2" },
	{ SYS_getdents64, "getdents64" },
	{ SYS_flock, "flock" },
	{ SYS_fcntl, "fcntl" },
	{ SYS_ioctl, "ioctl" },
	{ SYS_munmap, "munmap" },
	{ SYS_mprotect, "mprotect" },
	{ SYS_madvise, "madvise" },
	{ SYS_brk, "brk" },
	{ SYS_futex, "futex" },
	{ SYS_nanosleep, "nanosleep" },
	{ SYS_clock_nanosleep, "clock_nanosleep" },
	{ SYS_sched_yield, "sched_yield" },
	{ SYS_wait4, "wait4" },
	{ SYS_waitid, "waitid" },
	{ SYS_clone, "clone" },
	{ SYS_execve, "execve" },
	{ SYS_sendto, "sendto" },
	{ SYS_sendmsg, "sendmsg" },
	{ SYS_sendmmsg, "sendmmsg" },
	{ SYS_connect, "connect" },
	{ SYS_accept4, "accept4" },
	{ SYS_splice, "splice" },
	{ SYS_sendfile, "sendfile" },
	{ SYS_io_getevents, "io_getevents" },
	{ SYS_rt_sigtimedwait, "rt_sigtimedwait" },
	{ SYS_rt_sigsuspend, "rt_sigsuspend" },
#ifdef SYS_accept
	{ SYS_accept, "accept" },
#endif
#ifdef SYS_open
	{ SYS_open, "open" },
	{ SYS_unlink, "unlink" },
	{ SYS_rename, "rename" },
#endif
#ifdef SYS_mmap
	{ SYS_mmap, "mmap" },
#else
	{ SYS_mmap2, "mmap2" },
#endif
#ifdef SYS_pause
	{ SYS_pause, "pause" },
#endif
#ifdef SYS_futex_time64
	{ SYS_futex_time64, "futex" },
	{ SYS_clock_nanosleep_time64, "clock_nanosleep" },
#endif
};

static const char *name_of(const struct call_name *calls, size_t n, __u32 nr)
{
	for (size_t i = 0; i < n; i++)
		if (calls[i].nr == nr)
			return calls[i].name;
	return NULL;
}

const char *syscall_name(__u32 nr, bool compat)
{
	const char *name = compat ? name_of(compat_calls, ARRAY_SIZE(compat_calls), nr) :
				    name_of(native_calls, ARRAY_SIZE(native_calls), nr);

	return name ? name : "?";
}

const char *wait_call_name(__u32 nr, bool compat)
{
	return compat ? name_of(compat_waits, ARRAY_SIZE(compat_waits), nr) :
			name_of(native_waits, ARRAY_SIZE(native_waits), nr);
}

const char *any_call_name(__u32 nr, bool compat)
{
	const char *name = wait_call_name(nr, compat);

	if (name)
		return name;
	if (!compat)
		name = name_of(native_others, ARRAY_SIZE(native_others), nr);
	if (name)
		return name;
	name = syscall_name(nr, compat);
	return *name == '?' ? NULL : name;
}

static const struct {
	const char *name;
	__u32 family;	/* AF_INET stands for AF_INET6 too */
	__u32 protocol; /* IOP_ANY: whatever the family has */
} protos[] = {
	{ "tcp", AF_INET, IPPROTO_TCP },
	{ "udp", AF_INET, IPPROTO_UDP },
	{ "mptcp", AF_INET, 262 /* IPPROTO_MPTCP: not in every libc */ },
	{ "unix", AF_UNIX, IOP_ANY },
	{ "netlink", AF_NETLINK, IOP_ANY },
	{ "vsock", AF_VSOCK, IOP_ANY },
};

const char proto_choices[] = "tcp, udp, mptcp, unix, netlink, vsock";

const char *proto_name(const struct iop_endpoints *ends)
{
	__u32 family = ends->family == AF_INET6 ? AF_INET : ends->family;

	for (size_t i = 0; i < ARRAY_SIZE(protos); i++)
		if (protos[i].family == family && (protos[i].protocol == IOP_ANY ||
						   protos[i].protocol == ends->protocol))
			return protos[i].name;
	return "other";
}

int proto_parse(const char *name, __u32 *family, __u32 *protocol)
{
	for (size_t i = 0; i < ARRAY_SIZE(protos); i++)
		if (!strcmp(protos[i].name, name)) {
			*family = protos[i].family;
			*protocol = protos[i].protocol;
			return 0;
		}
	return -1;
}

bool has_peer(const struct iop_endpoints *ends)
{
	static const __u8 none[IOP_ADDR_LEN];

	return ends->peer_port || memcmp(ends->peer, none, sizeof(none));
}

/* What inet_ntop() does by sprintf(). */
static char *put_ipv4(char *to, const __u8 *addr)
{
	for (int i = 0; i < 4; i++) {
		if (i)
			*to++ = '.';
		to = put_number(to, addr[i]);
	}
	return to;
}

const char *format_end(char buf[64], const struct iop_endpoints *ends, bool peer)
{
	const __u8 *addr = peer ? ends->peer : ends->local;
	__u16 port = peer ? ends->peer_port : ends->local_port;
	char ip[INET6_ADDRSTRLEN], *to = buf;

	*to = 0;
	if (ends->family == AF_INET) {
		to = put_ipv4(to, addr);
	} else if (ends->family == AF_INET6 && inet_ntop(AF_INET6, addr, ip, sizeof(ip))) {
		*to++ = '[';
		to = stpcpy(to, ip);
		*to++ = ']';
	} else {
		return buf;
	}
	*to++ = ':';
	put_number(to, port);
	return buf;
}
