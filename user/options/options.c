// SPDX-License-Identifier: GPL-2.0-only
#include "options.h"

#include <getopt.h>
#include <stdlib.h>
#include <string.h>

#include "command.h"
#include "out.h"
#include "util.h"

void options_help(FILE *f, const struct command *c)
{
	char left[40];

	for (int i = 0; c->options[i]; i++) {
		const struct option_row *r = c->options[i];

		snprintf(left, sizeof(left), "%s%c%s --%s%s%s", r->letter ? "-" : " ",
			 r->letter ? r->letter : ' ', r->letter ? "," : " ", r->name,
			 r->arg ? "=" : "", r->arg ? r->arg : "");
		fprintf(f, "  %-26s %s\n", left, r->help);
	}
	fprintf(f, "  %-26s %s\n", "-h, --help", "show this and exit");
	fprintf(f, "  %-26s %s\n", "-V, --version", "show the version and exit");
}

void options_man(FILE *f, const struct command *c)
{
	for (int i = 0; c->options[i]; i++) {
		const struct option_row *r = c->options[i];

		fputs(".TP\n", f);
		if (r->letter)
			fprintf(f, "\\fB\\-%c\\fR, ", r->letter);
		fprintf(f, "\\fB\\-\\-%s\\fR", r->name);
		if (r->arg)
			fprintf(f, "=\\fI%s\\fR", r->arg);
		fprintf(f, "\n%s\n", r->help);
	}
}

/* What getopt returns for the row i's long name is LONG_ROW + i. */
enum {
	LONG_HELP = 256,
	LONG_VERSION,
	LONG_ROW,
};

/* getopt's tables, from a command's. */
struct getopt_tables {
	char *letters;
	struct option *longs;
};

static int nr_options(const struct command *c)
{
	int nr = 0;

	while (c->options[nr])
		nr++;
	return nr;
}

static struct getopt_tables build_getopt(const struct command *c)
{
	int nr = nr_options(c);
	struct getopt_tables t = {
		.letters = xcalloc(2 * nr + sizeof(":hV"), 1),
		.longs = xcalloc(nr + 3, sizeof(*t.longs)),
	};
	char *letter = t.letters;

	*letter++ = ':';
	for (int i = 0; i < nr; i++) {
		const struct option_row *r = c->options[i];

		if (r->letter) {
			*letter++ = r->letter;
			if (r->arg)
				*letter++ = ':';
		}
		t.longs[i] = (struct option){
			.name = r->name,
			.has_arg = r->arg ? required_argument : no_argument,
			.val = LONG_ROW + i,
		};
	}
	strcpy(letter, "hV");
	t.longs[nr] = (struct option){ .name = "help", .val = LONG_HELP };
	t.longs[nr + 1] = (struct option){ .name = "version", .val = LONG_VERSION };
	return t;
}

static const struct option_row *row_of(const struct command *c, int val)
{
	int i = 0;

	if (val >= LONG_ROW)
		return c->options[val - LONG_ROW];
	while (c->options[i]->letter != val)
		i++;
	return c->options[i];
}

/* Why getopt stopped: ':' a value is missing, '?' anything else. */
static int bad_option(const char *command, int why, const char *word)
{
	char letter[] = { '-', optopt, 0 };
	bool is_long = !optopt || optopt >= LONG_HELP;

	if (!is_long)
		word = letter; /* it may stand among others in its word */
	if (why == ':')
		return usage_error("%s needs a value", word);
	if (is_long && optopt)
		return usage_error("%.*s takes no value", (int)strcspn(word, "="), word);
	return usage_error("%s has no option '%s'", command, word);
}

/* An option that has no function of its own fills a member. */
static int take_option(struct options *o, const struct option_row *r, const char *arg)
{
	void *member = (char *)o + r->at;

	if (r->set)
		return r->set(o, arg);
	if (!r->arg) {
		*(bool *)member = true;
		return EXIT_DONE;
	}
	if (r->needs && !*arg)
		return r->letter ? usage_error("-%c needs %s", r->letter, r->needs) :
				   usage_error("--%s needs %s", r->name, r->needs);
	*(const char **)member = arg;
	return EXIT_DONE;
}

static void note_filter(struct options *o, const struct option_row *r, const char *arg)
{
	char *text;

	if (!r->is_filter)
		return;
	if (asprintf(&text, "--%s%s%s", r->name, arg ? "=" : "", arg ? arg : "") < 0)
		text = xcalloc(1, 1);
	o->filters = xrealloc(o->filters, o->nr_filters + 1, sizeof(*o->filters));
	o->filters[o->nr_filters++] = text;
}

void options_free(struct options *o)
{
	while (o->nr_filters)
		free(o->filters[--o->nr_filters]);
	free(o->filters);
	o->filters = NULL;
}

static void set_defaults(struct options *o)
{
	o->model = o->family = o->protocol = IOP_ANY;
	o->format = &out_text;
	o->sample = 1;
	o->ring_bytes = 4 << 20;
	o->max_rows = 2048;
}

/*
 * A recording has its reads, whatever runs here. Other options only say how tracing
 * is done.
 */
static int check_from(const struct options *o)
{
	const char *live = o->nr_filters  ? o->filters[0] :
			   o->program	  ? "PROGRAM" :
			   o->duration_ns ? "-d" :
			   o->iterations  ? "-n" :
			   o->sample > 1  ? "--sample" :
					    NULL;

	if (!o->from || !live)
		return EXIT_DONE;
	return usage_error("--from has all the reads of a recording: no %s", live);
}

/* What is no option: FILE, or a word, for the commands that have one. */
static int take_operands(struct options *o, const struct command *c, char **argv)
{
	if (c->takes & TAKES_FILE) {
		if (!*argv || !**argv)
			return usage_error("%s needs a FILE", c->name);
		o->file = *argv++;
	}
	if (c->word && *argv)
		o->word = *argv++;
	if (*argv)
		return usage_error("%s does not know what to do with '%s'%s", c->name,
				   *argv,
				   c->takes & TAKES_PROGRAM ? "; a program goes after --" :
							      "");
	return EXIT_DONE;
}

/* Cuts argv at "--"; what follows is the program. */
static int take_program(struct options *o, const struct command *c, int *argc, char **argv)
{
	int at = 1;

	while (at < *argc && strcmp(argv[at], "--"))
		at++;
	if (at == *argc)
		return EXIT_DONE;
	if (!(c->takes & TAKES_PROGRAM))
		return usage_error("%s runs no program", c->name);
	if (at + 1 == *argc)
		return usage_error("no program after --");
	o->program = argv + at + 1;
	argv[at] = NULL;
	*argc = at;
	return EXIT_DONE;
}

static int take_options(struct options *o, const struct command *c, int argc, char **argv,
			const struct getopt_tables *t, enum options_asked *asked)
{
	const struct option_row *r;
	int letter, err;

	opterr = 0;
	optind = 0; /* begin anew, whatever was parsed before */
	while ((letter = getopt_long(argc, argv, t->letters, t->longs, NULL)) != -1) {
		if (letter == ':' || letter == '?')
			return bad_option(c->name, letter, argv[optind - 1]);
		if (letter == 'h' || letter == LONG_HELP)
			*asked = ASKED_HELP;
		else if (letter == 'V' || letter == LONG_VERSION)
			*asked = ASKED_VERSION;
		if (*asked)
			return EXIT_DONE;
		r = row_of(c, letter);
		err = take_option(o, r, r->arg ? optarg : NULL);
		if (err)
			return err;
		note_filter(o, r, r->arg ? optarg : NULL);
	}
	return EXIT_DONE;
}

int options_parse(struct options *o, const struct command *c, int argc, char **argv,
		  enum options_asked *asked)
{
	struct getopt_tables t = build_getopt(c);
	int err;

	set_defaults(o);
	err = take_program(o, c, &argc, argv);
	if (!err)
		err = take_options(o, c, argc, argv, &t, asked);
	free(t.letters);
	free(t.longs);
	if (err || *asked)
		return err;
	if (o->follow && !o->pids.nr && !o->tids.nr && !o->nr_comms && !o->program)
		return usage_error("-f follows children, but whose? -p, -t or -c "
				   "say that");
	err = check_from(o);
	if (err)
		return err;
	return take_operands(o, c, argv + optind);
}
