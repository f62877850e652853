// SPDX-License-Identifier: GPL-2.0-only
/*
 * Event loops that know what they do. loops CASE: server (an acceptor and two
 * workers), poll, select, those of io_uring (ring_cases), nested (an epoll in an
 * epoll), edge (edge-triggered, read until there is nothing), shared (three threads wait
 * on one epoll), moved (a descriptor goes to another loop), stuck (a loop that does not
 * return); busy, hog: a server whose slow handler is on the CPU, or off it because
 * another is; many (10,000 channels), deep (five epolls, one in the other), midway (a
 * long turn first), late (a connection waits 20 ms to be accepted, its message 10),
 * batch (datagrams by recvmmsg()), closing, closing-poll (the clients end before the
 * loop). Clients are another process. When all has been read, the connections stay for
 * 2 s; of loops CASE held, after the line "ready", until a byte is read from standard
 * input. Then each loop says
 *
 *   loop TID TURNS EVENTS READS BYTES ACCEPTS SUM_MS MAX_MS
 *   channel TID PEER_PORT READS
 *
 * of turns that it has begun and ended itself.
 */
#include "loops.h"

static const struct ring_case {
	const char *name;
	int how;
} ring_cases[] = {
	{ "ring", 0 },
	{ "multishot", MANY_ACCEPTS },
	{ "received", MANY_ACCEPTS | MANY_RECEIVES },
	{ "sqpoll", POLLED },
	{ "fixed", FIXED },
	{ "deferred", DEFERRED | MANY_ACCEPTS },
	{ "together", POLLED | FIXED | MANY_RECEIVES },
};

int main(int argc, char **argv)
{
	const char *name = argc > 1 ? argv[1] : "";

	held = argc > 2 && !strcmp(argv[2], "held");
	closing = !strcmp(name, "closing") || !strcmp(name, "closing-poll");
	if (!strcmp(name, "poll") || !strcmp(name, "closing-poll"))
		turn = turn_poll;
	if (!strcmp(name, "select"))
		turn = turn_select;
	for (size_t i = 0; i < sizeof(ring_cases) / sizeof(*ring_cases); i++)
		if (!strcmp(name, ring_cases[i].name)) {
			turn = turn_ring;
			ring_how = ring_cases[i].how;
		}
	if (!strcmp(name, "busy"))
		slow_message = "busy......";
	if (!strcmp(name, "hog")) {
		slow_message = "hog.......";
		start_hog();
	}
	edge = !strcmp(name, "edge") || !strcmp(name, "shared");
	if (!strcmp(name, "shared"))
		turn = turn_shared;
	if (slow_message[0] != 's' || !strcmp(name, "server") || !strcmp(name, "moved"))
		workers(!strcmp(name, "moved"));
	else if (!strcmp(name, "stuck"))
		stuck();
	else if (!strcmp(name, "many"))
		many();
	else if (!strcmp(name, "deep"))
		deep();
	else if (!strcmp(name, "midway"))
		midway();
	else if (!strcmp(name, "late"))
		late();
	else if (!strcmp(name, "batch"))
		batch();
	else if (!strcmp(name, "shared"))
		shared();
	else if (!strcmp(name, "nested") || !strcmp(name, "epoll") || edge || closing ||
		 turn != turn_epoll)
		one_loop(!strcmp(name, "nested"));
	else
		return 2;
	return 0;
}
