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

/* Adds the offset in bits of a member, also through nameless ones. */
static const struct btf_type *member_of(const struct btf *btf,
					const struct btf_type *t,
					const char *name, size_t len,
					__u32 *bits)
{
	const struct btf_member *m = btf_members(t);

	for (int i = 0; i < btf_vlen(t); i++, m++) {
		const char *its = btf__name_by_offset(btf, m->name_off);
		const struct btf_type *type, *found;
		__u32 at = btf_member_bit_offset(t, i);
		int id = btf__resolve_type(btf, m->type);

		type = id < 0 ? NULL : btf__type_by_id(btf, id);
		if (strlen(its) == len && !memcmp(its, name, len)) {
			*bits += at;
			return type;
		}
		if (*its || !type || !btf_is_composite(type))
			continue;
		found = member_of(btf, type, name, len, bits);
		if (found) {
			*bits += at;
			return found;
		}
	}
	return NULL;
}

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

		t = member_of(btf, t, path, len, &bits);
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
		return fail("--btf %s: %s; tools/min-btf makes such a file",
			    btf_file, errno == ENOENT || errno == EACCES ?
			    strerror(errno) : "no BTF in it");
	for (size_t i = 0; i < ARRAY_SIZE(list); i++)
		to[i] = btf ? look_up(btf, &list[i]) : list[i].by_default;
	btf__free(file);
	return EXIT_DONE;
}

bool fields_unknown(const struct iop_fields *fields)
{
	return fields->qlen == IOP_UNKNOWN || fields->v6_daddr == IOP_UNKNOWN;
}
