# SPDX-License-Identifier: ISC
# The whole build, not recursive.  make V=1 shows the commands; make B=dir
# builds elsewhere.  "make help" names the targets.

VERSION = 0.1
B ?= build
# One spelling, because dependency files name their objects by it.
override B := $(patsubst $(CURDIR)/%,%,$(abspath $(B)))
JOBS ?= 2
FUZZ_S ?= 300
PREFIX ?= /usr/local
DESTDIR ?=
BINDIR = $(PREFIX)/bin
MANDIR = $(PREFIX)/share/man
SHAREDIR = $(PREFIX)/share/wsusferry
COMPDIR = $(PREFIX)/share/bash-completion/completions

ifeq ($(origin CC),default)
CC = gcc
endif
PKG_CONFIG ?= pkg-config
PKGS = libmspack libxml-2.0 sqlite3 libsodium libssl libcrypto libisal zlib \
    libdeflate libzstd libseccomp libcurl libqrencode libarchive

WARN = -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wformat=2 \
    -Wstrict-prototypes -Wmissing-prototypes -Wpointer-arith -Wcast-qual \
    -Wwrite-strings -Wvla -Wundef -Wimplicit-fallthrough -Werror
HARDEN = -fstack-protector-strong -fPIE $(if $(SAN),,-D_FORTIFY_SOURCE=2)
OPT ?= -O2 -g
SAN ?=
SAN_FLAGS = -fsanitize=address,undefined -fno-sanitize-recover=all \
    -fno-omit-frame-pointer
FUZZ_FLAGS = $(SAN_FLAGS) -fsanitize=fuzzer-no-link

# Only evaluated when something is compiled, so that deps runs without them.
PKG_CFLAGS = $(eval PKG_CFLAGS := $$(shell $(PKG_CONFIG) --cflags $(PKGS)))$(PKG_CFLAGS)
PKG_LIBS = $(eval PKG_LIBS := $$(shell $(PKG_CONFIG) --libs $(PKGS)))$(PKG_LIBS)

CPPFLAGS_ALL = -I. -D_GNU_SOURCE -D_FILE_OFFSET_BITS=64 \
    -DWF_VERSION='"$(VERSION)"' -include lib/base/banned.h $(CPPFLAGS)
CFLAGS_ALL = -std=c17 -pthread $(WARN) $(OPT) $(HARDEN) $(SAN) \
    $(PKG_CFLAGS:-I%=-isystem%) $(CFLAGS)
LDFLAGS_ALL = -pthread -pie -Wl,-z,relro,-z,now $(SAN) $(LDFLAGS)

LIB_SRC := $(sort $(wildcard lib/*/*.c formats/*.c))
LIB := $(B)/libwsusferry.a

CMD_SRC := $(filter-out cmd/cmd.c cmd/wsusferry.c,$(sort $(wildcard cmd/*.c)))
PROGS := $(CMD_SRC:cmd/%.c=$(B)/wsusferry-%)
ifneq ($(wildcard cmd/wsusferry.c),)
PROGS += $(B)/wsusferry
endif

# Test programs are *_test.c; what else lies beside them is shared by them.
UNIT_SRC := $(sort $(wildcard tests/*_test.c tests/fault/*_test.c))
UNIT := $(UNIT_SRC:tests/%.c=$(B)/tests/%)
TESTLIB_SRC := $(filter-out $(UNIT_SRC),$(sort $(wildcard tests/*.c \
    tests/fault/*.c)))
TESTLIB := $(B)/libtest.a
PORTABLE_SRC := tests/digest_test.c $(filter lib/base/digest%,$(LIB_SRC))
PORTABLE := $(B)/tests/digest_portable_test
# Programs that the shell tests call.
TOOL_SRC := $(sort $(wildcard tests/tool/*.c))
TOOL := $(TOOL_SRC:tests/%.c=$(B)/tests/%)
# The upstream that tests and the demo fetch from.
UPSTREAM_SRC := $(sort $(wildcard tests/upstream/*.c))
UPSTREAM := $(if $(UPSTREAM_SRC),$(B)/tests/upstream/upstream)
FUZZ_SRC := $(sort $(wildcard tests/fuzz/fuzz_*.c))
FUZZ := $(FUZZ_SRC:tests/fuzz/%.c=$(B)/%)
GEN_SRC := $(sort $(wildcard testdata/gen/*.c))
GEN := $(if $(GEN_SRC),$(B)/gencatalogue)
BENCH_SRC := $(sort $(wildcard bench/*.c))
BENCH_CLIENTS := $(B)/bench/load $(B)/bench/idle $(B)/bench/paced
BENCH_PROGS := $(filter-out %/client,$(BENCH_SRC:%.c=$(B)/%))
ALL_SRC := $(LIB_SRC) $(wildcard cmd/*.c) $(UNIT_SRC) $(TESTLIB_SRC) \
    $(TOOL_SRC) $(UPSTREAM_SRC) $(FUZZ_SRC) $(GEN_SRC) $(BENCH_SRC)
ALL_HDR := $(wildcard lib/*/*.h formats/*.h cmd/*.h tests/*.h tests/*/*.h \
    testdata/gen/*.h bench/*.h)
PAGES := $(sort $(wildcard man/*.[1-8]))

ifeq ($(V),)
Q = @
say = @printf '  %-4s %s\n' $(1) '$(2)';
endif

all: $(PROGS) $(GEN)

# Objects are made again when the flags change, archives when members do.
stamp = mkdir -p $(@D) && echo '$(subst ','\'',$(1))' | cmp -s - $@ || \
    echo '$(subst ','\'',$(1))' >$@

$(B)/flags: force
	@$(call stamp,$(CC) $(CPPFLAGS_ALL) $(CFLAGS_ALL) $(LDFLAGS_ALL))

$(B)/members: force
	@$(call stamp,$(LIB_SRC) $(TESTLIB_SRC))

$(B)/%.o: %.c $(B)/flags
	$(call say,CC,$<)mkdir -p $(@D) && \
	$(CC) $(CPPFLAGS_ALL) $(CFLAGS_ALL) -MMD -MP -c -o $@ $<

# What is in it word by word.
$(B)/lib/export/export_far.o: $(wildcard dist/far/*)

$(LIB): $(LIB_SRC:%.c=$(B)/%.o) $(B)/members
	$(call say,AR,$@)rm -f $@ && $(AR) rcs $@ $(filter %.o,$^)

$(TESTLIB): $(TESTLIB_SRC:%.c=$(B)/%.o) $(B)/members
	$(call say,AR,$@)rm -f $@ && $(AR) rcs $@ $(filter %.o,$^)

link = $(call say,LD,$@)$(CC) $(LDFLAGS_ALL) -o $@ $^ $(PKG_LIBS)

$(B)/wsusferry: $(B)/cmd/wsusferry.o $(B)/cmd/cmd.o $(LIB)
	$(link)

$(B)/wsusferry-%: $(B)/cmd/%.o $(B)/cmd/cmd.o $(LIB)
	$(link)

$(B)/tests/%: $(B)/tests/%.o $(TESTLIB) $(LIB)
	$(link)

$(B)/tests/upstream/upstream: $(UPSTREAM_SRC:%.c=$(B)/%.o) $(TESTLIB) $(LIB)
	$(link)

$(B)/gencatalogue: $(GEN_SRC:%.c=$(B)/%.o)
	$(link) -lm

# Only in the build folder that fuzz-build fills.
$(B)/fuzz_%: $(B)/tests/fuzz/fuzz_%.o $(TESTLIB) $(LIB)
	$(link) -fsanitize=fuzzer

# The digests and their test, built as where no SHA instructions are known.
$(B)/portable/%.o: %.c $(B)/flags
	$(call say,CC,$< portable)mkdir -p $(@D) && $(CC) $(CPPFLAGS_ALL) \
	    -DDIGEST_PORTABLE $(CFLAGS_ALL) -MMD -MP -c -o $@ $<

$(PORTABLE): $(PORTABLE_SRC:%.c=$(B)/portable/%.o) $(TESTLIB) $(LIB)
	$(link)

# The formats by themselves, and clients of the server, for bench/run.sh.
$(BENCH_CLIENTS): $(B)/bench/client.o
$(B)/bench/%: $(B)/bench/%.o $(LIB)
	$(link)

unit: $(UNIT) $(PORTABLE) $(TOOL) $(UPSTREAM)

fuzz-targets: $(FUZZ)

objects: $(ALL_SRC:%.c=$(B)/%.o)

san-build:
	+$(Q)$(MAKE) B=$(B)-san SAN='$(SAN_FLAGS)' unit

fuzz-build:
	+$(Q)$(MAKE) CC=clang B=$(B)/fuzz SAN='$(FUZZ_FLAGS)' fuzz-targets

# Whatever is written in C read by clang, its warnings being errors; and one
# program, whose output is compared with gcc's.
clang-build: fuzz-build
	+$(Q)$(MAKE) CC=clang B=$(B)/fuzz SAN='$(FUZZ_FLAGS)' objects \
	    $(B)/fuzz/wsusferry-export

# What a person calls.
help:
	@echo 'all unit deps demo check check-san check-long deps-check'; \
	echo 'bench bench-long fuzz fuzz-smoke fmt fmt-check completion'; \
	echo 'compile-commands install uninstall clean'

# What building and running need, and no more; deps-check: the tests too.
deps:
	$(Q)tools/deps.sh build

deps-check:
	$(Q)tools/deps.sh check

demo:
	$(Q)tools/deps.sh demo
	+$(Q)$(MAKE) --no-print-directory -j$(JOBS) all $(UPSTREAM)
	$(Q)B='$(B)' tools/demo.sh

check:
	+$(Q)MAKE='$(MAKE)' B='$(B)' JOBS='$(JOBS)' tools/check all

check-san:
	+$(Q)MAKE='$(MAKE)' B='$(B)' JOBS='$(JOBS)' tools/check san

# The loops of check over larger catalogues: tests read WF_LONG.
check-long:
	+$(Q)MAKE='$(MAKE)' B='$(B)' JOBS='$(JOBS)' WF_LONG=1 tools/check long

fuzz: fuzz-build
	$(Q)B='$(B)' JOBS='$(JOBS)' tools/fuzz $(FUZZ_S)

fuzz-smoke: fuzz-build
	$(Q)B='$(B)' JOBS='$(JOBS)' tools/fuzz 5

# Beside peers; BENCH="import again": only those.
bench: all $(BENCH_PROGS) $(UPSTREAM)
	$(Q)B='$(B)' bench/run.sh

bench-long: all $(BENCH_PROGS) $(UPSTREAM)
	$(Q)B='$(B)' bench/run.sh --long

fmt:
	$(Q)clang-format -i $(ALL_SRC) $(ALL_HDR)

fmt-check:
	$(Q)tools/check-format

# For editors and language servers; not kept, not needed to build.
compile-commands:
	$(Q)tools/compile-commands '$(subst ','\'',$(strip $(CC) \
	    $(CPPFLAGS_ALL) $(CFLAGS_ALL)))' $(ALL_SRC) >compile_commands.json

completion: all
	$(Q)tools/mkcompletion '$(B)' >$(B)/completion
	$(Q)mv $(B)/completion dist/completion/wsusferry.bash

install: all
	install -d '$(DESTDIR)$(BINDIR)' '$(DESTDIR)$(COMPDIR)'
	install $(PROGS) '$(DESTDIR)$(BINDIR)'
	for p in $(PAGES); do \
	    d='$(DESTDIR)$(MANDIR)'/man$${p##*.}; \
	    install -d "$$d" && install -m 644 "$$p" "$$d" || exit; \
	done
	install -d '$(DESTDIR)$(SHAREDIR)'
	install -m 644 dist/far/* '$(DESTDIR)$(SHAREDIR)'
	install -m 644 dist/completion/wsusferry.bash \
	    '$(DESTDIR)$(COMPDIR)/wsusferry'
	for p in $(filter wsusferry-%,$(notdir $(PROGS))); do \
	    ln -sf wsusferry '$(DESTDIR)$(COMPDIR)'/$$p || exit; \
	done

uninstall:
	rm -f $(PROGS:$(B)/%='$(DESTDIR)$(BINDIR)/%')
	for p in $(PAGES); do \
	    rm -f '$(DESTDIR)$(MANDIR)'/man$${p##*.}/$${p#man/}; \
	done
	rm -f $(PROGS:$(B)/%='$(DESTDIR)$(COMPDIR)/%') \
	    '$(DESTDIR)$(COMPDIR)/wsusferry'
	for f in $(notdir $(wildcard dist/far/*)); do \
	    rm -f '$(DESTDIR)$(SHAREDIR)'/$$f; \
	done

clean:
	rm -rf $(B) $(B)-san

force:

.SECONDARY:
.DELETE_ON_ERROR:
.PHONY: all unit fuzz-targets objects fuzz-build clang-build san-build help \
    deps deps-check demo check check-san check-long fuzz fuzz-smoke bench \
    bench-long fmt fmt-check completion compile-commands install uninstall clean force

-include $(ALL_SRC:%.c=$(B)/%.d) $(PORTABLE_SRC:%.c=$(B)/portable/%.d)
