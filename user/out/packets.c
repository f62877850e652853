// SPDX-License-Identifier: GPL-2.0-only
#include "packets.h"

#include <stdio_ext.h>
#include <string.h>

#include "utf8.h"
#include "util.h"

/* "iop": all that one writer says has a number, which others' is not to be. */
#define SEQUENCE 0x696f70

/*
 * A Trace is its packets, so that Traces of one packet each, written one after the
 * other, are one. Whoever stops us finds whole packets in the file: none is in two
 * writes.
 */
static void put_packet(FILE *f, TracePacket *packet)
{
	static uint8_t *buf;
	static size_t room;
	Trace trace = TRACE__INIT;
	size_t size;

	trace.n_packet = 1;
	trace.packet = &packet;
	packet->has_trusted_packet_sequence_id = true;
	packet->trusted_packet_sequence_id = SEQUENCE;
	size = trace__get_packed_size(&trace);
	if (size > room) {
		room = 2 * size;
		buf = xrealloc(buf, room, 1);
	}
	trace__pack(&trace, buf);
	if (__fpending(f) + size > __fbufsize(f))
		fflush(f);
	fwrite_unlocked(buf, 1, size, f);
}

void put_clock(FILE *f, __u64 now_ns)
{
	ClockSnapshot__Clock clock = CLOCK_SNAPSHOT__CLOCK__INIT, *clocks = &clock;
	ClockSnapshot snapshot = CLOCK_SNAPSHOT__INIT;
	TracePacket packet = TRACE_PACKET__INIT;

	clock.has_clock_id = clock.has_timestamp = true;
	clock.clock_id = BUILTIN_CLOCK__BUILTIN_CLOCK_MONOTONIC;
	clock.timestamp = now_ns;
	snapshot.n_clocks = 1;
	snapshot.clocks = &clocks;
	snapshot.has_primary_trace_clock = true;
	snapshot.primary_trace_clock = BUILTIN_CLOCK__BUILTIN_CLOCK_MONOTONIC;
	packet.clock_snapshot = &snapshot;
	put_packet(f, &packet);
}

void put_track(FILE *f, TrackDescriptor *track)
{
	TracePacket packet = TRACE_PACKET__INIT;

	packet.track_descriptor = track;
	put_packet(f, &packet);
}

void put_event(FILE *f, __u64 ts_ns, __u64 track, TrackEvent__Type type, TrackEvent *event)
{
	TracePacket packet = TRACE_PACKET__INIT;

	event->has_type = event->has_track_uuid = true;
	event->type = type;
	event->track_uuid = track;
	packet.has_timestamp = packet.has_timestamp_clock_id = true;
	packet.timestamp = ts_ns;
	packet.timestamp_clock_id = BUILTIN_CLOCK__BUILTIN_CLOCK_MONOTONIC;
	packet.track_event = event;
	put_packet(f, &packet);
}

void put_slice_end(FILE *f, __u64 track, __u64 ts_ns)
{
	TrackEvent event = TRACK_EVENT__INIT;

	put_event(f, ts_ns, track, TRACK_EVENT__TYPE__TYPE_SLICE_END, &event);
}

void put_slice(FILE *f, __u64 track, const char *name, __u64 from_ns, __u64 to_ns)
{
	TrackEvent event = TRACK_EVENT__INIT;

	event.name = (char *)name;
	put_event(f, from_ns, track, TRACK_EVENT__TYPE__TYPE_SLICE_BEGIN, &event);
	put_slice_end(f, track, to_ns);
}

const char *clean_text(char *to, size_t size, const char *from)
{
	static const char unknown[] = "\xef\xbf\xbd";
	char *at = to;

	while (*from) {
		size_t n = utf8_len((const unsigned char *)from);
		size_t len = n ? n : strlen(unknown);

		if (len >= size - (at - to))
			break;
		at = mempcpy(at, n ? from : unknown, len);
		from += n ? n : 1;
	}
	*at = 0;
	return to;
}
