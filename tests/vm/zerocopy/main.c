// SPDX-License-Identifier: GPL-2.0-only
/*
 * Programs that know which bytes they gave to the kernel and got from it, on which
 * path. zerocopy CASE [ADDRESS [NETNS]]: the parent sends, the child receives, at that
 * address (127.0.0.1) and in that network namespace. When all is done each says
 *
 *   row PID PATH CALLS BYTES COPIED MOVED FELL FAILED CAUSE
 *
 * of what it was told: calls that gave bytes, and those that did not; of zero copy,
 * what the kernel said of each, and why it must be so (docs/zerocopy.md). "-" is what
 * it is not told.
 */
#include <arpa/inet.h>
#include "zerocopy.h"

char *data, buf[MAX_BYTES];
const char *address = "127.0.0.1", *netns;

static const struct {
	const char *name;
	int family;
	int type;
	side_fn sends;
	side_fn receives;
	void (*run)(void);
} cases[] = {
	{ "tcp", AF_INET, SOCK_STREAM, send_some, recv_all },
	{ "udp", AF_INET, SOCK_DGRAM, send_datagrams, recv_datagrams },
	{ "unix", AF_UNIX, SOCK_STREAM, send_some, recv_all },
	{ "unix-dgram", AF_UNIX, SOCK_DGRAM, send_datagrams, recv_datagrams },
	{ "mmsg", AF_INET, SOCK_DGRAM, send_batch, recv_batch },
	{ "odd", AF_INET, SOCK_STREAM, send_some, recv_oddly },
	{ "sendfile", AF_INET, SOCK_STREAM, send_file, recv_all },
	{ "sendfile-unix", AF_UNIX, SOCK_STREAM, send_file, recv_all },
	{ "sendfile-unix-dgram", AF_UNIX, SOCK_DGRAM, send_file_copied, recv_file },
	{ "sendfile-made", AF_INET, SOCK_STREAM, send_made_file, recv_all },
	{ "sendfile-direct", AF_INET, SOCK_STREAM, send_direct, recv_all },
	{ "sendfile-direct-tmpfs", AF_INET, SOCK_STREAM, send_direct_tmpfs, recv_all },
	{ "splice-out", AF_INET, SOCK_STREAM, splice_file, recv_all },
	{ "splice-out-unix", AF_UNIX, SOCK_STREAM, splice_file, recv_all },
	{ "vmsplice", AF_INET, SOCK_STREAM, vmsplice_all, recv_all },
	{ "vmsplice-odd", AF_INET, SOCK_STREAM, vmsplice_odd, recv_all },
	{ "splice-in", AF_INET, SOCK_STREAM, send_some, splice_all },
	{ "splice-in-unix", AF_UNIX, SOCK_STREAM, send_some, splice_unix },
	{ "splice-in-udp", AF_INET, SOCK_DGRAM, send_datagrams, splice_datagrams },
	{ "sendfile-in", AF_INET, SOCK_STREAM, send_some, sendfile_all },
	{ "sendfile-in-unix", AF_UNIX, SOCK_STREAM, send_some, sendfile_unix },
	{ "sendfile-in-udp", AF_INET, SOCK_DGRAM, send_datagrams, sendfile_datagrams },
	{ "zerocopy", AF_INET, SOCK_STREAM, zerocopy_sends, recv_all },
	{ "zerocopy-unread", AF_INET, SOCK_STREAM, zerocopy_sends_unread, recv_all },
	{ "zerocopy-unasked", AF_INET, SOCK_STREAM, zerocopy_sends_unasked, recv_all },
	{ "zerocopy-udp", AF_INET, SOCK_DGRAM, zerocopy_datagrams, drain_until_told },
	{ "zerocopy-dropped", .run = run_dropped },
	{ "zerocopy-small", .run = run_small },
	{ "zerocopy-no-sg", .run = run_no_scatter_gather },
	{ "uring", AF_INET, SOCK_STREAM, uring_send_zc, recv_all },
	{ "uring-msg", AF_INET, SOCK_STREAM, uring_sendmsg_zc, recv_all },
	{ "uring-batches", AF_INET, SOCK_STREAM, uring_batches, recv_all },
	{ "uring-dropped", .run = run_uring_dropped },
	{ "uring-copied", AF_INET, SOCK_STREAM, send_by_uring, recv_by_uring },
	{ "uring-receive", AF_INET, SOCK_STREAM, send_some, recv_uring },
	{ "uring-receive-slow", AF_INET, SOCK_STREAM, send_slowly, recv_uring_slowly },
	{ "receive-polled", AF_INET, SOCK_STREAM, send_pages_slowly, map_polled },
	{ "receive", AF_INET, SOCK_STREAM, send_pages, map_all },
	{ "interrupted", AF_INET, SOCK_STREAM, send_in_parts, splice_interrupted },
	{ "full", AF_INET, SOCK_STREAM, send_until_full, recv_when_full },
	{ "closed", AF_INET, SOCK_STREAM, send_until_closed, recv_a_little },
	{ "closed-splice", AF_INET, SOCK_STREAM, splice_until_closed, recv_a_little },
	{ "closed-zerocopy", AF_INET, SOCK_STREAM, send_zerocopy_until_closed,
	  recv_a_little },
	{ "closed-uring", AF_INET, SOCK_STREAM, send_uring_until_closed, recv_a_little },
	{ "closed-pipe", AF_INET, SOCK_STREAM, send_some, splice_to_closed },
	{ "killed", .run = run_killed },
	{ "timed-out", .run = run_timed_out },
	{ "killed-at-once", .run = run_killed_at_once },
	{ "killed-uring", .run = run_killed_by_uring },
	{ "killed-slowly", .run = run_killed_slowly },
	{ "asleep", .run = run_asleep },
	{ "asleep-batch", .run = run_asleep_batch },
	{ "same-entry", .run = run_same_entry },
};

int main(int argc, char **argv)
{
	data = mmap(NULL, MAX_BYTES, PROT_READ | PROT_WRITE,
		    MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
	CHECK(data != MAP_FAILED && argc > 1);
	memset(data, 'x', MAX_BYTES);
	if (argc > 2)
		address = argv[2];
	if (argc > 3)
		netns = argv[3];
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		if (strcmp(argv[1], cases[i].name))
			continue;
		if (cases[i].run)
			cases[i].run();
		else if (cases[i].family == AF_UNIX)
			run_unix(cases[i].type, cases[i].sends, cases[i].receives);
		else
			run_sides(cases[i].type, cases[i].sends, cases[i].receives);
		return 0;
	}
	return 2;
}
