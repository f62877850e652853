// SPDX-License-Identifier: GPL-2.0-only
#include "session.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "backend.h"
#include "btf.skel.h"
#include "child.h"
#include "util.h"

struct session {
	const struct options *options;
	struct hooks_btf *skel;
	struct ring_buffer *ring;
	struct child child;
	record_fn fn;
	void *ctx;
	__u64 end_ns; /* 0: no limit */
	int nr_cpus;
};

static volatile sig_atomic_t interrupted;
static char libbpf_words[512]; /* its last complaint */

static void on_signal(int sig)
{
	(void)sig;
	interrupted = 1;
}

static int on_libbpf_print(enum libbpf_print_level level, const char *fmt,
			   va_list ap)
{
	if (getenv("IOPHASE_DEBUG"))
		return vfprintf(stderr, fmt, ap);
	if (level == LIBBPF_WARN) {
		char words[sizeof(libbpf_words)];

		vsnprintf(words, sizeof(words), fmt, ap);
		words[strcspn(words, "\n")] = 0;
		if (!libbpf_words[0])
			strcpy(libbpf_words, words);
	}
	return 0;
}

static void catch_signals(void)
{
	struct sigaction sa = { .sa_handler = on_signal };

	sigaction(SIGINT, &sa, NULL);
	sigaction(SIGTERM, &sa, NULL);
	sigaction(SIGHUP, &sa, NULL);
	signal(SIGPIPE, SIG_IGN);
}

static void configure(struct session *s, enum session_mode mode)
{
	volatile struct iop_config *c = (void *)&s->skel->rodata->config;
	const struct options *o = s->options;

	c->self_tgid = getpid();
	c->by_target = o->pids.nr || o->tids.nr || o->program;
	c->follow = !!o->program;
	c->by_cgroup = !!o->cgroup;
	c->by_comm = !!o->comm;
	if (o->comm)
		strcpy((char *)c->comm, o->comm);
	c->by_min = o->by_min;
	for (int i = 0; i < IOP_NR_PHASES; i++)
		c->min_ns[i] = o->min_ns[i];
	c->port = o->port;
	c->model = o->model;
	c->family = o->family;
	c->protocol = o->protocol;
	c->group = o->group;
	c->emit = mode == SESSION_EMIT;
	c->hist = mode == SESSION_HIST;
	c->record = mode == SESSION_RECORD;
	c->ring_bytes = o->ring_bytes;
}

static int add_targets(struct session *s, const struct id_list *list,
		       const char *what, __u32 kind)
{
	int fd = bpf_map__fd(s->skel->maps.targets);

	for (int i = 0; i < list->nr; i++) {
		__u32 id = list->ids[i];

		if (kill(id, 0) && errno == ESRCH)
			return fail("no such %s: %u", what, id);
		if (bpf_map_update_elem(fd, &id, &kind, BPF_ANY))
			return fail("cannot select %s %u: %s", what, id,
				    strerror(errno));
	}
	return EXIT_DONE;
}

static int set_cgroup(struct session *s)
{
	int dir, err, map = bpf_map__fd(s->skel->maps.cgroups);
	__u32 zero = 0;

	if (!s->options->cgroup)
		return EXIT_DONE;
	dir = open(s->options->cgroup, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (dir < 0)
		return fail("cannot open cgroup %s: %s", s->options->cgroup,
			    strerror(errno));
	err = bpf_map_update_elem(map, &zero, &dir, BPF_ANY);
	close(dir);
	if (err)
		return fail("%s is not a cgroup v2 directory",
			    s->options->cgroup);
	return EXIT_DONE;
}

static int select_tasks(struct session *s)
{
	const struct options *o = s->options;
	struct id_list program = { .ids = { s->child.pid }, .nr = !!o->program };
	int err;

	err = add_targets(s, &o->pids, "process", IOP_TARGET_PROCESS);
	if (!err)
		err = add_targets(s, &o->tids, "thread", IOP_TARGET_THREAD);
	if (!err)
		err = add_targets(s, &program, "process", IOP_TARGET_PROCESS);
	return err ? err : set_cgroup(s);
}

static int on_record(void *ctx, void *data, size_t size)
{
	struct session *s = ctx;

	s->fn(s->ctx, data, size);
	return 0;
}

/* Hooks that only some kernels have are on where they are there. */
static void choose_hooks(struct session *s)
{
	for (int i = 0; i < nr_hooks; i++)
		if (hooks[i].optional)
			bpf_program__set_autoload(
				bpf_object__find_program_by_name(
					s->skel->obj, hooks[i].program),
				hook_present(&hooks[i]));
}

static int load(struct session *s, enum session_mode mode)
{
	const struct options *o = s->options;
	int err;

	libbpf_set_print(on_libbpf_print);
	s->skel = hooks_btf__open();
	if (!s->skel)
		return fail("cannot open the BPF object: %s", strerror(errno));
	configure(s, mode);
	choose_hooks(s);
	bpf_map__set_max_entries(s->skel->maps.ring, mode == SESSION_HIST ?
				 (__u32)getpagesize() : o->ring_bytes);
	bpf_map__set_max_entries(s->skel->maps.hists,
				 mode == SESSION_HIST ? o->max_rows : 1);
	err = hooks_btf__load(s->skel);
	if (err)
		return fail("the kernel refuses the BPF programs (%s): %s; "
			    "IOPHASE_DEBUG=1 shows why, iophase doctor what "
			    "is missing", strerror(-err), libbpf_words);
	if (mode == SESSION_HIST)
		return EXIT_DONE;
	s->ring = ring_buffer__new(bpf_map__fd(s->skel->maps.ring), on_record,
				   s, NULL);
	return s->ring ? EXIT_DONE : fail("cannot map the ring: %s",
					  strerror(errno));
}

static int start(struct session *s, enum session_mode mode)
{
	const struct options *o = s->options;
	int err;

	if (!backend_choose(o->backend))
		return EXIT_FAILED;
	if (o->program && (err = child_start(&s->child, o->program)))
		return err;
	err = load(s, mode);
	if (!err)
		err = select_tasks(s);
	if (err)
		return err;
	catch_signals();
	err = hooks_btf__attach(s->skel);
	if (err)
		return fail("cannot attach (%s): %s", strerror(-err),
			    libbpf_words);
	s->skel->bss->active = 1;
	if (o->duration_ns)
		s->end_ns = now_ns() + o->duration_ns;
	return o->program ? child_go(&s->child, o->program) : EXIT_DONE;
}

struct session *session_open(const struct options *o, enum session_mode mode,
			     record_fn fn, void *ctx)
{
	struct session *s = xcalloc(1, sizeof(*s));

	s->options = o;
	s->fn = fn;
	s->ctx = ctx;
	s->child.go_fd = -1;
	s->nr_cpus = libbpf_num_possible_cpus();
	if (!start(s, mode))
		return s;
	session_close(s);
	return NULL;
}

void session_detach(struct session *s)
{
	s->skel->bss->active = 0;
	hooks_btf__detach(s->skel);
}

void session_close(struct session *s)
{
	child_cancel(&s->child);
	ring_buffer__free(s->ring);
	hooks_btf__destroy(s->skel);
	free(s);
}

int session_drain(struct session *s)
{
	return s->ring ? ring_buffer__consume(s->ring) : 0;
}

static bool targets_alive(const struct options *o)
{
	if (o->program || !(o->pids.nr + o->tids.nr))
		return true;
	for (int i = 0; i < o->pids.nr; i++)
		if (!kill(o->pids.ids[i], 0) || errno != ESRCH)
			return true;
	for (int i = 0; i < o->tids.nr; i++)
		if (!kill(o->tids.ids[i], 0) || errno != ESRCH)
			return true;
	return false;
}

bool session_wait(struct session *s, int ms)
{
	struct pollfd p = { .events = POLLIN };
	__u64 now = now_ns();

	if (interrupted || child_ended(&s->child) ||
	    !targets_alive(s->options) || (s->end_ns && now >= s->end_ns))
		return false;
	if (s->end_ns && (s->end_ns - now) / 1000000 < (__u64)ms)
		ms = (s->end_ns - now) / 1000000 + 1;
	p.fd = s->ring ? ring_buffer__epoll_fd(s->ring) : -1;
	poll(&p, 1, ms);
	return !interrupted;
}

int session_counters(struct session *s, struct iop_counters *sum)
{
	struct iop_counters *per_cpu = xcalloc(s->nr_cpus, sizeof(*per_cpu));
	__u64 *to = (__u64 *)sum;
	__u32 zero = 0;
	int err;

	memset(sum, 0, sizeof(*sum));
	err = bpf_map_lookup_elem(bpf_map__fd(s->skel->maps.counters), &zero,
				  per_cpu);
	for (int cpu = 0; !err && cpu < s->nr_cpus; cpu++)
		for (size_t i = 0; i < sizeof(*sum) / sizeof(__u64); i++)
			to[i] += ((__u64 *)&per_cpu[cpu])[i];
	free(per_cpu);
	return err;
}

__u64 session_missed(struct session *s)
{
	struct bpf_program *prog;
	__u64 missed = 0;

	bpf_object__for_each_program(prog, s->skel->obj) {
		struct bpf_prog_info info = {};
		__u32 size = sizeof(info);

		if (!bpf_obj_get_info_by_fd(bpf_program__fd(prog), &info, &size))
			missed += info.recursion_misses;
	}
	return missed;
}

int session_hists(struct session *s, hist_fn fn, void *ctx)
{
	int fd = bpf_map__fd(s->skel->maps.hists);
	struct iop_hist *hist = xcalloc(1, sizeof(*hist));
	struct iop_hist_key key, next, *prev = NULL;

	while (!bpf_map_get_next_key(fd, prev, &next)) {
		if (!bpf_map_lookup_elem(fd, &next, hist))
			fn(ctx, &next, hist);
		key = next;
		prev = &key;
	}
	free(hist);
	return errno == ENOENT ? 0 : -errno;
}

void session_drop_hist(struct session *s, const struct iop_hist_key *key)
{
	bpf_map_delete_elem(bpf_map__fd(s->skel->maps.hists), key);
}
