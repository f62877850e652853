// SPDX-License-Identifier: GPL-2.0-only
/* Figures of reads that no recording has: calls by name, odd names, lost phases. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>

#include "figure.h"
#include "figure_draw.h"
#include "picture.h"
#include "util.h"

#include <cmocka.h>

static struct phase_limits limits;
static char drawn[16384];

static struct iop_read_record read_of(enum iop_model model, __u32 call, const char *comm)
{
	struct iop_read_record r = {
		.type = IOP_REC_READ,
		.model = model,
		.syscall = call,
		.ret = 64,
		.phase_ns = { 1000000, 2000, 30000, 400, 50 },
	};

	snprintf(r.comm, sizeof(r.comm), "%s", comm);
	return r;
}

static struct figure *figure_new(void)
{
	struct figure *f = xcalloc(1, sizeof(*f));

	limits = (struct phase_limits){};
	f->limits = &limits;
	return f;
}

static void add(struct figure *f, struct iop_read_record r, int times)
{
	while (times--)
		figure_add(f, &r);
}

static const char *rendered(struct picture *p, bool svg)
{
	FILE *out = fmemopen(drawn, sizeof(drawn), "w");

	if (svg)
		picture_svg(p, out, "a title");
	else
		picture_text(p, out, CHARSET_ASCII);
	fclose(out);
	picture_free(p);
	return drawn;
}

static const char *draw(struct figure *f, enum iop_model model, bool svg)
{
	struct picture p = {};

	figure_finish(f);
	figure_draw(&p, 0, f, model);
	return rendered(&p, svg);
}

#define SAYS(text, part) assert_non_null(strstr(text, part))
#define SAYS_NOT(text, part) assert_null(strstr(text, part))

/* The arrow has the call that was made most; the others are named. */
static void calls_have_their_names(void **state)
{
	struct figure *f = figure_new();
	const char *text;

	(void)state;
	add(f, read_of(IOP_MULTIPLEXED, SYS_read, "nginx"), 2);
	add(f, read_of(IOP_MULTIPLEXED, SYS_recvmsg, "redis"), 3);
	text = draw(f, IOP_MULTIPLEXED, false);
	SAYS(text, "5 reads by redis, nginx, 320B\n");
	SAYS(text, "read calls: recvmsg, read\n");
	SAYS(text, "recvmsg ----- system call -----> copy data");
	SAYS(text, " blocked in / recvmsg");
	SAYS_NOT(text, "read call ");
	SAYS(text, "wait call ");
	figure_add_wait(f, IOP_MULTIPLEXED, "poll");
	text = draw(f, IOP_MULTIPLEXED, false);
	SAYS(text, "blocked in / poll --");
	SAYS_NOT(text, "wait call");
	free(f);
}

/* Another model's reads are not in its times. */
static void times_are_of_the_model_alone(void **state)
{
	struct iop_read_record slow = read_of(IOP_BLOCKING, SYS_read, "x");
	struct figure *f = figure_new();
	const char *text;

	(void)state;
	slow.phase_ns[IOP_WAIT] = 7000000000ull;
	add(f, slow, 1);
	add(f, read_of(IOP_ASYNC, SYS_io_uring_enter, "y"), 1);
	text = draw(f, IOP_ASYNC, false);
	SAYS(text, "1 read by y, 64B\n");
	SAYS(text, "io_uring ----- submission -----> no data ready");
	SAYS(text, "p50 1.00m");
	SAYS_NOT(text, "s\n");
	free(f);
}

/* EAGAINs that nobody got have no arrows. */
static void only_what_happened_is_drawn(void **state)
{
	struct iop_read_record r = read_of(IOP_NONBLOCKING, SYS_recvfrom, "x");
	struct figure *f = figure_new();

	(void)state;
	add(f, r, 1);
	SAYS_NOT(draw(f, IOP_NONBLOCKING, false), "EAGAIN");
	r.polls = 2;
	add(f, r, 1);
	SAYS(draw(f, IOP_NONBLOCKING, false), "EAGAIN --");
	SAYS(drawn, "2 EAGAINs before them");
	free(f);
	f = figure_new();
	r = read_of(IOP_BLOCKING, SYS_recvfrom, "x");
	r.phase_ns[IOP_DISPATCH] = 0;
	add(f, r, 1);
	SAYS_NOT(draw(f, IOP_BLOCKING, false), "dispatch");
	r.phase_ns[IOP_DISPATCH] = 1000;
	add(f, r, 1);
	SAYS(draw(f, IOP_BLOCKING, false), "dispatch");
	free(f);
}

/* What failed or was unseen counts as a read, and has no times. */
static void reads_without_times(void **state)
{
	struct iop_read_record r = read_of(IOP_BLOCKING, SYS_read, "x");
	struct figure *f = figure_new();

	(void)state;
	r.flags = IOP_F_EOF;
	add(f, r, 1);
	r.flags = IOP_F_UNSEEN;
	add(f, r, 2);
	r.flags = 0;
	r.ret = -104;
	add(f, r, 3);
	draw(f, IOP_BLOCKING, false);
	SAYS(drawn, "1 at the end of file");
	SAYS(drawn, "2 of data whose arrival was not seen");
	SAYS(drawn, "3 failed");
	SAYS(drawn, "p50 -\n");
	SAYS_NOT(drawn, "p50 0n");
	free(f);
}

static void what_is_not_known_is_no_number(void **state)
{
	struct figure *f = figure_new();
	struct picture p = {};

	(void)state;
	add(f, read_of(IOP_SIGNAL, SYS_read, "x"), 1);
	limits.lost[IOP_SIGNAL] = PHASE(IOP_WAKE);
	limits.at_most = PHASE(IOP_WAIT);
	limits.at_least = PHASE(IOP_REST);
	draw(f, IOP_SIGNAL, false);
	SAYS(drawn, "p50 <1.00m");
	SAYS(drawn, "p50 >50n");
	SAYS(drawn, "| p50 -\n");
	figure_compare(&p, 0, f);
	rendered(&p, false);
	SAYS(drawn, "<1.00m");
	free(f);
}

/* Whatever a thread calls itself. */
static void names_break_nothing(void **state)
{
	struct figure *f = figure_new();

	(void)state;
	add(f, read_of(IOP_BLOCKING, SYS_read, "<a&b>\033[31m\xff\xe2\x82\xac"), 1);
	draw(f, IOP_BLOCKING, true);
	SAYS(drawn, "&lt;a&amp;b&gt;?[31m??");
	SAYS_NOT(drawn, "<a&");
	draw(f, IOP_BLOCKING, false);
	SAYS(drawn, "<a&b>?[31m??");
	free(f);
}

/* More names than there is room for. */
static void many_names(void **state)
{
	struct figure *f = figure_new();
	char name[16];

	(void)state;
	for (int i = 0; i < 20; i++) {
		snprintf(name, sizeof(name), "a-long-name-%c", 'a' + i);
		add(f, read_of(IOP_BLOCKING, SYS_read, name), 1);
	}
	draw(f, IOP_BLOCKING, false);
	SAYS(drawn, "20 reads by a-long-name-a, a-long-name-b, ..., 1.28kB\n");
	free(f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(calls_have_their_names),
		cmocka_unit_test(times_are_of_the_model_alone),
		cmocka_unit_test(only_what_happened_is_drawn),
		cmocka_unit_test(reads_without_times),
		cmocka_unit_test(what_is_not_known_is_no_number),
		cmocka_unit_test(names_break_nothing),
		cmocka_unit_test(many_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
