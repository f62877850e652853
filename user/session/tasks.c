// SPDX-License-Identifier: GPL-2.0-only
#include "tasks.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "util.h"

/* A file of /proc, as much of it as fits; returns its length, or -1. */
static ssize_t read_file(const char *path, char *buf, size_t size)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n;

	if (fd < 0)
		return -1;
	n = read(fd, buf, size - 1);
	close(fd);
	if (n >= 0)
		buf[n] = 0;
	return n;
}

bool tasks_are_ours(void)
{
	static bool known, ours;
	char link[32] = "";
	uint64_t pid;

	if (known)
		return ours;
	known = true;
	return ours = readlink("/proc/self", link, sizeof(link) - 1) > 0 &&
		      parse_number(link, 1, INT32_MAX, &pid) && (pid_t)pid == getpid();
}

bool task_comm(__u32 pid, __u32 tid, char comm[IOP_COMM_LEN])
{
	char path[64], line[IOP_COMM_LEN + 16];
	ssize_t n;

	if (!tasks_are_ours())
		return false;
	if (tid)
		snprintf(path, sizeof(path), "/proc/%u/task/%u/comm", pid, tid);
	else
		snprintf(path, sizeof(path), "/proc/%u/comm", pid);
	n = read_file(path, line, sizeof(line));
	if (n <= 0)
		return false;
	line[n - 1] = 0; /* the newline; there may be others in a name */
	snprintf(comm, IOP_COMM_LEN, "%.*s", IOP_COMM_LEN - 1, line);
	return true;
}

/* "NUMBER ARGUMENT...", or "running", or -1 for a sleep that is in none. */
bool task_call(__u32 pid, __u32 tid, __u32 *number)
{
	char path[64], line[16], *end;
	unsigned long n;

	if (!tasks_are_ours())
		return false;
	snprintf(path, sizeof(path), "/proc/%u/task/%u/syscall", pid, tid);
	if (read_file(path, line, sizeof(line)) <= 0 || line[0] < '0' || line[0] > '9')
		return false;
	n = strtoul(line, &end, 10);
	*number = n;
	return *end == ' ';
}

/* "PID (COMM) STATE PPID ...", where COMM may hold anything. */
static bool read_stat(struct task *t)
{
	char path[64], line[256], *from, *to;
	uint64_t ppid = 0;

	snprintf(path, sizeof(path), "/proc/%u/stat", t->pid);
	if (read_file(path, line, sizeof(line)) <= 0)
		return false;
	from = strchr(line, '(');
	to = strrchr(line, ')');
	if (!from || !to || to < from || strlen(to) < 5)
		return false;
	*to = 0;
	snprintf(t->comm, sizeof(t->comm), "%.*s", IOP_COMM_LEN - 1, from + 1);
	to += 4;
	to[strcspn(to, " ")] = 0;
	if (!parse_number(to, 0, INT32_MAX, &ppid))
		return false;
	t->ppid = ppid;
	return true;
}

/* Calls fn for each entry of a directory whose name is a number. */
static void each_number(const char *path, void (*fn)(void *ctx, __u32 n), void *ctx)
{
	DIR *dir = opendir(path);
	struct dirent *e;
	uint64_t n;

	while (dir && (e = readdir(dir)))
		if (parse_number(e->d_name, 1, INT32_MAX, &n))
			fn(ctx, n);
	if (dir)
		closedir(dir);
}

struct walk {
	task_fn fn;
	void *ctx;
	__u32 pid;
};

static void on_process(void *ctx, __u32 pid)
{
	struct walk *w = ctx;
	struct task t = { .pid = pid, .tid = pid };

	if (read_stat(&t))
		w->fn(w->ctx, &t);
}

void tasks_each_process(task_fn fn, void *ctx)
{
	each_number("/proc", on_process, &(struct walk){ .fn = fn, .ctx = ctx });
}

static void on_thread(void *ctx, __u32 tid)
{
	struct walk *w = ctx;
	struct task t = { .pid = w->pid, .tid = tid };

	if (task_comm(t.pid, tid, t.comm))
		w->fn(w->ctx, &t);
}

static void on_process_of_threads(void *ctx, __u32 pid)
{
	struct walk *w = ctx;
	char path[64];

	w->pid = pid;
	snprintf(path, sizeof(path), "/proc/%u/task", pid);
	each_number(path, on_thread, w);
}

void tasks_each_thread(task_fn fn, void *ctx)
{
	each_number("/proc", on_process_of_threads,
		    &(struct walk){ .fn = fn, .ctx = ctx });
}

void tasks_each_child(__u32 tid, void (*fn)(void *ctx, __u32 pid), void *ctx)
{
	char path[64];
	unsigned int pid;
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%u/task/%u/children", tid, tid);
	f = fopen(path, "re");
	while (f && fscanf(f, "%u", &pid) == 1)
		fn(ctx, pid);
	if (f)
		fclose(f);
}

__u32 task_process(__u32 tid)
{
	char path[64], text[1024], *line;
	unsigned int pid = 0;

	snprintf(path, sizeof(path), "/proc/%u/status", tid);
	if (read_file(path, text, sizeof(text)) <= 0)
		return 0;
	line = strstr(text, "\nTgid:");
	if (line)
		sscanf(line, "\nTgid: %u", &pid);
	return pid;
}
