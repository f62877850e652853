// SPDX-License-Identifier: GPL-2.0-only
#include "selection.h"

#include <bpf/bpf.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "comm.h"
#include "tasks.h"
#include "util.h"

/* include/linux/proc_ns.h: PROC_PID_INIT_INO */
#define INITIAL_PIDNS 0xeffffffcu

static bool any_ids(const struct options *o)
{
	return o->pids.nr || o->tids.nr || o->program;
}

static int configure_pidns(struct iop_config *c)
{
	struct stat st;

	c->self_tgid = getpid();
	if (stat("/proc/self/ns/pid", &st))
		return fail("cannot tell which PID namespace this is (%s): mount "
			    "/proc",
			    strerror(errno));
	if (st.st_ino == INITIAL_PIDNS)
		return EXIT_DONE;
	c->in_pidns = 1;
	/* as the kernel has a device number, not as stat() does */
	c->pidns_dev = (__u64)major(st.st_dev) << 20 | minor(st.st_dev);
	c->pidns_ino = st.st_ino;
	return EXIT_DONE;
}

int selection_configure(struct iop_config *c, const struct options *o)
{
	bool ids = any_ids(o);

	c->nr_comms = o->nr_comms;
	c->by_target = ids || o->nr_comms;
	c->by_cgroup = !!o->cgroup;
	c->any_task_filter = c->by_target || c->by_cgroup;
	if (ids) {
		c->process_flags = IOP_TARGET_PROCESS;
		c->thread_flags = o->tids.nr ? IOP_TARGET_THREAD : 0;
		c->narrow_by_comm = !!o->nr_comms;
		c->any_read_filter |= c->narrow_by_comm;
	} else if (o->nr_comms) {
		c->process_flags = IOP_TARGET_COMM;
		c->thread_flags = IOP_TARGET_COMM;
		if (o->follow)
			c->process_flags |= IOP_TARGET_PROCESS;
		c->follow_comm = o->follow;
	}
	return configure_pidns(c);
}

/* --- telling the kernel --------------------------------------------------------- */

struct targets {
	const struct object *object;
	const struct options *o;
	int map; /* by ids as we see them */
	int err;
	bool more; /* this look has found some */
};

static struct targets targets_of(const struct object *object, const struct options *o)
{
	return (struct targets){
		.object = object,
		.o = o,
		.map = object_map_fd(object, object->config->in_pidns ? "inner_targets" :
									"targets"),
	};
}

static __u32 flags_of(const struct targets *t, __u32 id)
{
	__u32 flags = 0;

	bpf_map_lookup_elem(t->map, &id, &flags);
	return flags;
}

/* Beside what the kernel's hooks have said of it meanwhile. */
static void add_flags(struct targets *t, __u32 id, __u32 flags)
{
	flags |= flags_of(t, id);
	if (bpf_map_update_elem(t->map, &id, &flags, BPF_ANY) && !t->err)
		t->err = fail("cannot select process or thread %u: %s", id,
			      strerror(errno));
}

static int add_given(struct targets *t)
{
	const struct options *o = t->o;
	__u32 follow = o->follow ? IOP_TARGET_FOLLOW : 0;

	for (int i = 0; i < o->pids.nr; i++) {
		__u32 pid = o->pids.ids[i], process = task_process(pid);

		if (kill(pid, 0) && errno == ESRCH)
			return fail("no such process: %u", pid);
		if (process && process != pid && tasks_are_ours())
			return fail("%u is a thread of process %u: -t %u or -p %u", pid,
				    process, pid, process);
		add_flags(t, pid, IOP_TARGET_PROCESS | follow);
	}
	for (int i = 0; i < o->tids.nr; i++) {
		if (kill(o->tids.ids[i], 0) && errno == ESRCH)
			return fail("no such thread: %u", o->tids.ids[i]);
		add_flags(t, o->tids.ids[i], IOP_TARGET_THREAD | follow);
	}
	return t->err;
}

static int add_comms(const struct targets *t)
{
	struct iop_comm_patterns *p = xcalloc(1, sizeof(*p));
	int map = object_map_fd(t->object, "comms"), err;
	__u32 zero = 0;

	for (int i = 0; i < t->o->nr_comms; i++)
		comm_compile(&p->of[i], t->o->comms[i]);
	err = bpf_map_update_elem(map, &zero, p, BPF_ANY);
	free(p);
	return err ? fail("cannot select by name: %s", strerror(errno)) : EXIT_DONE;
}

static int add_cgroup(const struct targets *t)
{
	const char *path = t->o->cgroup;
	int dir, err, map = object_map_fd(t->object, "cgroups");
	__u32 zero = 0;

	if (!path)
		return EXIT_DONE;
	dir = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (dir < 0)
		return fail("cannot open cgroup %s: %s", path, strerror(errno));
	err = bpf_map_update_elem(map, &zero, &dir, BPF_ANY);
	close(dir);
	if (err)
		return fail("%s is not a cgroup v2 directory", path);
	return EXIT_DONE;
}

int selection_begin(const struct object *object, const struct options *o, pid_t program)
{
	struct targets t = targets_of(object, o);
	int err = add_given(&t);

	if (program)
		add_flags(&t, program, IOP_TARGET_PROCESS | IOP_TARGET_FOLLOW);
	if (object->config->in_pidns)
		add_flags(&t, getpid(), IOP_TARGET_SELF);
	if (!err)
		err = t.err;
	if (!err)
		err = add_comms(&t);
	return err ? err : add_cgroup(&t);
}

/* --- looking for what is there ---------------------------------------------------- */

static bool comm_wanted(const struct options *o, const char *comm)
{
	struct iop_comm_pattern p;

	for (int i = 0; i < o->nr_comms; i++) {
		comm_compile(&p, o->comms[i]);
		if (iop_comm_matches(&p, comm))
			return true;
	}
	return false;
}

/*
 * A name that has changed since it was read may be the kernel's news and ours old:
 * what was said of the thread is taken back then.
 */
static void add_if_named(void *ctx, const struct task *task)
{
	struct targets *t = ctx;
	char comm[IOP_COMM_LEN];
	__u32 flags;

	if (!comm_wanted(t->o, task->comm))
		return;
	add_flags(t, task->tid, IOP_TARGET_COMM);
	if (!task_comm(task->pid, task->tid, comm) || comm_wanted(t->o, comm))
		return;
	flags = flags_of(t, task->tid) & ~IOP_TARGET_COMM;
	if (flags)
		bpf_map_update_elem(t->map, &task->tid, &flags, BPF_ANY);
	else
		bpf_map_delete_elem(t->map, &task->tid);
}

/* Its name has an id of the initial PID namespace. */
static void add_if_of_ring(void *ctx, const struct task *task)
{
	struct targets *t = ctx;
	__u32 maker = iop_ring_maker(task->comm), flags;

	flags = maker ? flags_of(t, maker) & IOP_TARGET_OF_RING : 0;
	if (flags)
		add_flags(t, task->tid, flags);
}

#define CHILD (IOP_TARGET_PROCESS | IOP_TARGET_FOLLOW)

static void add_if_child(void *ctx, const struct task *task)
{
	struct targets *t = ctx;
	__u32 parent = flags_of(t, task->ppid);

	if ((flags_of(t, task->pid) & CHILD) == CHILD)
		return;
	if ((parent & CHILD) != CHILD &&
	    !(parent & IOP_TARGET_COMM && t->object->config->follow_comm))
		return;
	add_flags(t, task->pid, CHILD);
	t->more = true;
}

static void add_child(void *ctx, __u32 pid)
{
	add_flags(ctx, pid, CHILD);
}

/* Again, until no child was made while it was looked for. */
static void add_children(struct targets *t)
{
	for (int i = 0; i < t->o->tids.nr; i++)
		tasks_each_child(t->o->tids.ids[i], add_child, t);
	do {
		t->more = false;
		tasks_each_process(add_if_child, t);
	} while (t->more && !t->err);
}

int selection_find(const struct object *object, const struct options *o)
{
	struct targets t = targets_of(object, o);
	bool ours = tasks_are_ours();

	if (!ours && (o->nr_comms || o->follow))
		return fail("/proc shows another PID namespace's processes, so -c "
			    "and -f cannot find any: mount it anew "
			    "(unshare --mount-proc)");
	if (o->nr_comms)
		tasks_each_thread(add_if_named, &t);
	if ((o->tids.nr || o->nr_comms) && ours && !object->config->in_pidns)
		tasks_each_thread(add_if_of_ring, &t);
	if (o->follow)
		add_children(&t);
	return t.err;
}

/* --- who is left ------------------------------------------------------------------- */

static bool is_there(const struct id_list *list)
{
	for (int i = 0; i < list->nr; i++)
		if (!kill(list->ids[i], 0) || errno != ESRCH)
			return true;
	return false;
}

/* The kernel takes off its map who has ended. */
static bool any_target(const struct object *object, const char *map)
{
	int fd = object_map_fd(object, map);
	__u32 id, flags, *prev = NULL;

	for (; !bpf_map_get_next_key(fd, prev, &id); prev = &id)
		if (!bpf_map_lookup_elem(fd, &id, &flags) &&
		    flags & (IOP_TARGET_PROCESS | IOP_TARGET_THREAD))
			return true;
	return false;
}

bool selection_alive(const struct object *object, const struct options *o)
{
	if (o->program || !(o->pids.nr + o->tids.nr))
		return true;
	if (is_there(&o->pids) || is_there(&o->tids))
		return true;
	return o->follow && any_target(object, "targets");
}

/* --- nothing is shown: why? -------------------------------------------------------- */

struct census {
	const struct options *o;
	int children; /* of -p, not asked for */
	int named;
};

static bool is_given(const struct options *o, __u32 pid)
{
	for (int i = 0; i < o->pids.nr; i++)
		if (o->pids.ids[i] == pid)
			return true;
	return false;
}

static void count_child(void *ctx, const struct task *task)
{
	struct census *c = ctx;

	c->children += is_given(c->o, task->ppid) && !is_given(c->o, task->pid);
}

static void count_named(void *ctx, const struct task *task)
{
	struct census *c = ctx;

	c->named += comm_wanted(c->o, task->comm);
}

const char *selection_hint(const struct options *o, const struct iop_counters *c)
{
	struct census n = { .o = o };
	static char text[160];

	if (c->shown)
		return NULL;
	if (c->filtered) {
		snprintf(text, sizeof(text),
			 "%llu reads so far, none that was "
			 "asked for",
			 (unsigned long long)c->filtered);
		return text;
	}
	if (c->seen)
		return NULL;
	if (o->nr_comms && tasks_are_ours()) {
		tasks_each_thread(count_named, &n);
		if (!n.named)
			return "no process or thread has such a name so far (-c)";
	}
	if (o->pids.nr && !o->follow && tasks_are_ours()) {
		tasks_each_process(count_child, &n);
		if (n.children) {
			snprintf(text, sizeof(text),
				 "no reads so far; %d children "
				 "of -p are not traced: -f follows them",
				 n.children);
			return text;
		}
	}
	if (o->pids.nr || o->tids.nr || o->nr_comms || o->cgroup)
		return "no reads so far by what was asked for";
	return NULL;
}
