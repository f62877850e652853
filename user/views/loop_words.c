// SPDX-License-Identifier: GPL-2.0-only
#include "loop_words.h"

#include <stdio.h>
#include <string.h>

#include "tasks.h"

static const char *loops_text(const struct group_row *g, __u32 threads, char buf[64])
{
	static const char *const words[NR_ROLES] = {
		"acceptor", "worker", "loop", "client loop", "idle loop",
	};

	if (threads > 1)
		snprintf(buf, 64, "%u %s shared by %u threads", g->loops,
			 g->loops > 1 ? "pollers" : "poller", threads);
	else
		snprintf(buf, 64, "%u %s%s", g->loops, words[g->role],
			 g->loops > 1 ? "s" : "");
	return buf;
}

static const char *imbalance_text(__u32 hundredths, char buf[16])
{
	if (!hundredths)
		return "-";
	snprintf(buf, 16, "%u.%02u", hundredths / 100, hundredths % 100);
	return buf;
}

bool group_is_compared(const struct group_row *g)
{
	return g->channels_imbalance || g->reads_imbalance;
}

const char *group_text(const struct group_row *g, char *buf, size_t size)
{
	char reads[16], channels[16], busy[16];

	snprintf(buf, size,
		 "  group %u, the most of the mean: reads %s, channels %s, busy %s",
		 g->group, imbalance_text(g->reads_imbalance, reads),
		 imbalance_text(g->channels_imbalance, channels),
		 imbalance_text(g->busy_imbalance, busy));
	return buf;
}

static const char *role_of_process(__u32 roles)
{
	if (roles & (1 << ROLE_ACCEPTOR | 1 << ROLE_WORKER | 1 << ROLE_BOTH))
		return "server";
	return roles & 1 << ROLE_CLIENT ? "client" : "idle";
}

static __u32 threads_of(const struct loop_table *t, const struct group_row *g)
{
	__u32 threads = 0;

	for (int i = 0; i < t->nr; i++)
		if (t->rows[i].pid == g->pid && t->rows[i].group == g->group &&
		    t->rows[i].threads > threads)
			threads = t->rows[i].threads;
	return threads;
}

const char *process_text(const struct loop_table *t, __u32 pid, char *buf, size_t size)
{
	char comm[IOP_COMM_LEN] = "", loops[256] = "", one[64], moved[32] = "none";
	__u32 roles = 0, channels = 0, nr_moved = 0;
	const struct group_row *last = NULL;
	int groups = 0;
	size_t len;

	for (int i = 0; i < t->nr; i++) {
		if (t->rows[i].pid != pid)
			continue;
		channels += t->rows[i].channels;
		nr_moved += t->rows[i].moved;
		if (!comm[0])
			memcpy(comm, t->rows[i].comm, IOP_COMM_LEN);
	}
	for (int i = 0; i < t->nr_groups; i++) {
		const struct group_row *g = &t->groups[i];
		const char *joint = ", ";

		if (g->pid != pid)
			continue;
		if (!last)
			joint = "";
		else if (last->role == ROLE_ACCEPTOR && g->role == ROLE_WORKER)
			joint = " -> ";
		len = strlen(loops);
		snprintf(loops + len, sizeof(loops) - len, "%s%s", joint,
			 loops_text(g, threads_of(t, g), one));
		roles |= 1 << g->role;
		groups++;
		last = g;
	}
	task_comm(pid, 0, comm);
	if (nr_moved)
		snprintf(moved, sizeof(moved), "%u", nr_moved);
	snprintf(buf, size, "%s (%u): %s, %d group%s: %s, %u channel%s, %s moved", comm,
		 pid, role_of_process(roles), groups, groups == 1 ? "" : "s", loops,
		 channels, channels == 1 ? "" : "s", moved);
	return buf;
}
