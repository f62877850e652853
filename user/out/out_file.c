// SPDX-License-Identifier: GPL-2.0-only
#include "out_file.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "output.h"
#include "util.h"

#define BUFFER_BYTES (64 << 10)

static ssize_t on_write(void *cookie, const char *buf, size_t n)
{
	struct out_file *file = cookie;

	if (write_all(file->fd, buf, n))
		return n;
	if (!file->error)
		file->error = errno;
	return 0;
}

int out_file_open(struct out_file *file, const struct out_format *format, const char *path)
{
	FILE *f;

	*file = (struct out_file){
		.path = path,
		.fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0666),
	};
	if (file->fd < 0)
		return fail("cannot write %s: %s", path, strerror(errno));
	f = fopencookie(file, "w", (cookie_io_functions_t){ .write = on_write });
	if (!f) {
		close(file->fd);
		return fail("out of memory");
	}
	setvbuf(f, NULL, _IOFBF, BUFFER_BYTES);
	file->out = out_open_on(format, f);
	return EXIT_DONE;
}

void out_file_begin(struct out_file *file)
{
	if (ftruncate(file->fd, 0) && errno != EINVAL)
		file->error = errno;
}

bool out_file_flush(struct out_file *file)
{
	fflush(file->out.f);
	return !file->error;
}

int out_file_close(struct out_file *file)
{
	FILE *f = file->out.f;

	out_end(&file->out);
	fclose(f);
	if (close(file->fd) && !file->error)
		file->error = errno;
	if (!file->error)
		return EXIT_DONE;
	return fail("cannot write %s: %s", file->path, strerror(file->error));
}
