/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Perfetto's trace format: packets, one after the other, each of them a message of
 * perfetto.proto, encoded by protobuf-c. Times are ns of CLOCK_MONOTONIC.
 */
#ifndef IOPHASE_PACKETS_H
#define IOPHASE_PACKETS_H

#include <stddef.h>
#include <stdio.h>

#include "abi.h"
#include "perfetto.pb-c.h"

/* The first packet: by which clock all others go. */
void put_clock(FILE *f, __u64 now_ns);

/* What a track is; before anything is on it. */
void put_track(FILE *f, TrackDescriptor *track);

/* The rest of event is the caller's. */
void put_event(FILE *f, __u64 ts_ns, __u64 track, TrackEvent__Type type,
	       TrackEvent *event);

/* A slice with nothing in it. */
void put_slice(FILE *f, __u64 track, const char *name, __u64 from_ns, __u64 to_ns);
void put_slice_end(FILE *f, __u64 track, __u64 ts_ns);

/* from as UTF-8, as protobuf wants strings; each byte that is none is U+FFFD. */
#define CLEAN_BYTES(n) (3 * (n) + 1)
const char *clean_text(char *to, size_t size, const char *from);

#endif
