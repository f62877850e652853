// SPDX-License-Identifier: GPL-2.0-only
#include "tracks.h"

#include <stdlib.h>
#include <string.h>

#include "columns.h"
#include "names.h"
#include "packets.h"
#include "util.h"

/*
 * A table of sets: what is new takes the place of what was not used for longest in
 * its set. A socket that is forgotten so gets another track when it is read again.
 */
#define SETS 4096
#define WAYS 8

struct key {
	__u64 sock;
	__u32 kind; /* enum track_kind; 0: free */
	__u32 pid;
	__u32 tid;
	__u32 pad;
	struct iop_endpoints ends; /* an address may be another socket's later */
};

struct track {
	struct key key;
	__u64 used; /* when, by the count of look-ups */
	char comm[IOP_COMM_LEN];
	struct lane own;
	struct lane *more; /* lanes, if it is a socket that needs them */
	__u32 nr_more;
};

struct tracks {
	FILE *f;
	process_name_fn name;
	__u64 lookups;
	__u64 nr_sockets; /* lanes, that is */
	struct track sets[SETS][WAYS];
};

struct tracks *tracks_new(FILE *f, process_name_fn name)
{
	struct tracks *t = xcalloc(1, sizeof(*t));

	t->f = f;
	t->name = name;
	return t;
}

void tracks_free(struct tracks *t)
{
	if (!t)
		return;
	for (int set = 0; set < SETS; set++)
		for (int way = 0; way < WAYS; way++)
			free(t->sets[set][way].more);
	free(t);
}

static __u32 set_of(const struct key *key)
{
	const __u8 *at = (const __u8 *)key;
	__u32 hash = 2166136261u; /* FNV-1a */

	for (size_t i = 0; i < sizeof(*key); i++)
		hash = (hash ^ at[i]) * 16777619u;
	return (hash ^ hash >> 16) % SETS;
}

/* One that is new has no own.uuid yet. */
static struct track *track_of(struct tracks *t, const struct key *key)
{
	struct track *set = t->sets[set_of(key)], *oldest = set;

	t->lookups++;
	for (struct track *at = set; at < set + WAYS; at++) {
		if (!memcmp(&at->key, key, sizeof(*key))) {
			at->used = t->lookups;
			return at;
		}
		if (at->used < oldest->used)
			oldest = at;
	}
	free(oldest->more);
	*oldest = (struct track){ .key = *key, .used = t->lookups };
	return oldest;
}

/* --- processes, threads ---------------------------------------------------------- */

static void put_process(struct tracks *t, const struct iop_read_record *r, __u64 uuid)
{
	TrackDescriptor track = TRACK_DESCRIPTOR__INIT;
	ProcessDescriptor process = PROCESS_DESCRIPTOR__INIT;
	char comm[IOP_COMM_LEN] = "", name[CLEAN_BYTES(IOP_COMM_LEN)];

	track.has_uuid = true;
	track.uuid = uuid;
	if (r->pid == r->tid)
		memcpy(comm, r->comm, sizeof(comm));
	else if (r->pid && t->name)
		t->name(r->pid, comm);
	if (r->pid) {
		process.has_pid = true;
		process.pid = r->pid;
		if (*comm)
			process.process_name = (char *)clean_text(name, sizeof(name),
								  comm);
		track.process = &process;
	} else {
		track.name = "process not known";
	}
	put_track(t->f, &track);
}

static __u64 process_of(struct tracks *t, const struct iop_read_record *r)
{
	struct key key = { .kind = TRACK_PROCESS, .pid = r->pid };
	struct track *track = track_of(t, &key);

	if (!track->own.uuid) {
		track->own.uuid = track_uuid(TRACK_PROCESS, r->pid);
		put_process(t, r, track->own.uuid);
	}
	return track->own.uuid;
}

static void put_thread(struct tracks *t, const struct iop_read_record *r, __u64 uuid)
{
	TrackDescriptor track = TRACK_DESCRIPTOR__INIT;
	ThreadDescriptor thread = THREAD_DESCRIPTOR__INIT;
	char name[CLEAN_BYTES(IOP_COMM_LEN)];

	track.has_uuid = track.has_parent_uuid = true;
	track.uuid = uuid;
	track.parent_uuid = process_of(t, r);
	if (r->pid && r->tid) {
		thread.has_pid = thread.has_tid = true;
		thread.pid = r->pid;
		thread.tid = r->tid;
		thread.thread_name = (char *)clean_text(name, sizeof(name), r->comm);
		track.thread = &thread;
	} else {
		snprintf(name, sizeof(name), r->tid ? "thread %u" : "thread not known",
			 r->tid);
		track.name = name;
	}
	put_track(t->f, &track);
}

struct lane *thread_lane(struct tracks *t, const struct iop_read_record *r)
{
	struct key key = { .kind = TRACK_THREAD, .pid = r->pid, .tid = r->tid };
	struct track *track = track_of(t, &key);
	/* of an async read it may be the process's */
	bool renamed = r->model != IOP_ASYNC &&
		       strncmp(track->comm, r->comm, sizeof(track->comm));

	if (track->own.uuid && !renamed)
		return &track->own;
	memcpy(track->comm, r->comm, sizeof(track->comm));
	track->own.uuid = thread_uuid(r->pid, r->tid);
	put_thread(t, r, track->own.uuid);
	return &track->own;
}

/* --- sockets ---------------------------------------------------------------------- */

static char *add(char *to, const char *end, const char *word, const char *text)
{
	return to + snprintf(to, end - to, "%s%s", word, text);
}

/* "tcp 127.0.0.1:80, peer 127.0.0.1:1234, fd 5"; what is not known is left out. */
static void name_socket(char *name, const char *end, const struct iop_read_record *r,
			__u64 nr)
{
	char buf[64];

	if (!r->ends.family) {
		put_number(buf, nr);
		name = add(name, end, "socket ", buf);
	} else {
		name = add(name, end, proto_name(&r->ends), "");
	}
	if (*format_end(buf, &r->ends, false))
		name = add(name, end, " ", buf);
	if (value_end(buf, &r->ends, true).kind == VALUE_STRING && *buf)
		name = add(name, end, ", peer ", buf);
	if (r->fd != IOP_ANY) {
		put_number(buf, r->fd);
		add(name, end, ", fd ", buf);
	}
}

/* nr: of the socket's lanes; the others are below the first. */
static void put_lane(struct tracks *t, const struct iop_read_record *r,
		     struct lane *lane, __u32 nr, __u64 parent)
{
	TrackDescriptor track = TRACK_DESCRIPTOR__INIT;
	char name[256];

	lane->uuid = track_uuid(TRACK_SOCKET, ++t->nr_sockets);
	if (nr == 1)
		name_socket(name, name + sizeof(name), r, t->nr_sockets);
	else
		snprintf(name, sizeof(name), "at the same time: %u", nr);
	track.has_uuid = track.has_parent_uuid = true;
	track.has_sibling_merge_behavior = true;
	track.uuid = lane->uuid;
	track.parent_uuid = parent;
	track.name = name;
	/* sockets are not one because they have one name */
	track.sibling_merge_behavior =
		TRACK_DESCRIPTOR__SIBLING_MERGE_BEHAVIOR__SIBLING_MERGE_BEHAVIOR_NONE;
	put_track(t->f, &track);
}

struct lane *socket_lane(struct tracks *t, const struct iop_read_record *r, __u64 from_ns)
{
	struct key key = {
		.kind = TRACK_SOCKET, .sock = r->sock, .pid = r->pid, .ends = r->ends
	};
	__u64 process = process_of(t, r);
	struct track *track = track_of(t, &key);
	struct lane *new;

	if (!track->own.uuid)
		put_lane(t, r, &track->own, 1, process);
	if (track->own.end_ns <= from_ns)
		return &track->own;
	for (__u32 i = 0; i < track->nr_more; i++)
		if (track->more[i].end_ns <= from_ns)
			return &track->more[i];
	if (track->nr_more == MAX_LANES - 1)
		return NULL;
	track->more = xrealloc(track->more, track->nr_more + 1, sizeof(*new));
	new = &track->more[track->nr_more++];
	*new = (struct lane){};
	put_lane(t, r, new, track->nr_more + 1, track->own.uuid);
	return new;
}
