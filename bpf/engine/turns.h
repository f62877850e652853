/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A turn of an event loop, looked at closely: which channels its thread read and how
 * long each kept it, and where the thread was meanwhile: on a CPU, waiting for one,
 * or asleep in a system call.
 */
#ifndef IOPHASE_ENGINE_TURNS_H
#define IOPHASE_ENGINE_TURNS_H

IOP_INLINE void iop_turn_begin(struct iop_turn *t, __u64 now)
{
	t->end_ns = 0;
	t->runnable_ns = 0;
	t->asleep_ns = 0;
	t->off_ns = 0;
	t->woken_ns = 0;
	t->longest_ns = 0;
	t->sample_ns = 0;
	t->part_ns = 0;
	t->other_reads = 0;
	t->other_ns = 0;
	t->nr_channels = 0;
	for (int i = 0; i < IOP_TURN_SLEEPS; i++)
		t->sleeps[i].sleeps = 0;
	t->begin_ns = now;
}

/* What it did since its latest read was for that channel. */
IOP_INLINE void iop_turn_part_over(struct iop_turn *t, __u64 now)
{
	__u32 part = t->part;

	if (t->part_ns && now > t->part_ns) {
		if (part < IOP_TURN_CHANNELS)
			t->channels[part].ns += now - t->part_ns;
		else
			t->other_ns += now - t->part_ns;
	}
	t->part_ns = 0;
}

/*
 * It has read sk, which it began at called. Returns the channel if that is its first
 * read in the turn, for the caller to say who it is; else NULL.
 */
IOP_INLINE struct iop_turn_channel *iop_turn_read(struct iop_turn *t, __u64 sk,
						  __u64 bytes, __u64 called)
{
	__u32 nr = t->nr_channels, i;
	struct iop_turn_channel *c;

	iop_turn_part_over(t, called);
	t->part_ns = called;
	for (i = 0; i < IOP_TURN_CHANNELS && i < nr; i++)
		if (t->channels[i].sk == sk)
			break;
	t->part = i;
	if (i >= IOP_TURN_CHANNELS) {
		t->other_reads++;
		return 0;
	}
	c = &t->channels[i];
	if (i < nr) {
		c->reads++;
		c->bytes += bytes;
		return 0;
	}
	t->nr_channels = i + 1;
	c->sk = sk;
	c->ns = 0;
	c->reads = 1;
	c->bytes = bytes;
	return c;
}

/* It leaves the CPU in a system call: to sleep, or because another is to run. */
IOP_INLINE void iop_turn_off(struct iop_turn *t, __u32 asleep, __u32 call, __u64 now)
{
	t->off_ns = now;
	t->woken_ns = 0;
	t->off_asleep = asleep;
	t->off_call = call;
}

IOP_INLINE void iop_turn_woken(struct iop_turn *t, __u64 now)
{
	if (t->off_ns && !t->woken_ns)
		t->woken_ns = now;
}

IOP_INLINE void iop_turn_slept(struct iop_turn *t, __u32 call, __u64 ns)
{
	struct iop_turn_sleep *s = t->sleeps;

	for (int i = 0; i < IOP_TURN_SLEEPS; i++, s++) {
		if (!s->sleeps) {
			s->call = call;
			s->ns = 0;
		} else if (s->call != call) {
			if (i < IOP_TURN_SLEEPS - 1)
				continue;
			s->call = IOP_CALL_OTHERS;
		}
		s->sleeps++;
		s->ns += ns;
		return;
	}
}

/* It is on a CPU again. */
IOP_INLINE void iop_turn_on(struct iop_turn *t, __u64 now)
{
	__u64 off = t->off_ns, woken = t->woken_ns, slept = 0;

	if (!off || now < off)
		return;
	if (t->off_asleep)
		slept = (woken > off && woken < now ? woken : now) - off;
	if (slept)
		iop_turn_slept(t, t->off_call, slept);
	t->asleep_ns += slept;
	t->runnable_ns += now - off - slept;
	if (now - off > t->longest_ns) {
		t->longest_ns = now - off;
		t->longest = !t->longest; /* the latest is that now */
	}
	t->off_ns = 0;
}

/* Ended by the thread's next wait, or its own end. */
IOP_INLINE void iop_turn_end(struct iop_turn *t, __u64 now)
{
	iop_turn_part_over(t, now);
	t->end_ns = now;
}

#endif
