# SPDX-License-Identifier: GPL-2.0-only
# "make help" lists the targets; V=1 shows every command.

VERSION := $(shell sed -n 's/^PACKAGE_VERSION="\(.*\)"/\1/p' dkms.conf)
PREFIX  ?= /usr/local
KERNEL  ?= 6.1

CC      ?= gcc
CLANG   ?= clang
STRIP   ?= llvm-strip

B := build
CFLAGS  ?= -O2 -g
ROOMS := $(wildcard user/*)
# rows of tables leave out what is 0
ALL_CFLAGS := $(CFLAGS) -std=gnu11 -Wall -Wextra -Wno-missing-field-initializers -D_GNU_SOURCE \
	-DIOPHASE_VERSION='"$(VERSION)"' -DBPF_DIR='"$(B)/bpf"' -Iuser $(ROOMS:%=-I%) \
	-I$(B)/proto
# a header of bpf/arch
BPF_ARCH := x86_64
BPF_CFLAGS = -target bpf -mcpu=v3 -D__TARGET_ARCH_x86 -O2 -g -Wall -Wextra \
	-Wno-unused-parameter -Ibpf -DIOPHASE_ARCH='"arch/$(BPF_ARCH).h"'
# gcc-multilib, which would link asm/ into place, excludes all cross compilers.
M32 := -m32 -idirafter /usr/include/x86_64-linux-gnu
SANITIZE := -fsanitize=address,undefined -fno-sanitize-recover=all

ifeq ($(V),1)
Q :=
say = @:
else
Q := @
say = @printf '  %-7s %s\n'
MAKEFLAGS += --no-print-directory
endif

# As many jobs as there are CPUs, unless -j says how many: that counts, not this. A make
# within this one has its jobs; and what is cleaned is not built at the same time.
ifeq ($(MAKELEVEL)$(filter clean,$(MAKECMDGOALS)),0)
MAKEFLAGS += -j$(shell nproc)
endif

.DELETE_ON_ERROR:
.SUFFIXES:
.SECONDARY:
.PHONY: all cli static lab module guest setup parts32 unit32 test test-all kernels \
	quick random-reads demo vm bench \
	bench-trace bench-gate bench-programs lint install clean help modules_install dkms \
	kmod-tests test-programs

all: cli lab module ## the CLI, the lab program and the module for the VM's kernel

help: ## this list
	@sed -n 's/^\([a-z_-]*\):.*## /\1|/p' $(MAKEFILE_LIST) | \
		awk -F'|' '{ printf "  make %-15s %s\n", $$1, $$2 }'

setup: ## install what the build and the test VM need (Debian 12, 13)
	$(Q)tools/setup

# Compiler and QEMU for an architecture that this machine does not run.
CROSS := $(shell awk '$$1 == "arch" && $$4 != "-" { print $$2 }' tools/vm/kernels)
CROSS_SETUP := $(CROSS:%=setup-%)
# The row of such an architecture in the table, by column
cross = $(shell awk '$$1 == "arch" && $$2 == "$(1)" { print $$$(2) }' tools/vm/kernels)
cross_cc = $(call cross,$(1),4)-gcc
# suffixes of what is built for them
FOREIGN := $(foreach a,$(CROSS),$(call cross,$(a),5))
.PHONY: $(CROSS_SETUP)
$(CROSS_SETUP): setup-%: | setup
	$(Q)tools/setup $*

# --- BPF ------------------------------------------------------------------------

# 32-bit kernels have no trampolines
BACKENDS32 := kprobe tracepoint
# loops, zerocopy...: of these commands, where there are types
BACKENDS := btf loops loops_kprobe zerocopy zerocopy_kprobe $(BACKENDS32)

BPF_HEADERS := $(wildcard bpf/*.h bpf/*/*.h bpf/*/*/*.h)

$(B)/bpf/%.bpf.o: bpf/hooks_%.bpf.c $(BPF_HEADERS) | setup
	$(say) BPF $@
	@mkdir -p $(@D)
	$(Q)$(CLANG) $(BPF_CFLAGS) -c $< -o $@
	$(Q)$(STRIP) -g $@

# The same source by kprobes, with types: bpf/either.bpf.h.
$(B)/bpf/%_kprobe.bpf.o: bpf/hooks_%.bpf.c $(BPF_HEADERS) | setup
	$(say) BPF $@
	@mkdir -p $(@D)
	$(Q)$(CLANG) $(BPF_CFLAGS) -DBY_KPROBE=1 -c $< -o $@
	$(Q)$(STRIP) -g $@

# Says which types the objects without relocations want.
$(B)/bpf/fields.bpf.o: bpf/fields.bpf.c $(BPF_HEADERS) | setup
	$(say) BPF $@
	@mkdir -p $(@D)
	$(Q)$(CLANG) $(BPF_CFLAGS) -c $< -o $@

# The types of one of the VM's kernels, from its headers.
$(B)/vm/%/min.btf: tools/min-btf $(B)/bpf/fields.bpf.o
	$(say) BTF $@
	$(Q)tools/vm/fetch $*
	$(Q)tools/min-btf $(B)/vm/$*/headers $@

# What is built for the kernels of such an architecture needs its compiler.
define cross_kernel
$(B)/vm/$(1)/min.btf $(B)/kmod/$(1)/addrsplit.ko: | setup-$(2)
endef
$(foreach k,$(shell awk 'NR == FNR { if ($$1 == "arch" && $$4 != "-") cross[$$2] = 1; next } \
		$$1 == "kernel" && $$5 in cross { print $$2 ":" $$5 }' \
		tools/vm/kernels tools/vm/kernels), \
	$(eval $(call cross_kernel,$(firstword $(subst :, ,$(k))),$(lastword $(subst :, ,$(k))))))

# --- the CLI ---------------------------------------------------------------------

CLI_LIBS := -lbpf -lelf -lz -lncursesw -ltinfo -lprotobuf-c
CLI_OBJS := $(B)/user/out/perfetto.pb-c.o \
	$(patsubst user/%.c,$(B)/user/%.o,$(wildcard user/*/*.c))

cli: $(B)/iophase ## build/iophase

$(B)/iophase: $(CLI_OBJS)
	$(say) LINK $@
	$(Q)$(CC) $(ALL_CFLAGS) $(LDFLAGS) $^ $(CLI_LIBS) -o $@

$(B)/user/%.o: user/%.c | setup
	$(say) CC $@
	@mkdir -p $(@D)
	$(Q)$(CC) $(ALL_CFLAGS) -MMD -MP -c $< -o $@

# The same code for every architecture; its library is from where the others are.
PROTO := $(B)/proto/perfetto.pb-c

$(B)/proto/%.pb-c.c $(B)/proto/%.pb-c.h: user/out/%.proto | setup
	$(say) PROTO $(B)/proto/$*.pb-c.c
	@mkdir -p $(@D)
	$(Q)protoc -I$(<D) --c_out=$(@D) $(<F)

$(B)/user/out/%.pb-c.o: $(B)/proto/%.pb-c.c
	$(say) CC $@
	@mkdir -p $(@D)
	$(Q)$(CC) $(ALL_CFLAGS) -c $< -o $@

$(CLI_OBJS): | $(PROTO).h

$(B)/user/session/embed.o: $(BACKENDS:%=$(B)/bpf/%.bpf.o)

# --- the lab ------------------------------------------------------------------------

LAB_SRCS := $(wildcard tools/lab/*.c)
LAB_OBJS := $(LAB_SRCS:tools/lab/%.c=$(B)/lab/%.o)
# pictures, as iophase draws them
LAB_USER := $(addsuffix .o,draw/picture draw/picture_svg draw/picture_text out/text \
	out/columns out/output out/totals base/util base/names base/percentile)
LAB32_OBJS := $(LAB_SRCS:tools/lab/%.c=$(B)/lab32/%.o)

lab: $(B)/iophase-lab ## build/iophase-lab: a program per I/O model

$(B)/iophase-lab: $(LAB_OBJS) $(LAB_USER:%=$(B)/user/%)
	$(say) LINK $@
	$(Q)$(CC) $(ALL_CFLAGS) $(LDFLAGS) $^ -luring -pthread -lm -o $@

$(B)/iophase-lab32: $(LAB32_OBJS) $(LAB_USER:%=$(B)/user32/%)
	$(say) LINK $@
	$(Q)$(CC) $(M32) $(ALL_CFLAGS) $(LDFLAGS) $^ $(B)/i386/lib/liburing.a -pthread -lm -o $@

$(B)/lab/%.o: tools/lab/%.c | setup
	$(say) CC $@
	@mkdir -p $(@D)
	$(Q)$(CC) $(ALL_CFLAGS) -MMD -MP -c $< -o $@

# --- without shared libraries: amd64, i386, 32-bit ARM --------------------------------

STATIC := $(B)/static/iophase $(B)/static/iophase-lab \
	$(foreach s,$(FOREIGN),$(B)/static/iophase$s $(B)/static/iophase-lab$s)

static: $(STATIC) parts32 ## build/static: iophase and the lab for amd64, i386 and both ARM

STATIC_LIBS := $(CLI_LIBS) -lzstd

$(B)/static/iophase: $(CLI_OBJS) tools/static-libelf.c
	$(say) LINK $@
	@mkdir -p $(@D)
	$(Q)$(CC) -static $(ALL_CFLAGS) $(LDFLAGS) $^ $(STATIC_LIBS) -o $@

$(B)/static/iophase-lab: $(LAB_OBJS) $(LAB_USER:%=$(B)/user/%)
	$(say) LINK $@
	@mkdir -p $(@D)
	$(Q)$(CC) -static $(ALL_CFLAGS) $(LDFLAGS) $^ -luring -pthread -lm -o $@

# A program of the tests is a file, or a folder of them.
vm_sources = $(or $(wildcard tests/vm/$(1).c),$(wildcard tests/vm/$(1)/*.[ch]))
.SECONDEXPANSION:

# What is built for another architecture, with BPF objects of its own. SUFFIX, a
# header of bpf/arch, compiler, where its libraries are, its backends.
define foreign
$(B)/static/iophase$(1): $(CLI_OBJS:$(B)/user/%=$(B)/user$(1)/%) \
		tools/static-libelf.c
	$$(say) LINK $$@
	@mkdir -p $$(@D)
	$$(Q)$(3) -static $$(ALL_CFLAGS) $$(LDFLAGS) $$^ -L$(4)/lib $$(STATIC_LIBS) -o $$@

$(B)/static/iophase-lab$(1): $(LAB_SRCS:tools/lab/%.c=$(B)/lab$(1)/%.o) \
		$(LAB_USER:%=$(B)/user$(1)/%)
	$$(say) LINK $$@
	@mkdir -p $$(@D)
	$$(Q)$(3) -static $$(ALL_CFLAGS) $$(LDFLAGS) $$^ -L$(4)/lib -luring -pthread -lm -o $$@

$(B)/user$(1)/%.o: user/%.c $(4)/done
	$$(say) CC$(1) $$@
	@mkdir -p $$(@D)
	$$(Q)$(3) $$(ALL_CFLAGS) -UBPF_DIR -DBPF_DIR='"$(B)/bpf$(1)"' \
		-idirafter $(4)/include -MMD -MP -c $$< -o $$@

$(B)/user$(1)/out/%.pb-c.o: $(B)/proto/%.pb-c.c $(4)/done
	$$(say) CC$(1) $$@
	@mkdir -p $$(@D)
	$$(Q)$(3) $$(ALL_CFLAGS) -idirafter $(4)/include -c $$< -o $$@

$(CLI_OBJS:$(B)/user/%=$(B)/user$(1)/%): | $(PROTO).h

$(B)/user$(1)/session/embed.o: $(5:%=$(B)/bpf$(1)/%.bpf.o)

$(B)/bpf$(1)/%.bpf.o: BPF_ARCH := $(2)
$(B)/bpf$(1)/%.bpf.o: bpf/hooks_%.bpf.c $(BPF_HEADERS) | setup
	$$(say) BPF$(1) $$@
	@mkdir -p $$(@D)
	$$(Q)$$(CLANG) $$(BPF_CFLAGS) -c $$< -o $$@
	$$(Q)$$(STRIP) -g $$@

$(B)/bpf$(1)/%_kprobe.bpf.o: BPF_ARCH := $(2)
$(B)/bpf$(1)/%_kprobe.bpf.o: bpf/hooks_%.bpf.c $(BPF_HEADERS) | setup
	$$(say) BPF$(1) $$@
	@mkdir -p $$(@D)
	$$(Q)$$(CLANG) $$(BPF_CFLAGS) -DBY_KPROBE=1 -c $$< -o $$@
	$$(Q)$$(STRIP) -g $$@

$(B)/lab$(1)/%.o: tools/lab/%.c $(4)/done
	$$(say) CC$(1) $$@
	@mkdir -p $$(@D)
	$$(Q)$(3) $$(ALL_CFLAGS) -idirafter $(4)/include -MMD -MP -c $$< -o $$@

$(B)/tests/vm/%$(1): $$$$(call vm_sources,$$$$*) $(wildcard tests/vm/*.h) $(4)/done
	$$(say) CC$(1) $$@
	@mkdir -p $$(@D)
	$$(Q)$(3) -static $$(ALL_CFLAGS) -idirafter $(4)/include $$(filter %.c,$$^) -L$(4)/lib \
		-luring -pthread -o $$@
endef

$(eval $(call foreign,32,i386,$(CC) $(M32),$(B)/i386,$(BACKENDS32)))
$(eval $(call foreign,-arm,arm,$(call cross_cc,armhf),$(B)/armhf,$(BACKENDS32)))
$(eval $(call foreign,-arm64,arm64,$(call cross_cc,arm64),$(B)/arm64,$(BACKENDS)))

# Their libraries.
$(B)/i386/done $(CROSS:%=$(B)/%/done): $(B)/%/done: tools/vm/fetch-libraries | setup
	$(Q)tools/vm/fetch-libraries $*

$(foreach a,$(CROSS),$(eval $(B)/$(a)/done: | setup-$(a)))

# Programs of the tests that are built for every machine.
EVERYWHERE := check random_reads edge_cases softirqs_first

# What only a compiler can build that makes 32-bit programs: where it has no
# libraries for them all of it is left out.
UNIT32 = $(UNIT:%=$(B)/tests/%_32)
PARTS32 = $(B)/iophase-lab32 $(addprefix $(B)/static/iophase,32 -lab32) $(UNIT32) \
	$(addprefix $(B)/tests/vm/,$(EVERYWHERE:%=%32) loops32) $(B)/kmod/helper-i686
NO32 = echo "  no 32-bit x86: $(CC) makes no programs for it (gcc-multilib)"

parts32: | setup
	$(Q)if tools/setup 32; then $(MAKE) $(PARTS32); else $(NO32); fi

unit32: | setup
	$(Q)if tools/setup 32; then $(MAKE) $(UNIT32); else $(NO32); fi

# --- the module -----------------------------------------------------------------------

module: $(B)/kmod/$(KERNEL)/addrsplit.ko ## the module, for KERNEL= (6.1) of the VM

$(B)/kmod/%/addrsplit.ko: Kbuild dkms.conf $(wildcard kmod/*.[ch] kmod/*/*.h) | setup
	$(say) KMOD $@
	$(Q)tools/vm/fetch $*
	$(Q)tools/kmod-build $*

KDIR ?= /lib/modules/$(shell uname -r)/build

modules_install: ## KDIR= INSTALL_MOD_PATH=: the module, for the running kernel
	tools/kmod-build $(KDIR) modules_install INSTALL_MOD_PATH=$(INSTALL_MOD_PATH)
	@# Kbuild leaves it out where there is no System.map, as with Debian's headers
	depmod -b $(INSTALL_MOD_PATH)/ $$(cut -d '"' -f 2 $(KDIR)/include/generated/utsrelease.h)

DKMS_SRC := $(DESTDIR)/usr/src/addrsplit-$(VERSION)

dkms: ## DESTDIR=: the module's source, where dkms looks for it
	install -d $(DKMS_SRC)/kmod/arch
	install -m 644 Kbuild dkms.conf $(DKMS_SRC)
	install -m 644 kmod/*.[ch] $(DKMS_SRC)/kmod
	install -m 644 kmod/arch/*.h $(DKMS_SRC)/kmod/arch

# What its tests need: it and a helper for each kernel of the VM.
KERNELS := $(shell awk '$$1 == "kernel" && $$7 == "test" { print $$2 }' tools/vm/kernels)
HELPERS := $(shell awk '$$1 == "arch" && $$3 != "i686" { print $$3 }' tools/vm/kernels)
KMOD_TESTS := $(KERNELS:%=$(B)/kmod/%/addrsplit.ko) $(HELPERS:%=$(B)/kmod/helper-%)
HELPER_FLAGS := $(filter-out -I%,$(ALL_CFLAGS)) -static -pthread

kmod-tests: $(KMOD_TESTS) parts32

$(B)/kmod/helper-x86_64: HELPER_CC := $(CC)
$(B)/kmod/helper-i686: HELPER_CC := $(CC) $(M32)
define cross_helper
$(B)/kmod/helper-$(call cross,$(1),3): HELPER_CC := $(call cross_cc,$(1))
$(B)/kmod/helper-$(call cross,$(1),3): | setup-$(1)
endef
$(foreach a,$(CROSS),$(eval $(call cross_helper,$(a))))

$(B)/kmod/helper-%: tests/vm/kmod-helper.c | setup
	$(say) CC $@
	@mkdir -p $(@D)
	$(Q)$(HELPER_CC) $(HELPER_FLAGS) $< -o $@

# --- tests -------------------------------------------------------------------------------

# Each unit test is built for 64 and 32 bits, with sanitizers.
UNIT := $(patsubst tests/unit/%.c,%,$(wildcard tests/unit/test_*.c))
UNIT_BINS := $(UNIT:%=$(B)/tests/%)
# main() is a test's own, and no test wants the BPF objects.
TESTED := out/perfetto.pb-c $(filter-out commands/main session/embed,\
	$(patsubst user/%.c,%,$(wildcard user/*/*.c)))
TEST_CFLAGS := $(filter-out -O2,$(ALL_CFLAGS)) -O1 $(SANITIZE)
# all of it: nothing of i386 is installed here
UNIT_LIBS := -lcmocka -l:libprotobuf-c.a

# An archive of user/, of which each takes what it calls, and they: what a test defines
# itself is not taken. SUFFIX, compiler, what it wants to be there, where its libraries are.
define unit
$(B)/tests/user$(1)/%.o: user/%.c $(3) | setup $(PROTO).h
	$$(say) CC$(1) $$@
	@mkdir -p $$(@D)
	$$(Q)$(2) $$(TEST_CFLAGS) -MMD -MP -c $$< -o $$@

$(B)/tests/user$(1)/out/%.pb-c.o: $(B)/proto/%.pb-c.c $(3)
	$$(say) CC$(1) $$@
	@mkdir -p $$(@D)
	$$(Q)$(2) $$(TEST_CFLAGS) -c $$< -o $$@

$(B)/tests/user$(1).a: $(TESTED:%=$(B)/tests/user$(1)/%.o)
	$$(say) AR$(1) $$@
	$$(Q)rm -f $$@
	$$(Q)$(AR) rcs $$@ $$^

$(UNIT:%=$(B)/tests/%$(if $(1),_$(1))): $(B)/tests/%$(if $(1),_$(1)): tests/unit/%.c \
		$(B)/tests/user$(1).a
	$$(say) CC$(1) $$@
	$$(Q)$(2) $$(TEST_CFLAGS) -MMD -MP -MF $$@.d -MT $$@ $$< $(B)/tests/user$(1).a \
		$(4) $$(UNIT_LIBS) -o $$@
endef

$(eval $(call unit,,$(CC)))
UNIT_PATHS32 := -L$(B)/i386/lib -Wl,-rpath,'$$$$ORIGIN/../i386/lib'
$(eval $(call unit,32,$(CC) $(M32) -I$(B)/i386/include,$(B)/i386/done,$(UNIT_PATHS32)))

# Programs that the tests run in the VM.
VM_PROGRAMS := $(B)/bench/loop \
	$(foreach p,$(EVERYWHERE),$(B)/tests/vm/$p $(FOREIGN:%=$(B)/tests/vm/$p%)) \
	$(addprefix $(B)/tests/vm/,hide_symbols.so many_sockets map_usage field errors \
	queues loops sqpoll zerocopy zerocopy-arm64 full_maps)

# It is started a thousand times, and in emulation the dynamic linker takes most of that.
$(B)/tests/vm/check: VM_LINK := -static

$(B)/tests/vm/%: $$(call vm_sources,$$*) $(wildcard tests/vm/*.h) | setup
	$(say) CC $@
	@mkdir -p $(@D)
	$(Q)$(CC) $(ALL_CFLAGS) $(VM_LINK) $(filter %.c,$^) -lbpf -luring -pthread -o $@

$(B)/tests/vm/%.so: tests/vm/%.c | setup
	$(say) CC $@
	@mkdir -p $(@D)
	$(Q)$(CC) $(ALL_CFLAGS) -fPIC -shared $< -ldl -o $@

# What the guest runs beside our own programs.
GUEST := bpftrace strace redis-server redis-tools nginx-light wrk dkms tmux
# Programs that are large, and that its tests alone run.
SERVERS := default-jdk-headless libnetty-java caddy haproxy socat curl
FULL_SERVERS := memcached nodejs

guest: cli lab module
	$(Q)tools/vm/fetch $(KERNEL)
	$(Q)tools/vm/guest-packages $(GUEST)

quick: $(B)/tests/vm/check
quick: cli lab $(UNIT_BINS) unit32 ## unit, replay and property tests; seconds, no VM
	$(Q)tests/run quick

test: test-programs ## all tests, those in the VM too
	$(Q)tests/run all

# Kernels whose module is tested at length alone.
FULL_KERNELS := $(shell sed -n 's/^. vm: kernel=\([^ ]*\).* full=1/\1/p' tests/vm/kmod-*.sh)

test-all: test-programs ## the same at length: every kernel with every test; an hour
	$(Q)$(MAKE) $(sort $(FULL_KERNELS:%=$(B)/kmod/%/addrsplit.ko))
	$(Q)tools/vm/guest-packages $(FULL_SERVERS)
	$(Q)FULL=1 tests/run all

# Kernels without types of their own, and those whose own they are compared with.
MIN_BTF := $(shell awk '$$1 == "arch" && $$5 != "-" { small[$$2] = 1 } \
	$$1 == "kernel" && $$5 in small && $$6 == "kprobe" { print $$2 }' tools/vm/kernels) \
	$(shell sed -n 's/^. vm: kernel=\([^ ]*\).*/\1/p' tests/vm/min-btf.sh)

# All that the tests want to find.
test-programs: cli lab static $(UNIT_BINS) $(VM_PROGRAMS) guest kmod-tests \
	$(MIN_BTF:%=$(B)/vm/%/min.btf)
	$(Q)tools/vm/guest-packages $(SERVERS)

random-reads: $(addprefix $(B)/tests/vm/,check random_reads)
random-reads: cli guest ## 100,000 of them in each of four VMs, KERNEL=
	$(Q)for o in "--cpus 1" "--cpus 2" "--cpus 4" "--cpus 4 --append preempt=full"; do \
		tools/vm/run --kernel $(KERNEL) --timeout 3000 $$o -- \
			'export RANDOM_READS=100000; bash tests/vm/random_reads.sh > /tmp/out; \
			 cat /tmp/out; ! grep "^not ok" /tmp/out' || exit; done

RANDOM_READERS := $(foreach p,check random_reads,\
	$(B)/tests/vm/$p $(FOREIGN:%=$(B)/tests/vm/$p%))

kernels: cli static $(RANDOM_READERS) guest ## tries each suite's newest; ONLY="sid 6.12-rt"
	$(Q)tools/try-kernels $(ONLY)

# --- VM, demo ----------------------------------------------------------------------------

vm: guest ## a shell in the test VM; CMD='...' runs that instead
	$(Q)tools/vm/run --kernel $(KERNEL) $(if $(CMD),-- '$(subst ','\'',$(CMD))')

demo: guest ## live phases of the lab models, Redis and nginx in the VM
	$(Q)tools/demo

# --- cost --------------------------------------------------------------------------------

bench: guest bench-programs ## instructions that tracing adds; BENCH="--twice --json"
	$(Q)tools/vm/guest-packages linux-perf libbpf-tools
	$(Q)KERNEL=$(KERNEL) tools/bench/run $(BENCH)

bench-trace: guest bench-programs ## at which rate does a file get every read?
	$(Q)tools/vm/guest-packages linux-perf
	$(Q)echo "TOOL        READS/S  UNPACED    MADE IN-FILE REPORTED"
	$(Q)for t in none trace trace-json perf bpftrace; do \
		tools/vm/run --kernel $(KERNEL) --cpu max --icount --timeout 1800 -- \
			tools/bench/rate $$t || exit; done

bench-gate: guest bench-programs ## is what a read costs still within its budget?
	$(Q)tests/run vm cost_budget.sh

bench-programs: $(B)/bench/loop $(B)/bench/floor

$(B)/bench/%: tools/bench/%.c | setup
	$(say) CC $@
	@mkdir -p $(@D)
	$(Q)$(CC) $(ALL_CFLAGS) $< $(CLI_LIBS) -luring -pthread -o $@

-include $(wildcard $(B)/user*/*/*.d $(B)/lab*/*.d $(B)/tests/*.d $(B)/tests/user*/*/*.d)

$(B)/iophase.8: $(B)/iophase
	$(Q)$< --man > $@

install: cli lab $(B)/iophase.8 ## DESTDIR= PREFIX=/usr/local: CLI, lab, man pages
	install -D -m 755 $(B)/iophase $(DESTDIR)$(PREFIX)/sbin/iophase
	install -D -m 755 $(B)/iophase-lab $(DESTDIR)$(PREFIX)/bin/iophase-lab
	install -D -m 644 $(B)/iophase.8 $(DESTDIR)$(PREFIX)/share/man/man8/iophase.8
	install -D -m 644 docs/man/addrsplit.4 $(DESTDIR)$(PREFIX)/share/man/man4/addrsplit.4

lint: ## checkpatch, shellcheck, cppcheck, clang-format, those that are here
	$(Q)tools/lint

clean: ## remove what was built (kernels and guest packages stay)
	rm -rf $(foreach d,bpf user lab,$(addprefix $(B)/$d,/ 32 $(FOREIGN))) \
		$(B)/static $(B)/proto $(B)/tests $(B)/bench $(B)/kmod $(B)/lab-java \
		$(B)/iophase $(B)/iophase-lab $(B)/iophase-lab32
