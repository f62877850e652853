// SPDX-License-Identifier: GPL-2.0-only
#include "slow_turns.h"

#include <stdlib.h>
#include <string.h>

#include "../bpf/phase.h"
#include "../bpf/engine/turns.h"
#include "loop_maps.h"
#include "loop_table.h"
#include "names.h"
#include "symbols.h"
#include "util.h"

#define LINE_LEN 78

/* A stack, the innermost frame first. */
struct frames {
	char text[IOP_TURN_FRAMES][SYMBOL_LEN];
	const char *of[IOP_TURN_FRAMES];
	int nr;
};

/* What is printed of a turn. */
struct turn_row {
	__u64 ts_ns;
	__u64 turn_ns;
	__u64 cpu_ns;
	__u32 over;
	bool has_stack;
	__u32 stack_of;
	struct iop_turn t;
	struct frames kernel;
	struct frames user;
};

static const char *const stack_names[] = { "cpu", "off" };

/* What belongs to a turn is a row of its own. */
struct part_row {
	const struct turn_row *turn;
	__u64 ts_ns;
	__u32 pid;
	__u32 tid;
	union {
		struct iop_turn_channel channel;
		struct iop_turn_sleep sleep;
	};
};

/* --- stacks ------------------------------------------------------------------------- */

static bool begins_with(const char *text, const char *const *with, size_t nr)
{
	for (size_t i = 0; i < nr; i++)
		if (!strncmp(text, with[i], strlen(with[i])))
			return true;
	return false;
}

/* How the hook itself was reached is nothing of the turn. */
static bool is_of_hook(const char *symbol)
{
	static const char *const own[] = {
		"bpf_", "__bpf_", "__traceiter_", "trace_", "ftrace_",
	};

	return !*symbol || begins_with(symbol, own, ARRAY_SIZE(own));
}

/* Nor is the tick. */
static bool is_interrupt(const char *symbol)
{
	static const char *const entries[] = {
		"asm_sysvec_", "asm_common_interrupt", "el0t_64_irq",
		"el1h_64_irq", "el0t_32_irq",	       "ret_from_intr",
	};

	return begins_with(symbol, entries, ARRAY_SIZE(entries));
}

static void add_frame(struct frames *f)
{
	f->of[f->nr] = f->text[f->nr];
	f->nr++;
}

static void read_kernel_frames(struct frames *f, const struct iop_stack *s)
{
	int nr = s->kernel_bytes > 0 ? s->kernel_bytes / (int)sizeof(__u64) : 0;

	f->nr = 0;
	for (int i = 0; i < nr && i < IOP_TURN_FRAMES; i++) {
		kernel_symbol(s->kernel[i], f->text[f->nr]);
		if (is_interrupt(f->text[f->nr]))
			f->nr = 0;
		else if (f->nr || !is_of_hook(f->text[f->nr]))
			add_frame(f);
	}
}

static void read_user_frames(struct frames *f, const struct iop_stack *s, __u32 pid)
{
	int nr = s->user_bytes > 0 ? s->user_bytes / (int)sizeof(__u64) : 0;

	f->nr = 0;
	for (int i = 0; i < nr && i < IOP_TURN_FRAMES && s->user[i]; i++) {
		user_symbol(pid, s->user[i], f->text[f->nr]);
		add_frame(f);
	}
}

/* Of where most of the time went. */
static void choose_stack(struct turn_row *r)
{
	const struct iop_turn *t = &r->t;
	bool cpu = r->cpu_ns >= t->runnable_ns + t->asleep_ns;
	__u32 which = cpu ? IOP_STACK_CPU : IOP_STACK_OFF + (t->longest ? 0 : 1);

	r->has_stack = cpu ? t->sample_ns : t->longest_ns;
	r->stack_of = !cpu;
	if (!r->has_stack)
		return;
	read_kernel_frames(&r->kernel, &t->stacks[which]);
	read_user_frames(&r->user, &t->stacks[which], t->pid);
}

/* --- columns -------------------------------------------------------------------------- */

#define TURN(member) MEMBER(struct turn_row, member)
#define PART(member) MEMBER(struct part_row, member)
/* clang-format off */
#define WHEN { "ts_ns", NULL, 0, COLUMN_INT, PART(ts_ns), "as there" }
#define WHO                                                          \
	{ "pid", NULL, 0, COLUMN_ID, PART(pid), "as there" },        \
	{ "tid", NULL, 0, COLUMN_ID, PART(tid), "as there" }
/* clang-format on */

static bool has_stack(const void *row)
{
	return ((const struct turn_row *)row)->has_stack;
}

static struct value strings_of(const struct frames *f)
{
	return (struct value){ .kind = VALUE_STRINGS, .num = f->nr, .names = f->of };
}

static struct value get_kernel(const struct column *c, const void *row,
			       const struct phase_limits *limits)
{
	(void)c;
	(void)limits;
	return strings_of(&((const struct turn_row *)row)->kernel);
}

static struct value get_user(const struct column *c, const void *row,
			     const struct phase_limits *limits)
{
	(void)c;
	(void)limits;
	return strings_of(&((const struct turn_row *)row)->user);
}

static struct value get_end(const struct column *c, const void *row,
			    const struct phase_limits *limits)
{
	static char buf[64];

	(void)limits;
	return value_end(buf, &((const struct part_row *)row)->channel.ends,
			 !strcmp(c->key, "peer"));
}

static const char *call_text(const struct part_row *r)
{
	static char text[32];
	const char *name;

	if (r->sleep.call == IOP_CALL_NONE)
		return "no call";
	if (r->sleep.call == IOP_CALL_OTHERS)
		return "others";
	name = any_call_name(r->sleep.call, r->turn->t.compat);
	if (name)
		return name;
	snprintf(text, sizeof(text), "call %u", r->sleep.call);
	return text;
}

static struct value get_call(const struct column *c, const void *row,
			     const struct phase_limits *limits)
{
	(void)c;
	(void)limits;
	return value_str(call_text(row));
}

static const struct column turn_columns[] = {
	{ "ts_ns", NULL, 0, COLUMN_INT, TURN(ts_ns),
	  "its end, or the run's, CLOCK_MONOTONIC" },
	{ "pid", NULL, 0, COLUMN_ID, TURN(t.pid), "process" },
	{ "tid", NULL, 0, COLUMN_ID, TURN(t.tid), "thread" },
	{ "comm", NULL, 0, COLUMN_TEXT, TURN(t.comm), "its name" },
	{ "poller", NULL, 0, COLUMN_NAME, TURN(t.kind),
	  "epoll, poll, select or io_uring", .names = poller_names },
	{ "over", NULL, 0, COLUMN_INT, TURN(over),
	  "0: it had not ended at the end of the run" },
	{ "turn_ns", NULL, 0, COLUMN_INT, TURN(turn_ns), "how long it took" },
	{ "cpu_ns", NULL, 0, COLUMN_INT, TURN(cpu_ns), "of it: on a CPU" },
	{ "runnable_ns", NULL, 0, COLUMN_INT, TURN(t.runnable_ns),
	  "of it: waiting for a CPU" },
	{ "asleep_ns", NULL, 0, COLUMN_INT, TURN(t.asleep_ns), "of it: asleep" },
	{ "channels", NULL, 0, COLUMN_INT, TURN(t.nr_channels),
	  "channels that it read; lines of their own" },
	{ "other_reads", NULL, 0, COLUMN_INT, TURN(t.other_reads),
	  "reads of channels beyond the first 8" },
	{ "other_ns", NULL, 0, COLUMN_INT, TURN(t.other_ns), "and what followed them" },
	{ "stack_of", NULL, 0, COLUMN_NAME, TURN(stack_of),
	  "where most of the time went: cpu (the stack is a sample of it), or off (that "
	  "of the longest time off the CPU); null: no stack",
	  .names = stack_names, .known = has_stack },
	{ "kernel_stack", NULL, 0, COLUMN_COMPUTED,
	  .description = "functions of the kernel, the innermost first",
	  .known = has_stack, .get = get_kernel },
	{ "user_stack", NULL, 0, COLUMN_COMPUTED,
	  .description = "files and where in them, likewise, as far as frame pointers lead",
	  .known = has_stack, .get = get_user },
};

const struct schema turn_schema = {
	.type = "turn",
	.about = "iophase loops --slow: a turn that took long",
	.columns = turn_columns,
	.nr = ARRAY_SIZE(turn_columns),
};

static const struct column channel_columns[] = {
	WHEN,
	WHO,
	{ "fd", NULL, 0, COLUMN_FD, PART(channel.fd), "descriptor, if it is known" },
	{ "local", NULL, 0, COLUMN_COMPUTED, .description = "local address and port",
	  .get = get_end },
	{ "peer", NULL, 0, COLUMN_COMPUTED, .description = "the peer's", .get = get_end },
	{ "reads", NULL, 0, COLUMN_INT, PART(channel.reads), "reads in the turn" },
	{ "bytes", NULL, 0, COLUMN_INT, PART(channel.bytes), "bytes of these" },
	{ "took_ns", NULL, 0, COLUMN_INT, PART(channel.ns),
	  "from these reads to the next of another channel, accept, or the turn's end" },
};

const struct schema turn_channel_schema = {
	.type = "turn_channel",
	.about = "iophase loops --slow: a channel that the turn before it read",
	.columns = channel_columns,
	.nr = ARRAY_SIZE(channel_columns),
};

static const struct column sleep_columns[] = {
	WHEN,
	WHO,
	{ "call", NULL, 0, COLUMN_COMPUTED,
	  .description = "system call; \"no call\": a page fault or the like; \"others\": what "
			 "found no room",
	  .get = get_call },
	{ "sleeps", NULL, 0, COLUMN_INT, PART(sleep.sleeps), "how often" },
	{ "asleep_ns", NULL, 0, COLUMN_INT, PART(sleep.ns), "how long" },
};

const struct schema turn_sleep_schema = {
	.type = "turn_sleep",
	.about = "iophase loops --slow: a system call that the turn before it slept in",
	.columns = sleep_columns,
	.nr = ARRAY_SIZE(sleep_columns),
};

/* --- for people ------------------------------------------------------------------------- */

/* "on the CPU 1.20m, runnable 0n, asleep 50.1m: nanosleep 50.1m" */
static void say_where(const struct out *o, const struct turn_row *r)
{
	char cpu[16], runnable[16], asleep[16], one[16], calls[160] = "";
	struct part_row part = { .turn = r };
	size_t n = 0;

	for (int i = 0; i < IOP_TURN_SLEEPS && r->t.sleeps[i].sleeps; i++) {
		part.sleep = r->t.sleeps[i];
		n += snprintf(calls + n, sizeof(calls) - n, "%s %s %s", n ? "," : ":",
			      call_text(&part), format_ns(one, part.sleep.ns));
	}
	out_words(o, "  on the CPU %s, runnable %s, asleep %s%s",
		  format_ns(cpu, r->cpu_ns), format_ns(runnable, r->t.runnable_ns),
		  format_ns(asleep, r->t.asleep_ns), calls);
}

static void say_channel(const struct out *o, const struct iop_turn_channel *c)
{
	char peer[64], fd[24] = "", took[16], bytes[16];
	const char *proto = proto_name(&c->ends);

	if (c->fd != IOP_ANY)
		snprintf(fd, sizeof(fd), " fd %u", c->fd);
	format_end(peer, &c->ends, true);
	out_words(o, "  %s%s%s%s: %u read%s, %s bytes, %s to what came next", proto, fd,
		  peer[0] ? " " : "", peer, c->reads, c->reads == 1 ? "" : "s",
		  format_count(bytes, c->bytes), format_ns(took, c->ns));
}

/* As many lines as it takes. */
static void say_frames(const struct out *o, const char *whose, const struct frames *f)
{
	char line[LINE_LEN + SYMBOL_LEN + 8];
	int n = snprintf(line, sizeof(line), "  %s:", whose);

	for (int i = 0; i < f->nr; i++) {
		if (n + strlen(f->of[i]) + 1 > LINE_LEN) {
			out_words(o, "%s", line);
			n = snprintf(line, sizeof(line), "   ");
		}
		n += snprintf(line + n, sizeof(line) - n, " %s", f->of[i]);
	}
	if (f->nr)
		out_words(o, "%s", line);
}

static void say(const struct out *o, const struct turn_row *r)
{
	const struct iop_turn *t = &r->t;
	char took[16];

	out_words(o, "slow turn of %.16s, thread %u of %u (%s): %s%s", t->comm, t->tid,
		  t->pid, poller_names[t->kind], format_ns(took, r->turn_ns),
		  r->over ? "" : " so far");
	say_where(o, r);
	for (__u32 i = 0; i < t->nr_channels; i++)
		say_channel(o, &t->channels[i]);
	if (t->other_reads)
		out_words(o, "  other channels: %llu reads, %s to what came next",
			  (unsigned long long)t->other_reads,
			  format_ns(took, t->other_ns));
	if (!r->has_stack)
		return;
	say_frames(o, r->stack_of ? "kernel, off the CPU" : "kernel, on the CPU",
		   &r->kernel);
	say_frames(o, r->stack_of ? "program, off the CPU" : "program, on the CPU",
		   &r->user);
}

/* --- for programs ------------------------------------------------------------------------ */

static void put(const struct out *o, const struct schema *schema, const void *row)
{
	struct sheet s;

	sheet_make(&s, schema, 0, NULL);
	out_record(o, &s, row);
	sheet_free(&s);
}

static void put_rows(const struct out *o, const struct turn_row *r)
{
	const struct iop_turn *t = &r->t;
	struct part_row part = {
		.turn = r,
		.ts_ns = r->ts_ns,
		.pid = t->pid,
		.tid = t->tid,
	};

	put(o, &turn_schema, r);
	for (__u32 i = 0; i < t->nr_channels; i++) {
		part.channel = t->channels[i];
		put(o, &turn_channel_schema, &part);
	}
	for (int i = 0; i < IOP_TURN_SLEEPS && t->sleeps[i].sleeps; i++) {
		part.sleep = t->sleeps[i];
		put(o, &turn_sleep_schema, &part);
	}
}

static void print(const struct out *o, const struct iop_turn *turn, bool over)
{
	static struct turn_row r;
	__u64 elsewhere;

	r.t = *turn;
	r.over = over;
	r.ts_ns = turn->end_ns;
	r.turn_ns = turn->end_ns - turn->begin_ns;
	elsewhere = turn->runnable_ns + turn->asleep_ns;
	r.cpu_ns = r.turn_ns > elsewhere ? r.turn_ns - elsewhere : 0;
	if (r.t.nr_channels > IOP_TURN_CHANNELS)
		r.t.nr_channels = IOP_TURN_CHANNELS;
	choose_stack(&r);
	if (o->format->for_people)
		say(o, &r);
	else
		put_rows(o, &r);
}

void slow_turn_print(const struct out *o, const struct iop_turn *turn)
{
	print(o, turn, true);
}

struct progress {
	const struct out *out;
	__u64 slow_ns;
	__u64 now;
};

static void on_turn(void *ctx, const void *key, const void *value)
{
	const struct progress *p = ctx;
	struct iop_turn t;

	(void)key;
	memcpy(&t, value, sizeof(t));
	if (!t.begin_ns || p->now < t.begin_ns || p->now - t.begin_ns < p->slow_ns)
		return;
	iop_turn_on(&t, p->now);
	iop_turn_end(&t, p->now);
	print(p->out, &t, false);
}

void slow_turns_in_progress(const struct out *o, struct session *s, __u64 slow_ns,
			    __u64 now)
{
	each_turn(s, on_turn, &(struct progress){ o, slow_ns, now });
}
