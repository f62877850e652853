// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <limits.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lab.h"

#define DEADLINE_S 300

enum kind {
	NUMBER,
	TEXT,
	SWITCH,
};

/* One row an option: parsing and --help come from here. */
static const struct row {
	const char *name;
	const char *arg;
	enum kind kind;
	size_t offset;
	uint64_t min, max;
	const char *help;
} rows[] = {
#define OPT(field) offsetof(struct lab_options, field)
	{ "delay", "MS", NUMBER, OPT(delay_ms), 0, 60000,
	  "the peer sends that long after it is asked (default 1)" },
	{ "size", "BYTES", NUMBER, OPT(size), 1, 16 << 20,
	  "of each message (default 64), or of each call's part of a file (65536)" },
	{ "megabytes", "N", NUMBER, OPT(megabytes), 1, 1000, "of a file (default 8)" },
	{ "count", "N", NUMBER, OPT(count), 1, 1000000, "messages (default 10)" },
	{ "proto", "P", TEXT, OPT(proto), 0, 0,
	  "tcp (default), udp, tcp6, udp6, unix, unix-dgram, unix-seqpacket" },
	{ "interval", "US", NUMBER, OPT(interval_us), 0, 1000000,
	  "nonblocking: between polls (default 200)" },
	{ "late", "MS", NUMBER, OPT(late_ms), 0, 60000,
	  "ask only that long after the data was sent" },
	{ "handler", "MS", NUMBER, OPT(handler_ms), 0, 60000,
	  "the event loop is busy for that long before it reads" },
	{ "hog", "MS", NUMBER, OPT(hog_ms), 0, 500,
	  "the peer keeps its CPU for that long after it has sent, SCHED_FIFO" },
	{ "partial", "BYTES", NUMBER, OPT(partial), 1, 16 << 20,
	  "take at most that much with one read" },
	{ "fresh", NULL, SWITCH, OPT(fresh), 0, 0,
	  "read into memory that was never touched" },
	{ "hammer", NULL, SWITCH, OPT(hammer), 0, 0,
	  "a second thread keeps taking the socket's lock" },
	{ "waitall", NULL, SWITCH, OPT(waitall), 0, 0, "MSG_WAITALL" },
	{ "rtsig", NULL, SWITCH, OPT(rtsig), 0, 0,
	  "sigio: a real-time signal by F_SETSIG" },
	{ "eof", NULL, SWITCH, OPT(eof), 0, 0, "read the end of the stream, too" },
	{ "json", NULL, SWITCH, OPT(json), 0, 0, "one JSON object a line" },
	{ "quiet", NULL, SWITCH, OPT(quiet), 0, 0, "say nothing" },
	{ "svg", "FILE", TEXT, OPT(svg), 0, 0, "scan: its curves, as a picture" },
	{ "figure", NULL, SWITCH, OPT(figure), 0, 0,
	  "run, and be drawn, by iophase figure" },
};

#define NR_ROWS (sizeof(rows) / sizeof(rows[0]))

static void help(void)
{
	char left[32];

	puts("iophase-lab: one I/O model against a peer of its own on loopback\n\n"
	     "Usage: iophase-lab MODEL [OPTIONS]\n\nModels:");
	for (int i = 0; i < lab_nr_models; i++)
		printf("  %-20s %s\n", lab_models[i].name, lab_models[i].help);
	printf("  %-20s %s\n", "all", "each of them, one after the other");
	printf("  %-20s %s\n", "scan",
	       "what select, poll and epoll cost: one ready of 10 to 10,000");
	for (int i = 0; i < lab_nr_ways; i++)
		printf("  %-20s %s\n", lab_ways[i].name, lab_ways[i].help);
	puts("\nOptions:");
	for (size_t i = 0; i < NR_ROWS; i++) {
		snprintf(left, sizeof(left), "--%s%s%s", rows[i].name,
			 rows[i].arg ? "=" : "", rows[i].arg ? rows[i].arg : "");
		printf("  %-20s %s\n", left, rows[i].help);
	}
	puts("\nTimes are CLOCK_MONOTONIC. Exit status: 0 done, 1 failed, 2 wrong "
	     "usage.");
	exit(0);
}

static void set(struct lab_options *o, const struct row *row, const char *arg)
{
	void *field = (char *)o + row->offset;
	unsigned long long n;
	char *end;

	if (row->kind == SWITCH) {
		*(bool *)field = true;
		return;
	}
	if (row->kind == TEXT) {
		*(const char **)field = arg;
		return;
	}
	errno = 0;
	n = strtoull(arg, &end, 10);
	if (arg[0] < '0' || arg[0] > '9' || *end || errno || n < row->min ||
	    n > row->max) {
		fprintf(stderr, "iophase-lab: --%s is %llu to %llu, not '%s'\n",
			row->name, (unsigned long long)row->min,
			(unsigned long long)row->max, arg);
		exit(2);
	}
	*(uint64_t *)field = n;
}

static void parse(struct lab_options *o, int argc, char **argv)
{
	struct option longs[NR_ROWS + 3] = {};
	int c;

	for (size_t i = 0; i < NR_ROWS; i++)
		longs[i] = (struct option){ .name = rows[i].name,
					    .has_arg = !!rows[i].arg,
					    .val = 256 + i };
	longs[NR_ROWS] = (struct option){ .name = "help", .val = 'h' };
	longs[NR_ROWS + 1] = (struct option){ .name = "version", .val = 'V' };
	opterr = 0;
	while ((c = getopt_long(argc, argv, ":hV", longs, NULL)) != -1) {
		if (c == 'h')
			help();
		if (c == 'V') {
			puts("iophase-lab " IOPHASE_VERSION);
			exit(0);
		}
		if (c == ':')
			lab_bad_usage("%s needs a value", argv[optind - 1]);
		if (c < 256)
			lab_bad_usage("no option '%s'", argv[optind - 1]);
		set(o, &rows[c - 256], optarg);
	}
	if (!argv[optind])
		lab_bad_usage("which model?%s", "");
	for (int i = 0; i < lab_nr_models; i++)
		if (!strcmp(lab_models[i].name, argv[optind]))
			o->model = &lab_models[i];
	for (int i = 0; i < lab_nr_ways; i++)
		if (!strcmp(lab_ways[i].name, argv[optind]))
			o->way = &lab_ways[i];
	o->all = !strcmp(argv[optind], "all");
	o->scan = !strcmp(argv[optind], "scan");
	if (!o->model && !o->way && !o->all && !o->scan)
		lab_bad_usage("no model '%s'", argv[optind]);
	if (argv[optind + 1])
		lab_bad_usage("what is '%s'?", argv[optind + 1]);
	if (!o->size)
		o->size = o->way ? 65536 : 64;
}

/* --- reading ----------------------------------------------------------------- */

static void note_read(struct lab *lab, const struct lab_read *r)
{
	if (!(lab->nr_reads & (lab->nr_reads - 1)))
		lab->reads = reallocarray(lab->reads,
					  lab->nr_reads ? 2 * lab->nr_reads : 1,
					  sizeof(*r));
	lab->reads[lab->nr_reads++] = *r;
}

/* Its pages are gone: the next touch faults. */
static void forget_buffer(struct lab *lab)
{
	if (madvise(lab->buffer, lab->options.size, MADV_DONTNEED))
		lab_die("madvise: %s", strerror(errno));
}

static void *hammer(void *arg)
{
	const struct lab *lab = arg;
	int one = 1;

	for (;;)
		setsockopt(lab->fd, SOL_SOCKET, SO_KEEPALIVE, &one, sizeof(one));
	return NULL;
}

/* One read call; returns bytes, or -1 for EAGAIN. */
static int64_t read_once(struct lab *lab, size_t max)
{
	int flags = lab->options.waitall ? MSG_WAITALL : 0;
	const struct lab_model *m = lab->options.model;
	struct lab_read r = {};
	ssize_t n;

	if (lab->options.fresh)
		forget_buffer(lab);
	r.called_ns = lab_now();
	n = m->recv ? m->recv(lab, max, flags) : recv(lab->fd, lab->buffer, max, flags);

	r.returned_ns = lab_now();
	if (!lab->asked_ns)
		lab->asked_ns = r.called_ns;
	if (n < 0 && errno == EAGAIN) {
		lab->polls++;
		lab->nr_polls++;
		return -1;
	}
	if (n < 0)
		lab_die("recv: %s", strerror(errno));
	r.asked_ns = lab->asked_ns;
	r.told_ns = lab->told_ns;
	r.message = lab->message;
	r.bytes = n;
	r.polls = lab->polls;
	note_read(lab, &r);
	lab->told_ns = 0;
	lab->polls = 0;
	/* a signal is wanted from the moment that the socket is drained */
	lab->asked_ns = m->signal ? r.returned_ns : 0;
	return n;
}

/* Waits in the model's way, then reads until EAGAIN or just once. */
static uint64_t wait_and_read(struct lab *lab, uint64_t max)
{
	const struct lab_model *m = lab->options.model;
	uint64_t got = 0;
	int64_t n;
	int err;

	do {
		err = m->wait ? m->wait(lab) : 0;
		if (err)
			lab_die("%s: %s", m->name, strerror(-err));
		lab_spin_ms(lab->options.handler_ms);
		do {
			n = read_once(lab, max);
			got += n > 0 ? n : 0;
		} while (m->drain && n > 0);
	} while (n < 0 && !got);
	return got;
}

static void read_message(struct lab *lab)
{
	uint64_t got = 0, size = lab->options.size;
	uint64_t max = lab->options.partial ? lab->options.partial : size;

	while (got < size) {
		uint64_t left = size - got;

		got += wait_and_read(lab, lab->stream && left < max ? left : max);
		if (!lab->stream)
			break; /* a datagram is all there is */
	}
}

static void run(struct lab *lab, struct peer *p)
{
	const struct lab_options *o = &lab->options;
	uint64_t begin, end, cpu = lab_clock(CLOCK_PROCESS_CPUTIME_ID);

	for (uint64_t i = 0; i < o->count; i++) {
		lab->message = i;
		peer_send(p, i);
		if (o->late_ms) {
			peer_times(p, i, &begin, &end);
			lab_sleep_us(o->late_ms * 1000);
		}
		read_message(lab);
	}
	lab->message = UINT64_MAX;
	if (o->eof) {
		peer_end(p);
		wait_and_read(lab, 1);
	}
	lab->cpu_ns = lab_clock(CLOCK_PROCESS_CPUTIME_ID) - cpu;
}

static void too_long(int sig)
{
	static const char words[] = "iophase-lab: no end after 300 s\n";

	(void)sig;
	if (write(2, words, sizeof(words) - 1))
		_exit(1);
	_exit(1);
}

static int run_model(const struct lab_options *o)
{
	struct lab lab = { .options = *o };
	pthread_t thread;
	struct peer *p;
	int fds[2], err;

	signal(SIGALRM, too_long);
	alarm(DEADLINE_S);
	peer_connect(o->proto, fds, &lab.stream);
	if (o->eof && !lab.stream)
		lab_bad_usage("--eof needs a stream, %s is none", o->proto);
	lab.fd = fds[0];
	lab.buffer = mmap(NULL, o->size, PROT_READ | PROT_WRITE,
			  MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (lab.buffer == MAP_FAILED)
		lab_die("no memory: %s", strerror(errno));
	memset(lab.buffer, 0, o->size);
	p = peer_start(o, fds);
	if (o->model->nonblock && fcntl(lab.fd, F_SETFL, O_NONBLOCK))
		lab_die("O_NONBLOCK: %s", strerror(errno));
	err = o->model->setup ? o->model->setup(&lab) : 0;
	if (err)
		lab_die("%s: %s", o->model->name, strerror(-err));
	if (o->hammer && pthread_create(&thread, NULL, hammer, &lab))
		lab_die("cannot start a thread");
	run(&lab, p);
	report(&lab, p);
	if (!o->eof)
		peer_end(p);
	return 0;
}

/* In a process each: what one leaves behind (signals, rings) is not the next one's. */
static int run_all(struct lab_options *o)
{
	int status = 0, result;

	for (int i = 0; i < lab_nr_models; i++) {
		pid_t pid;

		o->model = &lab_models[i];
		if (!o->quiet && !o->json)
			printf("%s\n", o->model->name);
		fflush(stdout);
		pid = fork();
		if (pid < 0)
			lab_die("fork: %s", strerror(errno));
		if (!pid)
			exit(run_model(o));
		waitpid(pid, &result, 0);
		if (result)
			status = 1;
	}
	return status;
}

/* iophase as it was installed, or built, with this program; else that of PATH. */
static const char *find_iophase(const char *self)
{
	static char path[PATH_MAX + 16];
	const char *end = strrchr(self, '/');

	snprintf(path, sizeof(path), "%.*s/iophase", (int)(end - self), self);
	return access(path, X_OK) ? "iophase" : path;
}

/* As getopt_long() takes it: as much of it as no other option begins with. */
static bool is_figure(const char *word)
{
	size_t length = strlen(word);

	return length > 3 && !strncmp("--figure", word, length);
}

/* The same words below "iophase figure all --", which draws what this would say. */
static void run_figure(int argc, char **argv)
{
	const char **words = calloc(argc + 6, sizeof(*words));
	static char self[PATH_MAX];
	int n = 0;

	if (!words || readlink("/proc/self/exe", self, sizeof(self) - 1) <= 0)
		lab_die("cannot find this program: %s", strerror(errno));
	words[n++] = "iophase";
	words[n++] = "figure";
	words[n++] = "all";
	words[n++] = "--";
	words[n++] = self;
	words[n++] = "--quiet";
	for (int i = 1; i < argc; i++)
		if (!is_figure(argv[i]))
			words[n++] = argv[i];
	execvp(find_iophase(self), (char **)words);
	lab_die("cannot run iophase: %s", strerror(errno));
}

int main(int argc, char **argv)
{
	struct lab_options o = { .delay_ms = 1,
				 .megabytes = 8,
				 .count = 10,
				 .proto = "tcp",
				 .interval_us = 200 };

	parse(&o, argc, argv);
	if (o.scan)
		return scan_run(&o);
	if (o.figure)
		run_figure(argc, argv);
	if (o.way)
		return transfer_run(&o);
	return o.all ? run_all(&o) : run_model(&o);
}
