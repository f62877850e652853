// SPDX-License-Identifier: GPL-2.0-only
#include "tracing.h"

#include <fcntl.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "util.h"

static void say_begin(const struct session *s, const struct options *o,
		      const struct out *out)
{
	struct utsname u;

	uname(&u);
	out_begin(out, &(struct run_start){
			       .ts_ns = session_start_ns(s),
			       .backend = session_backend(s),
			       .kernel = u.release,
			       .filters = o->filters,
			       .nr_filters = o->nr_filters,
			       .sample = o->sample,
			       .program = o->program ? o->program[0] : NULL,
		       });
	flush_output();
}

struct session *tracing_begin(const struct options *o, enum session_mode mode,
			      record_fn fn, void *ctx, const struct out *out)
{
	struct session *s = session_open(o, mode, fn, ctx, !out);

	if (!s)
		return NULL;
	if (out)
		say_begin(s, o, out);
	if (!session_go(s))
		return s;
	session_close(s);
	return NULL;
}

struct session *tracing_begin_unseen(const struct options *o, enum session_mode mode)
{
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);
	int in = fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 3);
	int out = fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 3);
	struct session *s;

	dup2(null, STDIN_FILENO);
	dup2(null, STDOUT_FILENO);
	s = tracing_begin(o, mode, NULL, NULL, NULL);
	dup2(in, STDIN_FILENO);
	dup2(out, STDOUT_FILENO);
	close(in);
	close(out);
	close(null);
	return s;
}

struct totals tracing_totals(struct session *s, const struct options *o)
{
	struct totals t = {
		.ts_ns = now_ns(),
		.missed = session_missed(s),
		.sample = o->sample,
	};

	session_counters(s, &t.kernel);
	return t;
}
