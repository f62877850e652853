/* SPDX-License-Identifier: GPL-2.0-only */
/* What the cases of zerocopy have in common, and where each is. */
#ifndef TESTS_VM_ZEROCOPY_H
#define TESTS_VM_ZEROCOPY_H

#include <arpa/inet.h>
#include <fcntl.h>
#include <liburing.h>
#include <linux/errqueue.h>
#include <linux/ethtool.h>
#include <linux/sched.h>
#include <linux/sockios.h>
#include <linux/tcp.h>
#include <net/if.h>
#include <netinet/udp.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/sendfile.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>

#include "../program.h"

#ifndef IORING_SEND_ZC_REPORT_USAGE
#define IORING_SEND_ZC_REPORT_USAGE (1U << 3)
#endif
#ifndef IORING_NOTIF_USAGE_ZC_COPIED
#define IORING_NOTIF_USAGE_ZC_COPIED (1U << 31)
#endif

#define PAGE 4096
#define MAX_BYTES (1 << 20)
#define UNKNOWN (-1L)

struct row {
	const char *path;
	long calls, bytes, copied, moved, fell, failed;
	const char *cause; /* of what fell back */
};

/* What main() sets. */
extern char *data; /* to be sent, page aligned */
extern char buf[MAX_BYTES];
extern const char *address, *netns;

/* --- rows.c: what the program knows of its calls --- */

extern struct row rows[];

struct row *row_of(const char *path);
ssize_t count(struct row *r, ssize_t n, bool copied);
ssize_t copied(const char *path, ssize_t n);
ssize_t moved(const char *path, ssize_t n);
void say(void);
ssize_t fell_back(const char *path, const char *cause, ssize_t n);

/* --- sides.c: both ends of a connection, in two processes --- */

typedef void (*side_fn)(int fd);

/* How the sides tell each other to go on. */
extern int turns[2][2];

void enter_netns(void);
int open_receiver(int type, int *port);
int open_sender(int type, int port);
void go_on(int side);
void await(int side);
void run_sides(int type, side_fn sends, side_fn receives);
void run_unix(int type, side_fn sends, side_fn receives);

/* --- copies.c: what is copied both ways --- */

#define NR_SENDS 20

void send_some(int fd);
void recv_all(int fd);
void send_datagrams(int fd);
void recv_datagrams(int fd);
void send_batch(int fd);
void recv_batch(int fd);
void recv_oddly(int fd);

/* --- files.c: sendfile() and splice(): files, pages and pipes --- */

#define FILE_BYTES 300000

int open_file(const char *dir);
void send_file(int fd);
void send_made_file(int fd);
void send_direct(int fd);
void send_direct_tmpfs(int fd);
void send_file_copied(int fd);
void recv_file(int fd);
void splice_file(int fd);
void vmsplice_all(int fd);
void vmsplice_odd(int fd);
void splice_all(int fd);
void splice_unix(int fd);
void splice_datagrams(int fd);
void sendfile_all(int fd);
void sendfile_unix(int fd);
void sendfile_datagrams(int fd);

/* --- sends.c: MSG_ZEROCOPY --- */

/* Sends of this process, which has one socket for them, by the kernel's numbers. */
#define MAX_SENDS 4096
extern size_t sent[MAX_SENDS];
extern uint32_t nr_sent;

void allow_zerocopy(int fd);
int read_notifications(int fd, struct row *r);
ssize_t send_one(int fd, struct row *r, size_t size);
void send_zerocopy(int fd, int nr, size_t size);
void zerocopy_sends(int fd);
void zerocopy_sends_unread(int fd);
void zerocopy_sends_unasked(int fd);
void zerocopy_datagrams(int fd);
void drain_until_told(int fd);
void run_dropped(void);
void run_small(void);
void run_no_scatter_gather(void);

/* --- uring.c: io_uring: zero copy both ways, and what it does as the system calls do --- */

void uring_send_zc(int fd);
void uring_sendmsg_zc(int fd);
void uring_batches(int fd);
void recv_uring(int fd);
void send_by_uring(int fd);
void recv_by_uring(int fd);
void run_uring_dropped(void);
void recv_uring_slowly(int fd);

/* --- receives.c: TCP_ZEROCOPY_RECEIVE --- */

#define NR_POLLED_PAGES 4 /* of one segment, however small the window is */

void send_pages(int fd);
void map_all(int fd);
void send_slowly(int fd);
void send_pages_slowly(int fd);
void map_polled(int fd);

/* --- failures.c: what goes wrong: calls are interrupted, sockets are full or closed --- */

void splice_interrupted(int fd);
void send_in_parts(int fd);
void send_until_full(int fd);
void recv_when_full(int fd);
void send_until_closed(int fd);
void splice_until_closed(int fd);
void send_zerocopy_until_closed(int fd);
void send_uring_until_closed(int fd);
void splice_to_closed(int fd);
void recv_a_little(int fd);

/* --- unplugged.c: senders that die, and an other end that is there no more --- */

void run_killed(void);
void run_timed_out(void);
void run_killed_at_once(void);
void run_killed_by_uring(void);
void run_killed_slowly(void);

/* --- crowds.c: many at once: some that sleep, some that share iophase's entry --- */

void run_asleep(void);
void run_asleep_batch(void);
void run_same_entry(void);

#endif
