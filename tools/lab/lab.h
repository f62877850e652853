/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * iophase-lab: one I/O model against a peer of its own on loopback, and what
 * can be known of it from user space. A model implements one function: read
 * one message with the model's own calls, noting instants as it goes.
 */
#ifndef IOPHASE_LAB_H
#define IOPHASE_LAB_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>
#include <time.h>

#ifndef IOPHASE_VERSION
#define IOPHASE_VERSION "unknown"
#endif

struct lab_options {
	const struct lab_model *model;
	const struct lab_way *way; /* no model: a file is sent */
	uint64_t delay_ms;
	uint64_t size; /* of a message; of what a call is asked to send of a file */
	uint64_t megabytes;
	uint64_t count;
	uint64_t interval_us; /* between polls */
	uint64_t late_ms;     /* the reader comes that much after the data */
	uint64_t partial;     /* bytes a read takes at most; 0: size */
	uint64_t handler_ms;  /* spent on something else before a read */
	uint64_t hog_ms;      /* the peer keeps the CPU after it has sent */
	const char *proto;
	const char *svg; /* scan: a picture of it, too; NULL: none */
	bool json;
	bool rtsig;
	bool waitall;
	bool fresh;  /* every read goes to memory never touched before */
	bool hammer; /* a second thread keeps taking the socket's lock */
	bool eof;    /* read the end of the stream, too */
	bool quiet;
	bool figure; /* run by iophase figure instead */
	bool all;    /* one model after the other */
	bool scan;   /* no model: what waiting for one of many costs */
};

/* One read call that was not EAGAIN. Times in ns of CLOCK_MONOTONIC. */
struct lab_read {
	uint64_t asked_ns;    /* first wanted the data */
	uint64_t told_ns;     /* wait call or handler said so; 0: nobody tells */
	uint64_t called_ns;   /* just before the read call */
	uint64_t returned_ns; /* just after */
	uint64_t message;     /* which message of the peer's */
	int64_t bytes;
	unsigned int polls; /* EAGAINs before it */
};

struct lab {
	struct lab_options options;
	int fd;
	bool stream;
	char *buffer;
	struct lab_read *reads;
	size_t nr_reads;
	uint64_t nr_polls; /* all EAGAINs */
	uint64_t cpu_ns;   /* the reader's own, for all of it */
	/* the instants of the read to come */
	uint64_t asked_ns, told_ns;
	unsigned int polls;
	uint64_t message;
};

struct lab_model {
	const char *name;
	const char *help;
	bool nonblock; /* O_NONBLOCK on the socket */
	/* Prepares the socket once; 0 or -errno. May be NULL. */
	int (*setup)(struct lab *lab);
	/* Waits, in the model's way, until a read makes sense. May be NULL. */
	int (*wait)(struct lab *lab);
	/* Reads, where it is not recv(). As recv(), into lab->buffer. */
	ssize_t (*recv)(struct lab *lab, size_t max, int flags);
	bool drain;  /* reads on to EAGAIN after each message */
	bool signal; /* wanted from one read to the next */
};

int lab_setup_uring(struct lab *lab);
ssize_t lab_recv_uring(struct lab *lab, size_t max, int flags);
ssize_t lab_recv_aio(struct lab *lab, size_t max, int flags);

extern const struct lab_model lab_models[];
extern const int lab_nr_models;

uint64_t lab_clock(clockid_t clock); /* in ns */
uint64_t lab_now(void);		     /* CLOCK_MONOTONIC */
void lab_sleep_us(uint64_t us);
void lab_spin_ms(uint64_t ms);

/* Prints one line on standard error and ends with status 1. */
void lab_die(const char *fmt, ...) __attribute__((format(printf, 1, 2), noreturn));
/* The same for what was typed, with status 2. */
void lab_bad_usage(const char *fmt, const char *what) __attribute__((noreturn));

/*
 * The peer: a process of its own that sends a message each time it is asked
 * to, after the delay. No socket but the measured one is ever read.
 */
struct peer;
struct peer *peer_start(const struct lab_options *o, int fds[2]);
void peer_send(struct peer *p, uint64_t message);
/* When it sent the message; waits until it has. */
void peer_times(struct peer *p, uint64_t message, uint64_t *begin, uint64_t *end);
void peer_end(struct peer *p);

/* A connected pair on loopback: fds[0] reads, fds[1] sends. */
void peer_connect(const char *proto, int fds[2], bool *stream);

void report(const struct lab *lab, struct peer *p);

/* A way to send a file. */
struct transfer;
struct lab_way {
	const char *name;
	const char *path; /* as iophase zerocopy calls it */
	const char *help;
	void (*send)(struct transfer *t);
};

extern const struct lab_way lab_ways[];
extern const int lab_nr_ways;

/* Returns an exit status. */
int transfer_run(const struct lab_options *o);

/* iophase-lab scan. Returns an exit status. */
int scan_run(const struct lab_options *o);

#endif
