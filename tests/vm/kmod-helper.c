// SPDX-License-Identifier: GPL-2.0-only
/*
 * What the module's tests need of C: processes of all kinds, readers in all
 * ways. "kmod-helper COMMAND ARGS"; see the table at the end.
 */
#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <link.h>
#include <linux/capability.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define TEXT_MAX (4 << 20)

static void die(const char *what)
{
	perror(what);
	exit(1);
}

static void ready(void)
{
	puts("ready");
	fflush(stdout);
}

static _Noreturn void stay(void)
{
	for (;;)
		pause();
}

static pid_t fork_child(void)
{
	pid_t pid = fork();

	if (pid < 0)
		die("fork");
	if (!pid)
		prctl(PR_SET_PDEATHSIG, SIGKILL);
	return pid;
}

/* --- processes ---------------------------------------------------------------- */

static int crowd(char **args)
{
	for (int n = atoi(args[0]); n > 0; n--) {
		if (!fork_child())
			stay();
	}
	ready();
	stay();
}

/* Children that end at once, some of them after an exec. */
static int churn(char **args)
{
	time_t end = time(NULL) + atoi(args[0]);
	unsigned long n;

	for (n = 0; time(NULL) < end; n++) {
		pid_t pid = fork_child();

		if (!pid && n % 4 == 0)
			execl("/proc/self/exe", "kmod-helper", "nothing", NULL);
		if (!pid)
			_exit(0);
		waitpid(pid, NULL, 0);
	}
	printf("%lu processes\n", n);
	return 0;
}

static int nothing(char **args)
{
	(void)args;
	return 0;
}

#ifdef SYS_modify_ldt
/* With a local descriptor table of its own. */
static int ldt(char **args)
{
	unsigned int entry[4] = { 0, 0, 0xfffff, 0x51 };

	(void)args;
	if (syscall(SYS_modify_ldt, 1, entry, sizeof(entry)))
		die("modify_ldt");
	ready();
	stay();
}
#endif

static void *stay_on(void *arg)
{
	sleep(1); /* until the first thread has gone */
	ready();
	stay();
	return arg;
}

static int first_thread_ends(char **args)
{
	pthread_t thread;

	(void)args;
	if (pthread_create(&thread, NULL, stay_on, NULL))
		die("pthread_create");
	syscall(SYS_exit, 0);
	return 1;
}

static int zombie(char **args)
{
	pid_t pid = fork_child();

	(void)args;
	if (!pid)
		_exit(0);
	siginfo_t info;

	waitid(P_PID, pid, &info, WEXITED | WNOWAIT);
	printf("%d\n", pid);
	fflush(stdout);
	stay();
}

/* --- rights ------------------------------------------------------------------------ */

static void set_capability(int cap, bool on)
{
	struct __user_cap_header_struct header = { _LINUX_CAPABILITY_VERSION_3, 0 };
	struct __user_cap_data_struct data[2];

	if (syscall(SYS_capget, &header, data))
		die("capget");
	if (on)
		data[cap / 32].effective |= 1U << cap % 32;
	else
		data[cap / 32].effective &= ~(1U << cap % 32);
	if (syscall(SYS_capset, &header, data))
		die("capset");
}

static int copy_out(int fd)
{
	char buf[4096];
	ssize_t n;

	while ((n = read(fd, buf, sizeof(buf))) > 0)
		fwrite(buf, 1, n, stdout);
	if (n < 0)
		die("read");
	return 0;
}

/* The opener has not CAP, the reader has. */
static int opened_without(char **args)
{
	int fd;

	set_capability(atoi(args[0]), false);
	fd = open(args[1], O_RDONLY);
	if (fd < 0)
		die("open");
	set_capability(atoi(args[0]), true);
	return copy_out(fd);
}

/* The opener is root, the reader nobody. */
static int read_by_nobody(char **args)
{
	int fd = open(args[0], O_RDONLY);

	if (fd < 0)
		die("open");
	if (setgid(65534) || setuid(65534))
		die("setuid");
	return copy_out(fd);
}

static int as(char **args)
{
	int id = atoi(args[0]);

	if (setgroups(0, NULL) || setgid(id) || setuid(id))
		die("setuid");
	execvp(args[1], args + 1);
	die(args[1]);
	return 1;
}

static void write_to(int dir, const char *path, const char *text)
{
	int fd = openat(dir, path, O_WRONLY);

	if (fd < 0 || write(fd, text, strlen(text)) < 0)
		die(path);
	close(fd);
}

/* There are no user namespaces in a chroot, where the VM's init has put us. */
static void leave_chroot(void)
{
	char dir[] = "/tmp/kmod-helper.XXXXXX";

	if (!mkdtemp(dir) || chroot(dir))
		die("chroot");
	for (int i = 0; i < 50; i++)
		(void)!chdir("..");
	if (chroot("."))
		die("chroot");
}

/* Root that root made, in a user namespace: even the same number. */
static int userns_root(char **args)
{
	int proc = open("/proc", O_PATH);

	leave_chroot();
	if (unshare(CLONE_NEWUSER))
		die("unshare");
	write_to(proc, "self/setgroups", "deny");
	write_to(proc, "self/uid_map", "0 0 1");
	write_to(proc, "self/gid_map", "0 0 1");
	puts(openat(proc, args[0], O_RDONLY) < 0 ? strerror(errno) : "opened");
	return 0;
}

/* --- readers ------------------------------------------------------------------------- */

static bool gone(int err)
{
	return err == ENOENT || err == EIO || err == ENODEV || err == EINVAL;
}

/* Reads in pieces of up to `most`; -1 if the module went away meanwhile. */
static ssize_t read_pieces(int fd, char *text, size_t most)
{
	size_t len = 0;
	ssize_t n;

	do {
		n = read(fd, text + len, 1 + rand() % most);
		if (n < 0 && gone(errno))
			return -1;
		if (n < 0)
			die("read");
		len += n;
	} while (n > 0 && len < TEXT_MAX - most);
	text[len] = 0;
	return len;
}

/* Numbers ascend and lines are whole, if this is a list of processes. */
static bool plausible(char *text)
{
	long last = 0, pid;
	char *line, *next;

	if (text[strlen(text) - 1] != '\n')
		return false;
	if (strncmp(text, "PID ", 4))
		return strchr(text, ':');
	for (line = strchr(text, '\n') + 1; *line; line = next) {
		int fields = 1;

		next = strchr(line, '\n') + 1;
		for (char *c = line; c < next; c++)
			fields += *c == ' ';
		pid = strtol(line, NULL, 10);
		if (fields != 11 || pid <= last)
			return false;
		last = pid;
	}
	return last > 0;
}

/* Reads FILE in all ways for SECONDS. */
static int hammer(char **args)
{
	time_t end = time(NULL) + atoi(args[0]);
	char *text = malloc(TEXT_MAX);
	unsigned long good = 0, bad = 0, away = 0;

	srand(getpid());
	while (time(NULL) < end) {
		int fd = open(args[1], O_RDONLY);
		ssize_t n = fd < 0 ? -1 : read_pieces(fd, text, rand() % 2 ? 8192 : 100);

		if (fd < 0 && !gone(errno))
			die("open");
		if (n < 0) {
			away++;
		} else if (n == 0 || !plausible(text)) {
			bad++;
		} else {
			good++;
			/* again, from somewhere */
			if (lseek(fd, rand() % n, SEEK_SET) >= 0)
				(void)!read(fd, text, 50);
			(void)!pread(fd, text, 200, rand() % (2 * n));
		}
		if (fd >= 0)
			close(fd);
	}
	printf("%lu good, %lu bad, %lu away\n", good, bad, away);
	return bad > 0;
}

/* FILE read byte by byte is FILE read at once, and again after a seek. */
static int same_in_pieces(char **args)
{
	char *whole = malloc(TEXT_MAX), *pieces = malloc(TEXT_MAX);
	int fd = open(args[0], O_RDONLY);
	bool same;

	if (fd < 0)
		die("open");
	read_pieces(fd, whole, 65536);
	lseek(fd, 0, SEEK_SET);
	read_pieces(fd, pieces, 1);
	same = !strcmp(whole, pieces);
	for (size_t at = 0; at < strlen(whole) && same; at += 37) {
		ssize_t n = pread(fd, pieces, 37, at);

		same = n > 0 && !memcmp(pieces, whole + at, n);
	}
	puts(same ? "same" : "differs");
	return !same;
}

/* The kernel's own list of what can be read of its memory. */
static int kcore(char **args)
{
	int fd = open("/proc/kcore", O_RDONLY);
	ElfW(Ehdr) e;
	ElfW(Phdr) p;

	(void)args;
	if (fd < 0 || read(fd, &e, sizeof(e)) != sizeof(e))
		die("kcore");
	for (int i = 0; i < e.e_phnum; i++) {
		if (pread(fd, &p, sizeof(p), e.e_phoff + i * sizeof(p)) != sizeof(p))
			die("/proc/kcore");
		if (p.p_type == PT_LOAD)
			printf("0x%lx 0x%lx\n", (long)p.p_vaddr,
			       (long)(p.p_vaddr + p.p_memsz - 1));
	}
	return 0;
}

static const struct {
	const char *name;
	int args;
	int (*run)(char **args);
} commands[] = {
	{ "crowd", 1, crowd }, /* N processes */
	{ "churn", 1, churn }, /* for SECONDS */
	{ "nothing", 0, nothing },
#ifdef SYS_modify_ldt
	{ "ldt", 0, ldt },
#endif
	{ "first-thread-ends", 0, first_thread_ends },
	{ "zombie", 0, zombie },
	{ "as", -1, as },			 /* UID COMMAND ARGS */
	{ "opened-without", 2, opened_without }, /* CAP FILE */
	{ "read-by-nobody", 1, read_by_nobody }, /* FILE */
	{ "userns-root", 1, userns_root },	 /* FILE in /proc */
	{ "hammer", 2, hammer },		 /* SECONDS FILE */
	{ "same-in-pieces", 1, same_in_pieces }, /* FILE */
	{ "kcore", 0, kcore },
};

int main(int argc, char **argv)
{
	for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++)
		if (argc > 1 && !strcmp(argv[1], commands[i].name) &&
		    (commands[i].args < 0 ? argc > 3 : argc - 2 == commands[i].args))
			return commands[i].run(argv + 2);
	fprintf(stderr, "kmod-helper: no such command, see its source\n");
	return 2;
}
