// SPDX-License-Identifier: GPL-2.0-only
/* What holds a read up inside: page faults, another's lock. */
#include "edge_cases.h"

#define PAGE 4096

/* A page whose first touch lasts until it is served. */
static struct {
	int fd;
	char *page;
} slow;

static void slow_page(void)
{
	struct uffdio_api api = { .api = UFFD_API };
	struct uffdio_register reg = { .mode = UFFDIO_REGISTER_MODE_MISSING };

	slow.page = mmap(NULL, PAGE, PROT_READ | PROT_WRITE,
			 MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	CHECK((slow.fd = syscall(SYS_userfaultfd, O_CLOEXEC)) >= 0);
	CHECK(!ioctl(slow.fd, UFFDIO_API, &api));
	reg.range.start = (unsigned long)slow.page;
	reg.range.len = PAGE;
	CHECK(!ioctl(slow.fd, UFFDIO_REGISTER, &reg));
}

/* A step after it is touched. */
static void *serve_page(void *arg)
{
	struct uffdio_zeropage zero = { .range = { (unsigned long)slow.page, PAGE } };
	struct uffd_msg m;

	(void)arg;
	CHECK(read(slow.fd, &m, sizeof(m)) == sizeof(m));
	step();
	CHECK(!ioctl(slow.fd, UFFDIO_ZEROPAGE, &zero));
	return NULL;
}

void faulting(void)
{
	pthread_t server;

	loopback(SOCK_STREAM);
	slow_page();
	CHECK(!pthread_create(&server, NULL, serve_page, NULL));
	ACTS(SEND);
	truth(fds[0], "read", read(fds[0], slow.page, 64), "blocking", "-", 1);
	pthread_join(server, NULL);
}

/* Two reads into the same memory: from swap, and there already. */
void paged_out(void)
{
	static const size_t len = 8 * PAGE;
	struct rusage before, after;
	char *mem = mmap(NULL, len, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS,
			 -1, 0);

	loopback(SOCK_STREAM);
	memset(mem, 1, len);
	CHECK(!madvise(mem, len, MADV_PAGEOUT));
	for (int i = 0; i < 2; i++) {
		CHECK(send(fds[1], buf, len, 0) == (ssize_t)len);
		getrusage(RUSAGE_SELF, &before);
		truth(fds[0], "recvfrom", recv(fds[0], mem, len, MSG_WAITALL),
		      "blocking", "-", 0);
		getrusage(RUSAGE_SELF, &after);
		CHECK((after.ru_majflt > before.ru_majflt) == !i);
	}
}

static void *send_slowly(void *arg)
{
	(void)arg;
	CHECK(send(fds[0], slow.page, 64, 0) == 64);
	return NULL;
}

/* Another thread holds the socket's lock, in the middle of its own copy. */
void locked(void)
{
	pthread_t server, sender;

	loopback(SOCK_STREAM);
	slow_page();
	CHECK(!pthread_create(&server, NULL, serve_page, NULL));
	ACTS(SEND);
	pthread_join(actor, NULL);
	actor = 0;
	CHECK(!pthread_create(&sender, NULL, send_slowly, NULL));
	sched_yield();
	usleep(STEP_MS * 1000 / 4);
	receive(64, 0, "-", 0);
	pthread_join(sender, NULL);
	pthread_join(server, NULL);
}
