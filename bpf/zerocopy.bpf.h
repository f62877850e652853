/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Zero copy: feeds engine/zerocopy.h, and has its maps. A call in progress is known by
 * its thread. What a send with MSG_ZEROCOPY or io_uring's SEND_ZC gave to the kernel is
 * in a note, by the address of what the kernel tells its end with (struct ubuf_info),
 * until it does.
 */
#ifndef IOPHASE_ZEROCOPY_BPF_H
#define IOPHASE_ZEROCOPY_BPF_H

#include "cache.h"
#include "either.bpf.h"
#include "engine/zerocopy.h"
#include "targets.bpf.h"

#define MAX_CALLS 16384
#define MAX_NOTES 65536
#define CACHED_CALLS 2048

static const struct iop_zc_row zero_row;

#if BY_KPROBE
enum {
	BATCH = 1, /* a recvmmsg()'s or sendmmsg()'s */
	REQUEST,   /* io_uring's */
};

struct thread_call {
	struct iop_zc_call c;
	__u32 several; /* its system call makes several calls */
	__u32 by_seq;  /* what TCP copies is told by its sequence number, ... */
	__u32 seq;     /* which was this before */
};
#else
#define thread_call iop_zc_call

struct cached_call {
	struct iop_cached entry;
	struct iop_zc_call c;
};

/* By thread; what finds its entry taken is in the hash. */
struct cached_call call_cache[CACHED_CALLS] SEC(".bss.calls");
#endif

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__uint(max_entries, MAX_CALLS);
	__type(key, __u32);
	__type(value, struct thread_call);
} calls SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__uint(max_entries, IOP_MAX_ZC_ROWS);
	__type(key, struct iop_zc_key);
	__type(value, struct iop_zc_row);
} zc_rows SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__uint(max_entries, MAX_NOTES);
	__type(key, __u64);
	__type(value, struct iop_zc_note);
} notes SEC(".maps");

/* A packet whose pages are being copied, since nobody may keep a program's. */
struct unsharing {
	struct iop_zc_key row;
	__u64 since_ns;
	__u64 bytes;
};

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__uint(max_entries, 1024);
	__type(key, __u64);
	__type(value, struct unsharing);
} unsharings SEC(".maps");

/* --- calls ------------------------------------------------------------------------ */

#if BY_KPROBE
/* No cache: to make an entry one's own takes an atomic that returns what was there. */
static __always_inline struct thread_call *thread_call_of(__u32 tid)
{
	return bpf_map_lookup_elem(&calls, &tid);
}

static __always_inline struct thread_call *thread_call_new(__u32 tid)
{
	static const struct thread_call none;
	struct thread_call *t = thread_call_of(tid);

	if (t)
		return t;
	bpf_map_update_elem(&calls, &tid, &none, BPF_NOEXIST);
	t = thread_call_of(tid);
	if (!t)
		COUNT(threads_full, 1);
	return t;
}

static __always_inline struct iop_zc_call *call_of(__u32 tid)
{
	struct thread_call *t = thread_call_of(tid);

	return t && t->c.function ? &t->c : 0;
}

static __always_inline struct iop_zc_call *call_new(__u32 tid)
{
	struct thread_call *t = thread_call_new(tid);

	return t ? &t->c : 0;
}

static __always_inline void on_call_thread_exit(__u32 tid)
{
	bpf_map_delete_elem(&calls, &tid);
}
#else
static __always_inline struct cached_call *cached_call(__u32 tid)
{
	return &call_cache[tid % CACHED_CALLS];
}

/* The running thread's, if it is in one. */
static __always_inline struct iop_zc_call *call_of(__u32 tid)
{
	struct cached_call *n = cached_call(tid);
	struct iop_zc_call *c;

	if (n->entry.owner == tid + 1)
		c = &n->c;
	else if (n->entry.overflowed)
		c = bpf_map_lookup_elem(&calls, &tid);
	else
		return 0;
	return c && c->function ? c : 0;
}

static __always_inline struct iop_zc_call *call_new(__u32 tid)
{
	struct cached_call *n = cached_call(tid);
	static const struct iop_zc_call none;
	struct iop_zc_call *c;

	if (n->entry.owner == tid + 1 ||
	    (!n->entry.owner && !__sync_val_compare_and_swap(&n->entry.owner, 0, tid + 1)))
		return &n->c;
	n->entry.overflowed = 1;
	bpf_map_update_elem(&calls, &tid, &none, BPF_NOEXIST);
	c = bpf_map_lookup_elem(&calls, &tid);
	if (!c)
		COUNT(threads_full, 1);
	return c;
}

static __always_inline void on_call_thread_exit(__u32 tid)
{
	struct cached_call *n = cached_call(tid);

	if (n->entry.owner != tid + 1) {
		bpf_map_delete_elem(&calls, &tid);
		return;
	}
	n->c.function = IOP_ZC_NONE;
	barrier();
	n->entry.owner = 0;
}
#endif

static __always_inline struct iop_zc_call *current_call(void)
{
	return call_of(bpf_get_current_pid_tgid());
}

/*
 * The running thread begins a call. Those that end in another function are called by
 * system calls themselves, and so replace what another has left behind.
 */
static __always_inline struct iop_zc_call *on_call_enter(enum iop_zc_function function,
							 enum iop_zc_path path)
{
	struct task_ids who = current_task_ids();
	struct iop_zc_call *c;

	if (!active || is_kernel_thread() || !task_selected(who))
		return 0;
	c = call_new(who.tid);
	if (!c)
		return 0;
	if (c->function)
		COUNT(unmatched, 1);
	__builtin_memset(c, 0, sizeof(*c));
	c->path = path;
	c->function = function;
	return c;
}

/* --- rows -------------------------------------------------------------------------- */

static __always_inline struct iop_zc_row *row_of(const struct iop_zc_key *key)
{
	return bpf_map_lookup_elem(&zc_rows, key);
}

/* Of the running thread's process. */
static __always_inline struct iop_zc_row *row_new(struct task_ids who, __u32 path)
{
	struct iop_zc_key key = { .pid = who.pid, .path = path };
	struct iop_zc_row *r = row_of(&key);

	if (r)
		return r;
	bpf_map_update_elem(&zc_rows, &key, &zero_row, BPF_NOEXIST);
	r = row_of(&key);
	if (!r)
		return 0;
	r->pid = shown_ids(who).pid;
	leader_comm(r->comm);
	return r;
}

static __always_inline void add_end(struct iop_zc_row *r, const struct iop_zc_end *e,
				    __u64 calls)
{
	__sync_fetch_and_add(&r->calls, calls);
	if (e->copied)
		__sync_fetch_and_add(&r->copied_bytes, e->copied);
	if (e->moved)
		__sync_fetch_and_add(&r->moved_bytes, e->moved);
	if (e->left)
		__sync_fetch_and_add(&r->left_bytes, e->left);
	if (!e->fell_back)
		return;
	r->causes |= e->causes;
	__sync_fetch_and_add(&r->fell_back_calls, calls);
	__sync_fetch_and_add(&r->fell_back_bytes, e->copied);
}

static __always_inline void add_copy(struct iop_zc_row *r, __u64 ns, __u64 bytes)
{
	__sync_fetch_and_add(&r->copy_ns, ns);
	__sync_fetch_and_add(&r->timed_bytes, bytes);
}

/* --- notes -------------------------------------------------------------------------- */

static __always_inline struct iop_zc_note *note_of(__u64 uarg)
{
	return bpf_map_lookup_elem(&notes, &uarg);
}

/* Its sends have returned, and the kernel has said all: who takes it off counts it. */
static __always_inline void settle(__u64 uarg, const struct iop_zc_note *n)
{
	struct iop_zc_end e = iop_zc_settle(n);
	struct iop_zc_key key = n->row;
	__u64 calls = n->calls;
	struct iop_zc_row *r;

	if (bpf_map_delete_elem(&notes, &uarg) || !calls)
		return;
	r = row_of(&key);
	if (!r)
		return;
	add_end(r, &e, calls);
	__sync_fetch_and_add(&r->pending_calls, -calls);
	__sync_fetch_and_add(&r->pending_bytes, -(e.copied + e.moved));
}

/*
 * The running call's bytes will be known by this note, which it may share with calls
 * before it.
 */
static __always_inline void on_note(struct iop_zc_call *c, __u64 uarg)
{
	struct iop_zc_note *n = note_of(uarg), none = {};
	__u32 pid = current_task_ids().pid;

	if (c->note == uarg)
		return;
	c->note = uarg;
	/* one whose end was not seen stays pending; of another process, likewise */
	if (!n || n->done || n->row.pid != pid || n->row.path != c->path) {
		none.row.pid = pid;
		none.row.path = c->path;
		none.since_ns = bpf_ktime_get_ns();
		bpf_map_update_elem(&notes, &uarg, &none, BPF_ANY);
		n = note_of(uarg);
	}
	if (!n) {
		COUNT(notes_full, 1);
		return;
	}
	__sync_fetch_and_add(&n->in_flight, 1);
	c->note_ns = n->since_ns;
}

/*
 * The call has returned; bytes 0: it failed. Returns false if nobody will know what
 * becomes of them.
 */
static __always_inline bool note_end(struct iop_zc_call *c, struct iop_zc_row *r,
				     __u64 bytes)
{
	struct iop_zc_note *n = note_of(c->note);

	if (!n || n->since_ns != c->note_ns)
		return !bytes;
	if (bytes) {
		__sync_fetch_and_add(&n->calls, 1);
		__sync_fetch_and_add(&n->bytes, bytes);
		__sync_fetch_and_add(&r->pending_calls, 1);
		__sync_fetch_and_add(&r->pending_bytes, bytes);
	}
	if (IS_LAST(n->in_flight) && n->done)
		settle(c->note, n);
	return true;
}

/* MSG_ZEROCOPY: all of a note's pages are free; copied: the kernel's own flag. */
static __always_inline void on_zerocopy_complete(__u64 uarg, bool copied)
{
	struct iop_zc_note *n = note_of(uarg);

	if (!n)
		return;
	n->copied = copied;
	SET_FLAG(n->done);
	if (!n->in_flight)
		settle(uarg, n);
}

/* io_uring is told that pages of a note are free. */
static __always_inline void on_uring_told(__u64 uarg, bool has_skb, bool success)
{
	struct iop_zc_note *n = note_of(uarg);

	if (!n)
		return;
	if (!success)
		n->copied = 1;
	else if (has_skb)
		n->moved = 1;
}

/* What became of a request's pages. */
enum uring_fate { COPIED, COPIED_LOCALLY, MOVED };

/*
 * io_uring completes a request: no page of its note is in use. Where it knows of none
 * that was moved none was, as it says by IORING_NOTIF_USAGE_ZC_COPIED. But all pages of
 * a request that it completes after another may be in packets of that: then it has that
 * one's fate.
 */
static __always_inline enum uring_fate on_uring_complete(__u64 uarg, enum uring_fate first)
{
	struct iop_zc_note *n = note_of(uarg);
	enum uring_fate fate = first;

	if (!n)
		return fate;
	if (n->copied || n->local)
		fate = n->local ? COPIED_LOCALLY : COPIED;
	else if (n->moved)
		fate = MOVED;
	n->copied = fate != MOVED;
	n->local = fate == COPIED_LOCALLY;
	settle(uarg, n);
	return fate;
}

/* --- copies ------------------------------------------------------------------------- */

static __always_inline void on_copy_enter(__u64 sk, __u64 bytes)
{
	struct iop_zc_call *c = current_call();

	if (c)
		iop_zc_copy_enter(c, sk, bytes, bpf_ktime_get_ns());
}

static __always_inline void on_copy_exit(__u64 sk)
{
	struct iop_zc_call *c = current_call();

	if (c && c->copying_ns)
		iop_zc_copy_exit(c, sk, bpf_ktime_get_ns());
}

/* What was taken for a copy is none. */
static __always_inline void on_copy_cancel(void)
{
	struct iop_zc_call *c = current_call();

	if (c)
		c->copying_ns = 0;
}

static __always_inline void on_moved(__s64 bytes)
{
	struct iop_zc_call *c = current_call();

	if (c && bytes > 0)
		c->moved += bytes;
}

static __always_inline bool is_unsharing(__u64 skb)
{
	return bpf_map_lookup_elem(&unsharings, &skb);
}

/* Pages of a program are copied, as the packet goes where they must not be kept. */
static __always_inline void on_unshare_enter(__u64 skb, __u64 uarg, __u64 bytes)
{
	struct iop_zc_note *n = note_of(uarg);
	struct unsharing u = {};

	if (!n)
		return;
	n->local = 1;
	u.row = n->row;
	u.since_ns = bpf_ktime_get_ns();
	u.bytes = bytes;
	if (bpf_map_update_elem(&unsharings, &skb, &u, BPF_ANY))
		COUNT(notes_full, 1);
}

static __always_inline void on_unshare_exit(__u64 skb)
{
	struct unsharing *u = bpf_map_lookup_elem(&unsharings, &skb);
	struct iop_zc_row *r = u ? row_of(&u->row) : 0;

	if (r)
		add_copy(r, bpf_ktime_get_ns() - u->since_ns, u->bytes);
	if (u)
		bpf_map_delete_elem(&unsharings, &skb);
}

/* --- the end ------------------------------------------------------------------------- */

static __always_inline void call_end(struct iop_zc_call *c, struct task_ids who,
				     __u64 bytes)
{
	struct iop_counters *n = count();
	struct iop_zc_row *r;
	struct iop_zc_end e;

	if (!n)
		return;
	n->seen++;
	n->seen_bytes += bytes;
	r = row_new(who, c->path);
	if (!r) {
		if (iop_zc_is_pending(c))
			note_end(c, 0, 0); /* it is not to wait for this one */
		n->lost++;
		n->lost_bytes += bytes;
		return;
	}
	if (c->timed_bytes)
		add_copy(r, c->copy_ns, c->timed_bytes);
	if (iop_zc_is_pending(c) && !note_end(c, r, bytes)) {
		n->lost++;
		n->lost_bytes += bytes;
		return;
	}
	n->shown++;
	n->shown_bytes += bytes;
	if (!bytes && !c->left) {
		__sync_fetch_and_add(&r->failed, 1);
	} else if (!iop_zc_is_pending(c)) {
		e = iop_zc_end(c, bytes);
		add_end(r, &e, 1);
	}
}

/* That call, if the function is the one that it began in; bytes <= 0: it failed. */
static __always_inline void on_call_exit(enum iop_zc_function function, __s64 bytes)
{
	struct task_ids who = current_task_ids();
	struct iop_zc_call *c = call_of(who.tid);

	if (!c || c->function != function)
		return;
	/* a session that ends gives up what is in progress */
	if (active)
		call_end(c, who, bytes > 0 ? bytes : 0);
	c->function = IOP_ZC_NONE;
}

/* --- what keeps it right whom to trace ------------------------------------------------ */

static __always_inline void on_exec(__u32 old_tid)
{
	if (old_tid == current_task_ids().tid)
		return;
	on_call_thread_exit(old_tid);
	if (config.by_target)
		set_target(old_tid, 0);
}

static __always_inline void on_rename(struct task_ids who, __u64 new_comm)
{
	char comm[IOP_COMM_LEN] = {};

	bpf_probe_read_kernel_str(comm, sizeof(comm), (void *)new_comm);
	rename_target(who, comm);
}

#endif
