// SPDX-License-Identifier: GPL-2.0-only
#include "session.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "../bpf/cache.h"
#include "backend.h"
#include "child.h"
#include "interrupt.h"
#include "names.h"
#include "object.h"
#include "selection.h"
#include "util.h"

/* When to say why nothing is shown, if nothing is. */
#define HINT_AFTER_NS 1000000000ull

/* Only a backend with a cache has these. */
#define ROWS ".bss.rows"
#define SOCKS ".bss.socks"

struct session {
	const struct options *options;
	struct object object;
	struct ring_buffer *ring;
	struct iop_cached_row *rows; /* the cache, mapped; NULL: there are none */
	struct iop_cached_sock *socks;
	struct child child;
	record_fn fn;
	void *ctx;
	__s64 room; /* what this look at the ring may still take, in bytes */
	__u64 start_ns;
	__u64 end_ns; /* 0: no limit */
	bool quiet;   /* the screen is somebody else's */
	bool hinted;
	int nr_cpus;
	struct phase_limits limits;
	int stats_fd; /* keeps run-time statistics on; -1: off */
};

static bool has_hists(enum session_mode mode)
{
	return mode == SESSION_HIST || mode == SESSION_REGROUPS;
}

static int configure(struct session *s, enum session_mode mode)
{
	struct iop_config *c = s->object.config;
	const struct options *o = s->options;
	int err;

	c->by_min = o->by_min;
	for (int i = 0; i < IOP_NR_PHASES; i++)
		c->min_ns[i] = o->min_ns[i];
	c->port = o->port;
	c->model = o->model;
	c->family = o->family;
	c->protocol = o->protocol;
	c->group = o->group;
	c->emit = mode == SESSION_EMIT;
	c->hist = has_hists(mode);
	c->regroups = mode == SESSION_REGROUPS;
	c->record = mode == SESSION_RECORD;
	c->ring_bytes = o->ring_bytes;
	c->wake_detail = o->wake_detail;
	c->polls = o->polls;
	c->sample = o->sample;
	c->sample_chance = o->sample > 1 ? (1ull << 32) / o->sample : 0;
	c->any_read_filter = c->by_min || c->port || c->model != IOP_ANY ||
			     c->family != IOP_ANY || c->protocol != IOP_ANY;
	c->row_cache = object_map(&s->object, ROWS) && c->hist &&
		       (c->group < IOP_BY_SOCKET || c->regroups) &&
		       o->max_rows > IOP_CACHED_ROWS;
	err = selection_configure(c, o);
	c->ends = c->emit || c->any_read_filter || c->regroups ||
		  c->group >= IOP_BY_SOCKET;
	c->channels = o->channels;
	c->slow_ns = o->slow_ns;
	return err;
}

static int on_record(void *ctx, void *data, size_t size)
{
	struct session *s = ctx;

	s->fn(s->ctx, data, size);
	s->room -= size;
	return s->room > 0 ? 0 : -EAGAIN;
}

static int map_cache(const struct session *s, const char *section, void **cache)
{
	const struct bpf_map *map = object_map(&s->object, section);
	void *p;

	if (!map)
		return EXIT_DONE;
	p = mmap(NULL, bpf_map__value_size(map), PROT_READ | PROT_WRITE, MAP_SHARED,
		 bpf_map__fd(map), 0);
	if (p == MAP_FAILED)
		return fail("cannot map %s: %s", section, strerror(errno));
	*cache = p;
	return EXIT_DONE;
}

static void unmap_cache(const struct session *s, void *cache, const char *section)
{
	if (cache)
		munmap(cache, bpf_map__value_size(object_map(&s->object, section)));
}

/* The object, and what of it this process maps. */
static void unload(struct session *s)
{
	unmap_cache(s, s->rows, ROWS);
	unmap_cache(s, s->socks, SOCKS);
	s->rows = NULL;
	s->socks = NULL;
	ring_buffer__free(s->ring);
	s->ring = NULL;
	object_close(&s->object);
}

/* Of a map that not every object has. */
static void set_room(const struct session *s, const char *name, __u32 entries)
{
	struct bpf_map *map = object_map(&s->object, name);

	if (map)
		bpf_map__set_max_entries(map, entries);
}

/*
 * *usable: cleared where the kernel refuses what this backend cannot do without;
 * the object says why, and another may do.
 */
static int load(struct session *s, const struct backend *b, enum session_mode mode,
		bool *usable)
{
	const struct options *o = s->options;
	bool rings = mode == SESSION_EMIT || mode == SESSION_RECORD || o->slow_ns;
	int err;

	err = object_open(&s->object, b, o->btf);
	if (err)
		return err;
	err = configure(s, mode);
	if (err)
		return err;
	set_room(s, "ring", rings ? o->ring_bytes : (__u32)getpagesize());
	/* the cache comes on top: not every row finds an entry */
	set_room(s, "hists", has_hists(mode) ? o->max_rows : 1);
	if (mode == SESSION_LOOPS && o->slow_ns)
		set_room(s, "turns", IOP_MAX_LOOPS);
	if (mode == SESSION_LOOPS && o->channels)
		set_room(s, "channel_lags", IOP_MAX_CHANNELS);
	*usable = !object_load(&s->object);
	if (!*usable)
		return EXIT_FAILED;
	if (mode == SESSION_REGROUPS)
		session_group(s, o->group);
	err = map_cache(s, SOCKS, (void **)&s->socks);
	if (!err && s->object.config->row_cache)
		err = map_cache(s, ROWS, (void **)&s->rows);
	if (err)
		return err;
	if (rings) {
		s->ring = ring_buffer__new(object_map_fd(&s->object, "ring"), on_record,
					   s, NULL);
		if (!s->ring)
			return fail("cannot map the ring: %s", strerror(errno));
	}
	err = selection_begin(&s->object, o, s->child.pid);
	if (!err)
		*usable = !object_attach(&s->object);
	return err || !*usable;
}

/* The backend asked for, or the best that the kernel does not refuse. */
static int load_usable(struct session *s, const char *asked_for, enum session_mode mode)
{
	const char *command = mode == SESSION_LOOPS    ? "loops" :
			      mode == SESSION_ZEROCOPY ? "zerocopy" :
							 NULL;
	const struct backend *next, *b;
	__u32 refused = 0;
	bool usable = true;
	int err;

	b = backend_choose(command, asked_for);
	if (!b)
		return EXIT_FAILED;
	for (;; b = next) {
		err = load(s, b, mode, &usable);
		if (!err || usable)
			return err;
		refused |= b->bit;
		next = asked_for ? NULL : backend_next(command, refused);
		if (!next)
			return fail("backend %s: %s", b->name, s->object.why);
		warn("backend %s: %s; %s is used", b->name, s->object.why, next->name);
		unload(s);
	}
}

/* Is a phase lost in every model that is asked for? */
static bool lost_in_all(const struct session *s, enum iop_phase phase)
{
	__u32 model = s->options->model;

	if (model != IOP_ANY)
		return phase_is_lost(&s->limits, model, phase);
	for (__u32 m = 0; m < IOP_NR_MODELS; m++)
		if (!phase_is_lost(&s->limits, m, phase))
			return false;
	return true;
}

/* A time that is not known cannot be compared with what --min asks for. */
static int check_minima(const struct session *s)
{
	for (int i = 0; i < IOP_NR_PHASES; i++)
		if (s->options->min_ns[i] && lost_in_all(s, i))
			return fail("--min %s: this kernel cannot tell it; "
				    "iophase doctor says why",
				    phase_names[i]);
	return EXIT_DONE;
}

static int count_run_time(struct session *s)
{
	s->stats_fd = bpf_enable_stats(BPF_STATS_RUN_TIME);
	if (s->stats_fd >= 0)
		return EXIT_DONE;
	return fail("--cost: no BPF run-time statistics (%s); they need "
		    "Linux 5.8 and CAP_SYS_ADMIN",
		    strerror(errno));
}

static int start(struct session *s, enum session_mode mode)
{
	const struct options *o = s->options;
	const char *backend = o->backend;
	int err;

	if (o->wake_detail && backends[0]->needs_btf && !backend)
		backend = backends[0]->name;
	if (o->wake_detail && !(backend && !strcmp(backend, "btf")))
		return fail("--wake-detail needs the backend btf, not %s",
			    backend ? backend : backends[0]->name);
	err = o->program ? child_start(&s->child, o->program) : EXIT_DONE;
	if (err)
		return err;
	catch_interrupts();
	if (o->cost)
		err = count_run_time(s);
	if (!err)
		err = load_usable(s, backend, mode);
	if (err)
		return err;
	object_say_missed(&s->object);
	memcpy(s->limits.lost, s->object.lost, sizeof(s->limits.lost));
	backend_bounds(s->object.backend, &s->limits);
	err = check_minima(s);
	if (!err)
		err = selection_find(&s->object, o);
	if (!err)
		err = object_activate(&s->object, true);
	if (!err && mode == SESSION_LOOPS)
		err = object_iterate(&s->object);
	if (err)
		return err;
	s->start_ns = now_ns();
	if (o->duration_ns)
		s->end_ns = s->start_ns + o->duration_ns;
	return EXIT_DONE;
}

struct session *session_open(const struct options *o, enum session_mode mode,
			     record_fn fn, void *ctx, bool quiet)
{
	struct session *s = xcalloc(1, sizeof(*s));

	s->quiet = quiet;
	s->options = o;
	s->fn = fn;
	s->ctx = ctx;
	s->child.go_fd = -1;
	s->stats_fd = -1;
	s->nr_cpus = libbpf_num_possible_cpus();
	if (!start(s, mode))
		return s;
	session_close(s);
	return NULL;
}

const char *session_backend(const struct session *s)
{
	return s->object.backend->name;
}

int session_go(struct session *s)
{
	char **program = s->options->program;

	return program ? child_go(&s->child, program) : EXIT_DONE;
}

__u64 session_start_ns(const struct session *s)
{
	return s->start_ns;
}

const struct phase_limits *session_limits(const struct session *s)
{
	return &s->limits;
}

const char *session_hint(struct session *s)
{
	struct iop_counters c;

	if (s->hinted || now_ns() - s->start_ns < HINT_AFTER_NS)
		return NULL;
	s->hinted = true;
	return session_counters(s, &c) ? NULL : selection_hint(s->options, &c);
}

static void tell_hint(struct session *s)
{
	const char *hint = s->quiet ? NULL : session_hint(s);

	if (hint)
		warn("%s", hint);
}

void session_detach(struct session *s)
{
	if (s->start_ns)
		tell_hint(s);
	object_activate(&s->object, false);
	object_detach(&s->object);
}

void session_close(struct session *s)
{
	child_cancel(&s->child);
	unload(s);
	if (s->stats_fd >= 0)
		close(s->stats_fd);
	free(s);
}

void session_drain(struct session *s)
{
	s->room = s->options->ring_bytes;
	if (s->ring)
		ring_buffer__consume(s->ring);
}

bool session_wait(struct session *s, int ms)
{
	struct pollfd p = { .events = POLLIN };
	__u64 now = now_ns();

	if (is_interrupted() || child_ended(&s->child) ||
	    !selection_alive(&s->object, s->options) || (s->end_ns && now >= s->end_ns))
		return false;
	tell_hint(s);
	if (s->end_ns && (s->end_ns - now) / 1000000 < (__u64)ms)
		ms = (s->end_ns - now) / 1000000 + 1;
	p.fd = s->ring ? ring_buffer__epoll_fd(s->ring) : -1;
	poll(&p, 1, ms);
	return !is_interrupted();
}

int session_counters(struct session *s, struct iop_counters *sum)
{
	struct iop_counters *per_cpu = xcalloc(s->nr_cpus, sizeof(*per_cpu));
	__u64 *to = (__u64 *)sum;
	__u32 zero = 0;
	int err;

	memset(sum, 0, sizeof(*sum));
	err = bpf_map_lookup_elem(object_map_fd(&s->object, "counters"), &zero, per_cpu);
	for (int cpu = 0; !err && cpu < s->nr_cpus; cpu++)
		for (size_t i = 0; i < sizeof(*sum) / sizeof(__u64); i++)
			to[i] += ((__u64 *)&per_cpu[cpu])[i];
	free(per_cpu);
	return err;
}

__u64 session_missed(struct session *s)
{
	return object_missed_runs(&s->object);
}

struct cost session_cost(struct session *s)
{
	struct bpf_program *prog;
	struct cost cost = {};

	bpf_object__for_each_program(prog, s->object.obj) {
		struct bpf_prog_info info = {};
		__u32 size = sizeof(info);

		if (bpf_obj_get_info_by_fd(bpf_program__fd(prog), &info, &size))
			continue;
		cost.run_ns += info.run_time_ns;
		cost.runs += info.run_cnt;
	}
	return cost;
}

int session_hists(struct session *s, hist_fn fn, void *ctx)
{
	int fd = object_map_fd(&s->object, "hists");
	struct iop_hist *hist = xcalloc(1, sizeof(*hist));
	struct iop_hist_key key, next, *prev = NULL;
	int err;

	while (!bpf_map_get_next_key(fd, prev, &next)) {
		if (!bpf_map_lookup_elem(fd, &next, hist))
			fn(ctx, &next, hist);
		key = next;
		prev = &key;
	}
	err = errno == ENOENT ? 0 : -errno;
	for (int i = 0; s->rows && i < IOP_CACHED_ROWS; i++) {
		if (!s->rows[i].entry.owner)
			continue;
		key = iop_hist_owner_key(s->rows[i].entry.owner);
		*hist = s->rows[i].h; /* the kernel goes on adding */
		fn(ctx, &key, hist);
	}
	free(hist);
	return err;
}

int session_map(const struct session *s, const char *name)
{
	return object_map_fd(&s->object, name);
}

void session_group(struct session *s, enum iop_group group)
{
	object_set(&s->object, "live_group", group);
}

bool session_sock_gone(struct session *s, const struct iop_hist_key *key)
{
	const struct iop_cached_sock *n = NULL;
	struct iop_sock sock;

	if (s->socks)
		n = &s->socks[iop_sock_index(key->sock)];
	if (n && n->entry.owner == key->sock)
		return n->s.generation != key->generation;
	if (bpf_map_lookup_elem(object_map_fd(&s->object, "socks"), &key->sock, &sock))
		return errno == ENOENT;
	return sock.generation != key->generation;
}

void session_drop_hist(struct session *s, const struct iop_hist_key *key)
{
	struct iop_cached_row *n = NULL;

	if (s->rows)
		n = &s->rows[iop_row_index(key->pid, key->tid, key->model)];
	if (!n || n->entry.owner != iop_hist_owner(key->pid, key->tid, key->model)) {
		bpf_map_delete_elem(object_map_fd(&s->object, "hists"), key);
		return;
	}
	memset(&n->h, 0, sizeof(n->h));
	__atomic_store_n(&n->entry.owner, 0, __ATOMIC_RELEASE);
}
