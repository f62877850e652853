// SPDX-License-Identifier: GPL-2.0-only
#include "fields.h"

#include <bpf/btf.h>
#include <errno.h>
#include <string.h>

#include "kernel_types.h"
#include "util.h"

#define AT(at64, at32) (sizeof(long) == 8 ? (at64) : (at32))

static const struct field {
	const char *type;
	const char *path;
	__u16 by_default;
} list[] = {
#define ROW(name, type, path, at64, at32) { #type, #path, AT(at64, at32) },
	IOP_FIELDS(ROW)
#undef ROW
};

_Static_assert(sizeof(struct iop_fields) == sizeof(__u16) * ARRAY_SIZE(list),
	       "one offset a row");

static __u16 look_up(const struct btf *btf, const struct field *f)
{
	int id = btf == kernel_btf() ?
			 kernel_struct_type(f->type, 0) :
			 btf__find_by_name_kind(btf, f->type, BTF_KIND_STRUCT);
	const struct btf_type *t = id < 0 ? NULL : btf__type_by_id(btf, id);
	const char *path = f->path;
	__u32 bits = 0;

	while (t && btf_is_composite(t)) {
		size_t len = strcspn(path, ".");

		t = btf_member_of(btf, t, path, len, &bits);
		if (!t)
			break;
		if (!path[len])
			return bits / 8;
		path += len + 1;
	}
	return f->by_default;
}

int fields_find(struct iop_fields *fields, const char *btf_file)
{
	struct btf *file = btf_file ? btf__parse(btf_file, NULL) : NULL;
	const struct btf *btf = btf_file ? file : kernel_btf();
	__u16 *to = (__u16 *)fields;

	if (!btf && btf_file)
		return fail("--btf %s: %s; tools/min-btf makes such a file", btf_file,
			    errno == ENOENT || errno == EACCES ? strerror(errno) :
								 "no BTF in it");
	for (size_t i = 0; i < ARRAY_SIZE(list); i++)
		to[i] = btf ? look_up(btf, &list[i]) : list[i].by_default;
	btf__free(file);
	return EXIT_DONE;
}

bool fields_unknown(const struct iop_fields *fields)
{
	return fields->qlen == IOP_UNKNOWN || fields->v6_daddr == IOP_UNKNOWN;
}
