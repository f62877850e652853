/* SPDX-License-Identifier: GPL-2.0-only */
/* What the cases of loops have in common, and where each is. */
#ifndef TESTS_VM_LOOPS_H
#define TESTS_VM_LOOPS_H

#include <fcntl.h>
#include <liburing.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/select.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include "../program.h"

#define NR_CHANNELS 6
#define ROUNDS 20
#define SLOW_MS 50
#define MAX_FDS 64

struct loop {
	int tid;
	int stop;	  /* eventfd */
	int fds[MAX_FDS]; /* of channels */
	int reads[MAX_FDS];
	int nr;
	int listener; /* -1: none */
	int turns, events, nr_reads, bytes, accepts;
	double begun_ms; /* 0: no turn */
	double sum_ms, max_ms;
	int stopped;
	int ports[MAX_FDS]; /* of channels' peers */
	struct io_uring *ring;
	char buffers[MAX_FDS][10]; /* of channels; or the ring's, for whichever */
	struct sockaddr_in accepted;
	/* of epoll */
	int ep;
	int inner;	       /* -1: none */
	struct loop *feeds[2]; /* who gets what is accepted; else the loop itself */
	pthread_t thread;
};

/* --- loop.c: a loop, its turns and its channels --- */

extern int edge;    /* channels are edge-triggered */
extern int closing; /* clients end before the loop */

int reads_of(const struct loop *l, int nr);
void wait_to_go_on(void);
void begin_wait(struct loop *l);
void end_wait(struct loop *l, int found);
void add_channel(struct loop *l, int fd, int port);
int port_of_peer(int fd);
void watch(int ep, int fd);
int channel_of(const struct loop *l, int fd);
void start_hog(void);
void take_long(char how);
void count_read(struct loop *l, int fd, int bytes);
void turn_epoll(struct loop *l);
void turn_shared(struct loop *l);
void turn_poll(struct loop *l);
void turn_select(struct loop *l);

/* --- ring.c: loops of io_uring: user_data is the descriptor --- */

#define MANY_ACCEPTS 1	/* one request accepts all connections */
#define MANY_RECEIVES 2 /* one receives all of a connection, into buffers of the ring */
#define POLLED 4	/* a thread of the kernel's carries out what is asked for */
#define FIXED 8		/* files have numbers in the ring's table, and no descriptors */
#define DEFERRED 16	/* what is asked for happens in waits alone */
extern int ring_how;

void turn_ring(struct loop *l);

/* --- servers.c: loops of a server, and its clients --- */

extern struct sockaddr_in server;
extern const char *slow_message;
extern int held; /* the connections stay until the test says so */
extern void (*turn)(struct loop *l);

void say(const struct loop *l);
void one_loop(int nested);
void shared(void);
void workers(int moves);
void stuck(void);

/* --- alone.c: a loop that has no clients but itself --- */

void many(void);
void deep(void);
void late(void);
void midway(void);
void batch(void);

#endif
