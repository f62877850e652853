// SPDX-License-Identifier: GPL-2.0-only
/*
 * For ui.perfetto.dev: a track a socket, below its process. Each read is a slice there,
 * its phases are slices inside, and a flow leads to the call that the thread made.
 */
#include <stdlib.h>
#include <string.h>

#include "names.h"
#include "out.h"
#include "packets.h"
#include "tracks.h"
#include "util.h"

struct state {
	struct tracks *tracks;
	bool started;
	__u64 nr_flows;
	__u64 undrawn; /* reads that found no lane */
	/* what is said of a read beside its times */
	struct column_list facts;
	DebugAnnotation *notes;
	DebugAnnotation **note_list;
	char (*texts)[CLEAN_BYTES(128)];
	bool wake_detail;
	/* the counters as they were said last */
	struct sheet totals;
	__s64 *values;
};

static struct state *state_of(const struct out *o)
{
	return o->state;
}

static void start(const struct out *o, __u64 now_ns)
{
	struct state *st = state_of(o);

	if (!st->started)
		put_clock(o->f, now_ns);
	st->started = true;
}

/* Phases are slices, whose ends are times. */
static void head(const struct out *o, const struct sheet *s)
{
	struct state *st = state_of(o);
	int nr = s->data.nr;

	st->tracks = tracks_new(o->f, o->process_name);
	for (int i = 0; i < nr; i++) {
		const struct column *c = &s->data.of[i];

		if (!strcmp(c->key, "wake_notify_ns"))
			st->wake_detail = true;
		if (!c->needs && strcmp(c->key, "ts_ns"))
			column_list_add(&st->facts, c);
	}
	st->notes = xcalloc(nr, sizeof(*st->notes));
	st->note_list = xcalloc(nr, sizeof(*st->note_list));
	st->texts = xcalloc(nr, sizeof(*st->texts));
}

/* --- a read ----------------------------------------------------------------------- */

static const char *join(char *to, size_t size, const struct value *v)
{
	size_t len = 0;

	for (int bit = 0; v->num >> bit && len < size; bit++)
		if (v->num >> bit & 1)
			len += snprintf(to + len, size - len, "%s%s", len ? " " : "",
					v->names[bit]);
	return to;
}

/* Returns false if there is nothing to note: it is not known, or an empty list. */
static bool note(DebugAnnotation *to, char *text, size_t size, const char *key,
		 const struct value *v)
{
	*to = (DebugAnnotation)DEBUG_ANNOTATION__INIT;
	to->name = (char *)key;
	switch (v->kind) {
	case VALUE_INT:
	case VALUE_COUNT:
	case VALUE_NS:
		to->has_int_value = true;
		to->int_value = v->num;
		return true;
	case VALUE_STRING:
		to->string_value = (char *)clean_text(text, size, v->str);
		return true;
	case VALUE_LIST:
		to->string_value = (char *)join(text, size, v);
		return v->num;
	default:
		return false;
	}
}

/* The slice around the phases. */
static void begin_read(const struct out *o, const struct sheet *s,
		       const struct iop_read_record *r, __u64 track, __u64 from_ns)
{
	struct state *st = state_of(o);
	TrackEvent event = TRACK_EVENT__INIT;
	uint64_t flow = track_uuid(TRACK_FLOW, st->nr_flows);

	for (int i = 0; i < st->facts.nr; i++) {
		const struct column *c = &st->facts.of[i];
		struct value v = column_value(s, c, r);
		DebugAnnotation *to = &st->notes[event.n_debug_annotations];

		if (!note(to, st->texts[i], sizeof(st->texts[i]), c->key, &v))
			continue;
		st->note_list[event.n_debug_annotations++] = to;
	}
	event.debug_annotations = st->note_list;
	event.name = (char *)model_names[r->model];
	event.n_flow_ids = 1;
	event.flow_ids = &flow;
	put_event(o->f, from_ns, track, TRACK_EVENT__TYPE__TYPE_SLICE_BEGIN, &event);
}

/* When a phase was; what was in pieces is one. */
struct span {
	__u64 from;
	__u64 to;
	bool known;
};

/*
 * The phases in the order that they have, one after the other: they add up. Where some
 * are not known, those before them go by the beginning, those after them by the end.
 */
static void place(struct span spans[IOP_NR_PHASES], const enum iop_phase *order,
		  const struct iop_read_record *r, __u32 lost, __u64 from, __u64 to)
{
	int first = 0, last = IOP_NR_PHASES - 1;

	for (; first <= last && !(lost & PHASE(order[first])); first++) {
		spans[order[first]] =
			(struct span){ from, from + r->phase_ns[order[first]], true };
		from = spans[order[first]].to;
	}
	for (; last > first && !(lost & PHASE(order[last])); last--) {
		spans[order[last]] = (struct span){ to - r->phase_ns[order[last]], to,
						    true };
		to = spans[order[last]].from;
	}
}

static void put_part(const struct out *o, __u64 track, const char *name, __u64 *at,
		     __u64 ns)
{
	if (ns)
		put_slice(o->f, track, name, *at, *at + ns);
	*at += ns;
}

static void put_wake(const struct out *o, const struct iop_read_record *r, __u64 track,
		     const struct span *wake)
{
	TrackEvent event = TRACK_EVENT__INIT;
	__u64 at = wake->from;

	event.name = (char *)phase_names[IOP_WAKE];
	put_event(o->f, wake->from, track, TRACK_EVENT__TYPE__TYPE_SLICE_BEGIN, &event);
	put_part(o, track, "notify", &at, r->notify_ns);
	put_part(o, track, "sched", &at, r->sched_ns);
	put_part(o, track, "return", &at, wake->to - at);
	put_slice_end(o->f, track, wake->to);
}

static void put_phases(const struct out *o, const struct sheet *s,
		       const struct iop_read_record *r, __u64 track, __u64 from_ns)
{
	static const enum iop_phase in_turn[] = {
		IOP_WAIT, IOP_WAKE, IOP_DISPATCH, IOP_COPY, IOP_REST,
	}, async[] = {
		IOP_WAIT, IOP_COPY, IOP_REST, IOP_WAKE, IOP_DISPATCH,
	};
	const enum iop_phase *order = r->model == IOP_ASYNC ? async : in_turn;
	struct span spans[IOP_NR_PHASES] = {};

	place(spans, order, r, s->limits->lost[r->model], from_ns, r->end_ns);
	for (int i = 0; i < IOP_NR_PHASES; i++) {
		const struct span *span = &spans[order[i]];

		if (!span->known || span->from == span->to)
			continue;
		if (order[i] == IOP_WAKE && state_of(o)->wake_detail)
			put_wake(o, r, track, span);
		else
			put_slice(o->f, track, phase_names[order[i]], span->from,
				  span->to);
	}
}

/*
 * What the thread did: its calls come one after the other. One that does not, and what
 * io_uring did for it, is an instant at its end.
 */
static void put_call(const struct out *o, const struct iop_read_record *r, uint64_t flow)
{
	struct lane *lane = thread_lane(state_of(o)->tracks, r);
	__u64 from = r->end_ns - r->call_ns;
	bool instant = r->model == IOP_ASYNC || from < lane->end_ns;
	TrackEvent event = TRACK_EVENT__INIT;
	char name[32];

	snprintf(name, sizeof(name), "%s%s",
		 r->syscall == IOP_ANY ? "read call" :
					 syscall_name(r->syscall, r->compat),
		 r->flags & IOP_F_POLL ? " EAGAIN" : "");
	event.name = name;
	event.n_terminating_flow_ids = flow ? 1 : 0;
	event.terminating_flow_ids = &flow;
	if (instant) {
		put_event(o->f, r->end_ns, lane->uuid, TRACK_EVENT__TYPE__TYPE_INSTANT,
			  &event);
		return;
	}
	put_event(o->f, from, lane->uuid, TRACK_EVENT__TYPE__TYPE_SLICE_BEGIN, &event);
	put_slice_end(o->f, lane->uuid, r->end_ns);
	lane->end_ns = r->end_ns;
}

static void record(const struct out *o, const struct sheet *s, const void *row)
{
	const struct iop_read_record *r = row;
	struct state *st = state_of(o);
	bool total_known = !phase_is_lost(s->limits, r->model, IOP_DISPATCH);
	__u64 from = r->end_ns - (total_known ? r->total_ns : r->call_ns);
	struct lane *lane;

	start(o, from);
	if (r->flags & IOP_F_POLL) {
		put_call(o, r, 0);
		return;
	}
	st->nr_flows++;
	lane = socket_lane(st->tracks, r, from);
	if (lane) {
		begin_read(o, s, r, lane->uuid, from);
		put_phases(o, s, r, lane->uuid, from);
		put_slice_end(o->f, lane->uuid, r->end_ns);
		lane->end_ns = r->end_ns;
	} else {
		st->undrawn++;
	}
	put_call(o, r, lane ? track_uuid(TRACK_FLOW, st->nr_flows) : 0);
}

/* --- counters --------------------------------------------------------------------- */

static void put_counter_track(const struct out *o, __u64 nr, const char *name)
{
	CounterDescriptor counter = COUNTER_DESCRIPTOR__INIT;
	TrackDescriptor track = TRACK_DESCRIPTOR__INIT;

	counter.has_unit = true;
	counter.unit = strstr(name, "_bytes") ?
			       COUNTER_DESCRIPTOR__UNIT__UNIT_SIZE_BYTES :
			       COUNTER_DESCRIPTOR__UNIT__UNIT_COUNT;
	track.has_uuid = true;
	track.uuid = track_uuid(TRACK_COUNTER, nr);
	track.name = (char *)name;
	if (nr) {
		track.has_parent_uuid = true;
		track.parent_uuid = track_uuid(TRACK_COUNTER, 0);
		track.counter = &counter;
	}
	put_track(o->f, &track);
}

static void begin_counters(const struct out *o, const struct totals *t)
{
	struct state *st = state_of(o);
	int nr;

	sheet_make(&st->totals, &totals_schema, t->sample > 1 ? TOTALS_SAMPLED : 0, NULL);
	nr = st->totals.data.nr;
	st->values = xcalloc(nr + 1, sizeof(*st->values));
	put_counter_track(o, 0, "iophase: what became of every read");
	for (int i = 0; i < nr; i++)
		put_counter_track(o, i + 1, st->totals.data.of[i].key);
	put_counter_track(o, nr + 1, "undrawn");
	for (int i = 0; i <= nr; i++)
		st->values[i] = -1;
}

static void put_counter(const struct out *o, __u64 ts_ns, int i, __s64 value)
{
	__s64 *last = &state_of(o)->values[i];
	TrackEvent event = TRACK_EVENT__INIT;

	if (value == *last)
		return;
	*last = value;
	event.has_counter_value = true;
	event.counter_value = value;
	put_event(o->f, ts_ns, track_uuid(TRACK_COUNTER, i + 1),
		  TRACK_EVENT__TYPE__TYPE_COUNTER, &event);
}

/* Those that have changed. */
static void counters(const struct out *o, const struct totals *t)
{
	struct state *st = state_of(o);

	start(o, t->ts_ns);
	if (!st->values)
		begin_counters(o, t);
	for (int i = 0; i < st->totals.data.nr; i++) {
		const struct column *c = &st->totals.data.of[i];

		put_counter(o, t->ts_ns, i, column_value(&st->totals, c, t).num);
	}
	put_counter(o, t->ts_ns, st->totals.data.nr, st->undrawn);
}

static void end(const struct out *o)
{
	struct state *st = state_of(o);

	if (st->undrawn)
		warn("%llu reads overlapped more than %d others of their socket: they "
		     "are on their threads' tracks alone",
		     (unsigned long long)st->undrawn, MAX_LANES - 1);
	tracks_free(st->tracks);
	column_list_free(&st->facts);
	sheet_free(&st->totals);
	free(st->notes);
	free(st->note_list);
	free(st->texts);
	free(st->values);
}

const struct out_format out_perfetto = {
	.state_bytes = sizeof(struct state),
	.head = head,
	.record = record,
	.counters = counters,
	.end = end,
};
