// SPDX-License-Identifier: GPL-2.0-only
/*
 * What --perfetto writes, read again by protobuf-c: slices are the reads' phases, nest
 * and never overlap, tracks are described before they are used, memory stays as it is.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>

#include "names.h"
#include "out_file.h"
#include "packets.h"
#include "phase_limits.h"
#include "read_columns.h"
#include "tracks.h"
#include "util.h"

#include <cmocka.h> /* later: its fail() is a macro */

#define MAX_OPEN 8

/* A track, as whoever reads the file builds it up. */
struct seen_track {
	__u64 uuid;
	char name[64];
	bool is_thread;
	const TrackEvent *open[MAX_OPEN];
	__u64 begins[MAX_OPEN];
	int depth;
	__u64 last_ns; /* nothing begins before */
};

struct seen_slice {
	const struct seen_track *track;
	const TrackEvent *event;
	int depth;
	__u64 from;
	__u64 to;
};

struct seen {
	Trace *trace;
	struct seen_track *tracks;
	int nr_tracks;
	struct seen_slice *slices; /* in the order of their ends */
	int nr_slices;
	int nr_instants;
};

/* --- writing ----------------------------------------------------------------------- */

static bool name_of_process(__u32 pid, char comm[IOP_COMM_LEN])
{
	snprintf(comm, IOP_COMM_LEN, "process-%u", pid);
	return true;
}

struct writer {
	struct out out;
	struct sheet sheet;
};

static struct writer writer_on(FILE *f, const struct phase_limits *limits, __u32 when)
{
	struct writer w = { .out = out_open_on(&out_perfetto, f) };

	w.out.process_name = name_of_process;
	sheet_make(&w.sheet, &read_schema, when, limits);
	out_head(&w.out, &w.sheet);
	return w;
}

static void write_read(const struct writer *w, const struct iop_read_record *r)
{
	out_record(&w->out, &w->sheet, r);
}

static void writer_end(struct writer *w)
{
	out_end(&w->out);
	sheet_free(&w->sheet);
}

/* A read of 64 bytes that is over at end; its phases follow from these. */
static struct iop_read_record read_of(__u32 pid, __u32 tid, __u64 sock, __u64 end,
				      const __u64 phases[IOP_NR_PHASES])
{
	struct iop_read_record r = {
		.type = IOP_REC_READ,
		.model = IOP_MULTIPLEXED,
		.end_ns = end,
		.sock = sock,
		.ret = 64,
		.pid = pid,
		.tid = tid,
		.fd = 5,
		.syscall = IOP_ANY,
		.sample = 1,
		.comm = "reader",
	};

	memcpy(r.phase_ns, phases, sizeof(r.phase_ns));
	for (int i = 0; i < IOP_NR_PHASES; i++)
		r.total_ns += phases[i];
	r.call_ns = phases[IOP_COPY] + phases[IOP_REST];
	return r;
}

/* --- reading ----------------------------------------------------------------------- */

static struct seen_track *find_track(struct seen *s, __u64 uuid)
{
	for (int i = 0; i < s->nr_tracks; i++)
		if (s->tracks[i].uuid == uuid)
			return &s->tracks[i];
	return NULL;
}

static void see_track(struct seen *s, const TrackDescriptor *d)
{
	struct seen_track *t = find_track(s, d->uuid);

	assert_true(!d->has_parent_uuid || find_track(s, d->parent_uuid));
	if (!t) {
		t = &s->tracks[s->nr_tracks++];
		*t = (struct seen_track){ .uuid = d->uuid, .is_thread = d->thread };
	}
	snprintf(t->name, sizeof(t->name), "%s",
		 d->thread				? d->thread->thread_name :
		 d->process && d->process->process_name ? d->process->process_name :
		 d->name				? d->name :
							  "");
}

static void see_begin(struct seen_track *t, const TracePacket *p)
{
	int depth = t->depth++;

	assert_in_range(t->depth, 1, MAX_OPEN - 1);
	assert_true(p->timestamp >= t->last_ns);
	if (!t->is_thread) {
		/* reads are outermost, and only they */
		const char *const *names = depth ? phase_names : model_names;
		int nr = depth ? IOP_NR_PHASES : IOP_NR_MODELS;

		if (depth < 2)
			assert_in_range(name_index(names, nr, p->track_event->name), 0,
					nr - 1);
	} else {
		assert_int_equal(depth, 0);
	}
	t->open[depth] = p->track_event;
	t->begins[depth] = t->last_ns = p->timestamp;
}

static void see_end(struct seen *s, struct seen_track *t, const TracePacket *p)
{
	assert_in_range(t->depth, 1, MAX_OPEN);
	t->depth--;
	assert_true(p->timestamp >= t->last_ns);
	t->last_ns = p->timestamp;
	s->slices[s->nr_slices++] = (struct seen_slice){
		.track = t,
		.event = t->open[t->depth],
		.depth = t->depth,
		.from = t->begins[t->depth],
		.to = p->timestamp,
	};
}

static void see_event(struct seen *s, const TracePacket *p)
{
	struct seen_track *t = find_track(s, p->track_event->track_uuid);

	assert_non_null(t);
	assert_int_equal(p->timestamp_clock_id, 3);
	switch (p->track_event->type) {
	case TRACK_EVENT__TYPE__TYPE_SLICE_BEGIN:
		see_begin(t, p);
		break;
	case TRACK_EVENT__TYPE__TYPE_SLICE_END:
		see_end(s, t, p);
		break;
	case TRACK_EVENT__TYPE__TYPE_INSTANT:
		s->nr_instants++;
		break;
	default:
		break;
	}
}

static struct seen look_at(FILE *f)
{
	struct seen s = {};
	size_t size;
	uint8_t *buf;

	fflush(f);
	size = ftell(f);
	rewind(f);
	buf = xcalloc(size, 1);
	assert_int_equal(fread(buf, 1, size, f), size);
	fclose(f);
	s.trace = trace__unpack(NULL, size, buf);
	free(buf);
	assert_non_null(s.trace);
	s.tracks = xcalloc(s.trace->n_packet, sizeof(*s.tracks));
	s.slices = xcalloc(s.trace->n_packet, sizeof(*s.slices));
	for (size_t i = 0; i < s.trace->n_packet; i++) {
		const TracePacket *p = s.trace->packet[i];

		assert_true(p->has_trusted_packet_sequence_id);
		assert_true(!!p->clock_snapshot == !i);
		if (p->track_descriptor)
			see_track(&s, p->track_descriptor);
		if (p->track_event)
			see_event(&s, p);
	}
	for (int i = 0; i < s.nr_tracks; i++)
		assert_int_equal(s.tracks[i].depth, 0);
	return s;
}

static void forget(struct seen *s)
{
	trace__free_unpacked(s->trace, NULL);
	free(s->tracks);
	free(s->slices);
}

static const struct seen_slice *slice(const struct seen *s, const char *name)
{
	for (int i = 0; i < s->nr_slices; i++)
		if (!strcmp(s->slices[i].event->name, name))
			return &s->slices[i];
	return NULL;
}

static void is_slice(const struct seen *s, const char *name, __u64 from, __u64 to)
{
	const struct seen_slice *is = slice(s, name);

	assert_non_null(is);
	assert_int_equal(is->from, from);
	assert_int_equal(is->to, to);
}

/* --- one read ---------------------------------------------------------------------- */

static const __u64 phases[IOP_NR_PHASES] = { 1000, 40, 460, 2, 6 };

static struct seen see_read(const struct iop_read_record *r,
			    const struct phase_limits *limits, __u32 when)
{
	FILE *f = tmpfile();
	struct writer w = writer_on(f, limits, when);

	write_read(&w, r);
	writer_end(&w);
	return look_at(f);
}

static void a_read_is_its_phases(void **state)
{
	struct iop_read_record r = read_of(10, 11, 0xabc, 11508, phases);
	struct seen s = see_read(&r, NULL, 0);
	const TrackEvent *read, *call;

	(void)state;
	is_slice(&s, "multiplexed", 10000, 11508);
	is_slice(&s, "wait", 10000, 11000);
	is_slice(&s, "wake", 11000, 11040);
	is_slice(&s, "dispatch", 11040, 11500);
	is_slice(&s, "copy", 11500, 11502);
	is_slice(&s, "rest", 11502, 11508);
	is_slice(&s, "read call", 11500, 11508);
	read = slice(&s, "multiplexed")->event;
	call = slice(&s, "read call")->event;
	assert_int_equal(read->n_flow_ids, 1);
	assert_int_equal(call->n_terminating_flow_ids, 1);
	assert_int_equal(read->flow_ids[0], call->terminating_flow_ids[0]);
	assert_string_equal(find_track(&s, track_uuid(TRACK_PROCESS, 10))->name,
			    "process-10");
	assert_string_equal(find_track(&s, thread_uuid(10, 11))->name, "reader");
	forget(&s);
}

static void the_copy_of_io_uring_comes_before_the_thread_is_told(void **state)
{
	struct iop_read_record r = read_of(10, 11, 1, 11508, phases);
	struct seen s;

	(void)state;
	r.model = IOP_ASYNC;
	s = see_read(&r, NULL, 0);
	is_slice(&s, "copy", 11000, 11002);
	is_slice(&s, "rest", 11002, 11008);
	is_slice(&s, "wake", 11008, 11048);
	is_slice(&s, "dispatch", 11048, 11508);
	/* the thread was in no read call */
	assert_null(slice(&s, "read call"));
	assert_int_equal(s.nr_instants, 1);
	forget(&s);
}

static void parts_of_wake_are_inside_it(void **state)
{
	struct iop_read_record r = read_of(10, 11, 1, 11508, phases);
	struct seen s;

	(void)state;
	r.notify_ns = 10;
	r.sched_ns = 25;
	s = see_read(&r, NULL, READS_WAKE_DETAIL);
	is_slice(&s, "wake", 11000, 11040);
	is_slice(&s, "notify", 11000, 11010);
	is_slice(&s, "sched", 11010, 11035);
	is_slice(&s, "return", 11035, 11040);
	assert_int_equal(slice(&s, "sched")->depth, 2);
	forget(&s);
}

/* Where hooks are missing there is no slice, rather than one of a length made up. */
static void what_is_not_known_is_no_slice(void **state)
{
	struct iop_read_record r = read_of(10, 11, 1, 11508, phases);
	struct phase_limits limits = {};
	struct seen s;

	(void)state;
	limits.lost[IOP_MULTIPLEXED] = PHASE(IOP_COPY) | PHASE(IOP_REST);
	s = see_read(&r, &limits, 0);
	is_slice(&s, "multiplexed", 10000, 11508);
	is_slice(&s, "dispatch", 11040, 11500);
	assert_null(slice(&s, "copy"));
	assert_null(slice(&s, "rest"));
	forget(&s);

	/* nor is then when it began: what is left is the call */
	limits.lost[IOP_MULTIPLEXED] = PHASE(IOP_WAIT) | PHASE(IOP_WAKE) |
				       PHASE(IOP_DISPATCH);
	s = see_read(&r, &limits, 0);
	is_slice(&s, "multiplexed", 11500, 11508);
	is_slice(&s, "copy", 11500, 11502);
	is_slice(&s, "rest", 11502, 11508);
	assert_null(slice(&s, "wait"));
	assert_null(slice(&s, "dispatch"));
	forget(&s);
}

static void an_eagain_is_on_the_thread_alone(void **state)
{
	struct iop_read_record r = read_of(10, 11, 1, 11508, phases);
	struct seen s;

	(void)state;
	r.flags = IOP_F_POLL;
	s = see_read(&r, NULL, 0);
	is_slice(&s, "read call EAGAIN", 11500, 11508);
	assert_int_equal(s.nr_slices, 1);
	forget(&s);
}

/* protobuf's strings are UTF-8; who reads them refuses the whole file otherwise. */
static void names_may_be_any_bytes(void **state)
{
	struct iop_read_record r = read_of(10, 10, 1, 11508, phases);
	struct seen s;

	(void)state;
	memcpy(r.comm, "a\xff\xc3\xa4\xc3", 6);
	s = see_read(&r, NULL, 0);
	assert_string_equal(find_track(&s, thread_uuid(10, 10))->name,
			    "a\xef\xbf\xbd\xc3\xa4\xef\xbf\xbd");
	forget(&s);
}

static void a_thread_that_is_renamed_is_said_anew(void **state)
{
	struct iop_read_record r = read_of(10, 11, 1, 11508, phases);
	FILE *f = tmpfile();
	struct writer w = writer_on(f, NULL, 0);
	struct seen s;

	(void)state;
	write_read(&w, &r);
	r.end_ns += 10000;
	strcpy(r.comm, "other");
	write_read(&w, &r);
	writer_end(&w);
	s = look_at(f);
	assert_string_equal(find_track(&s, thread_uuid(10, 11))->name, "other");
	forget(&s);
}

/* The kernel gives the address of a socket that is closed to the next one. */
static void another_socket_at_the_address_has_another_track(void **state)
{
	struct iop_read_record r = read_of(10, 11, 1, 11508, phases);
	FILE *f = tmpfile();
	struct writer w = writer_on(f, NULL, 0);
	struct seen s;

	(void)state;
	r.ends = (struct iop_endpoints){ .family = AF_INET,
					 .type = SOCK_STREAM,
					 .protocol = 6,
					 .local = { 127, 0, 0, 1 },
					 .local_port = 80,
					 .peer = { 127, 0, 0, 1 },
					 .peer_port = 1234 };
	write_read(&w, &r);
	r.end_ns += 10000;
	r.ends.peer_port = 1235;
	write_read(&w, &r);
	writer_end(&w);
	s = look_at(f);
	assert_string_equal(find_track(&s, track_uuid(TRACK_SOCKET, 1))->name,
			    "tcp 127.0.0.1:80, peer 127.0.0.1:1234, fd 5");
	assert_string_equal(find_track(&s, track_uuid(TRACK_SOCKET, 2))->name,
			    "tcp 127.0.0.1:80, peer 127.0.0.1:1235, fd 5");
	forget(&s);
}

/* --- many -------------------------------------------------------------------------- */

/* Whatever reads there are; look_at() finds what overlaps. */
static void slices_never_overlap(void **state)
{
	enum { READS = 20000 };
	FILE *f = tmpfile();
	struct writer w = writer_on(f, NULL, 0);
	struct seen s;
	__u64 now = 1ull << 40;
	int outer = 0;

	(void)state;
	srandom(1);
	for (int i = 0; i < READS; i++) {
		__u64 ns[IOP_NR_PHASES];
		struct iop_read_record r;

		for (int p = 0; p < IOP_NR_PHASES; p++)
			ns[p] = random() % 3 ? random() % 1000 : 0;
		if (random() % 50 == 0)
			ns[IOP_DISPATCH] += random() % 30000;
		now += random() % 400;
		r = read_of(1 + random() % 3, 1 + random() % 20, random() % 40, now, ns);
		r.model = random() % IOP_NR_MODELS;
		write_read(&w, &r);
	}
	writer_end(&w);
	s = look_at(f);
	for (int i = 0; i < s.nr_slices; i++)
		outer += !s.slices[i].depth && !s.slices[i].track->is_thread;
	assert_int_equal(outer, READS);
	forget(&s);
}

/* A backlog read byte by byte: every read has waited since it came. */
static void a_socket_has_so_many_lanes(void **state)
{
	FILE *f = tmpfile();
	struct writer w = writer_on(f, NULL, 0);
	struct seen s;
	int on_socket = 0, on_thread = 0;

	(void)state;
	for (__u64 i = 1; i <= 1000; i++) {
		__u64 ns[IOP_NR_PHASES] = { 0, 0, 10 * i - 2, 1, 1 };
		struct iop_read_record r = read_of(1, 1, 1, 1000 + 10 * i, ns);

		write_read(&w, &r);
	}
	writer_end(&w);
	s = look_at(f);
	for (int i = 0; i < s.nr_slices; i++) {
		on_thread += s.slices[i].track->is_thread;
		on_socket += !s.slices[i].track->is_thread && !s.slices[i].depth;
	}
	assert_int_equal(on_thread, 1000);
	assert_int_equal(on_socket, MAX_LANES);
	forget(&s);
}

static long peak_kib(void)
{
	struct rusage u;

	getrusage(RUSAGE_SELF, &u);
	return u.ru_maxrss;
}

/* More sockets and threads than are remembered, and many more reads. */
static void memory_does_not_grow_with_reads(void **state)
{
	FILE *f = fopen("/dev/null", "w");
	struct writer w = writer_on(f, NULL, 0);
	/* 32-bit programs may be emulated */
	const __u64 reads = sizeof(void *) == 8 ? 1000000 : 300000;
	long then = 0;

	(void)state;
	for (__u64 i = 1; i <= reads; i++) {
		struct iop_read_record r = read_of(1 + i / 1000, 1 + i % 70000,
						   i % 100000, 10000 * i, phases);

		write_read(&w, &r);
		if (i == 200000)
			then = peak_kib();
	}
	writer_end(&w);
	assert_in_range(peak_kib() - then, 0, 1024);
	fclose(f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_read_is_its_phases),
		cmocka_unit_test(the_copy_of_io_uring_comes_before_the_thread_is_told),
		cmocka_unit_test(parts_of_wake_are_inside_it),
		cmocka_unit_test(what_is_not_known_is_no_slice),
		cmocka_unit_test(an_eagain_is_on_the_thread_alone),
		cmocka_unit_test(names_may_be_any_bytes),
		cmocka_unit_test(a_thread_that_is_renamed_is_said_anew),
		cmocka_unit_test(another_socket_at_the_address_has_another_track),
		cmocka_unit_test(slices_never_overlap),
		cmocka_unit_test(a_socket_has_so_many_lanes),
		cmocka_unit_test(memory_does_not_grow_with_reads),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
