// SPDX-License-Identifier: GPL-2.0-only
#include "complaints.h"

#include <bpf/libbpf.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "util.h"

static struct complaints said;

/* The last line of the verifier's log that is not about how it went. */
static void keep_verdict(char *log)
{
	static const char *const others[] = {
		"processed ", "verification time ", "stack depth ", "subprog ",
		"-- END ",    "libbpf: ",	    "max_states",
	};
	char *rest = log, *line;

	while ((line = strtok_r(rest, "\n", &rest))) {
		size_t i = 0;

		while (i < ARRAY_SIZE(others) &&
		       strncmp(line, others[i], strlen(others[i])))
			i++;
		if (i == ARRAY_SIZE(others))
			snprintf(said.verdict, sizeof(said.verdict), "%s", line);
	}
}

static void keep(char *words)
{
	const char *program = strstr(words, "prog '");
	char *log = strstr(words, "LOG --\n");

	if (program)
		sscanf(program, "prog '%63[^']", said.program);
	if (log) {
		keep_verdict(log + strlen("LOG --\n"));
		return;
	}
	words[strcspn(words, "\n")] = 0;
	if (!said.first[0])
		snprintf(said.first, sizeof(said.first), "%s", words);
}

static int on_libbpf_print(enum libbpf_print_level level, const char *fmt, va_list ap)
{
	char *words;

	if (getenv("IOPHASE_DEBUG")) {
		va_list again;

		va_copy(again, ap);
		vfprintf(stderr, fmt, again);
		va_end(again);
	}
	if (level == LIBBPF_WARN && vasprintf(&words, fmt, ap) >= 0) {
		keep(words);
		free(words);
	}
	return 0;
}

void complaints_hear(void)
{
	libbpf_set_print(on_libbpf_print);
}

void complaints_forget(void)
{
	memset(&said, 0, sizeof(said));
}

const struct complaints *complaints(void)
{
	return &said;
}
