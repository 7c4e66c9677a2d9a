# SPDX-License-Identifier: ISC
# The whole build, not recursive.  make V=1 shows the commands; make B=dir
# builds elsewhere.

VERSION = 0.1
B ?= build
PREFIX ?= /usr/local
DESTDIR ?=
BINDIR = $(PREFIX)/bin
MANDIR = $(PREFIX)/share/man
COMPDIR = $(PREFIX)/share/bash-completion/completions

ifeq ($(origin CC),default)
CC = gcc
endif
PKG_CONFIG ?= pkg-config
PKGS = libmspack libxml-2.0 sqlite3 libsodium libcrypto libisal zlib libzstd \
    libmicrohttpd

WARN = -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wformat=2 \
    -Wstrict-prototypes -Wmissing-prototypes -Wpointer-arith -Wcast-qual \
    -Wwrite-strings -Wvla -Wundef -Wimplicit-fallthrough -Werror
HARDEN = -fstack-protector-strong -D_FORTIFY_SOURCE=2 -fPIE
OPT ?= -O2 -g
SAN ?=

# Only evaluated when something is compiled, so that deps runs without them.
PKG_CFLAGS = $(eval PKG_CFLAGS := $$(shell $(PKG_CONFIG) --cflags $(PKGS)))$(PKG_CFLAGS)
PKG_LIBS = $(eval PKG_LIBS := $$(shell $(PKG_CONFIG) --libs $(PKGS)))$(PKG_LIBS)

CPPFLAGS_ALL = -I. -D_GNU_SOURCE -D_FILE_OFFSET_BITS=64 \
    -DWF_VERSION='"$(VERSION)"' -include lib/base/banned.h $(CPPFLAGS)
CFLAGS_ALL = -std=c17 -pthread $(WARN) $(OPT) $(HARDEN) $(SAN) \
    $(PKG_CFLAGS:-I%=-isystem%) $(CFLAGS)
LDFLAGS_ALL = -pthread -pie -Wl,-z,relro,-z,now $(SAN) $(LDFLAGS)

LIB_SRC := $(sort $(wildcard lib/base/*.c formats/*.c lib/store/*.c \
    lib/net/*.c lib/op/*.c))
LIB_OBJ := $(LIB_SRC:%.c=$(B)/%.o)
LIB := $(B)/libwsusferry.a

CMD_SRC := $(filter-out cmd/cmd.c cmd/wsusferry.c,$(sort $(wildcard cmd/*.c)))
PROGS := $(CMD_SRC:cmd/%.c=$(B)/wsusferry-%)
ifneq ($(wildcard cmd/wsusferry.c),)
PROGS += $(B)/wsusferry
endif

UNIT_SRC := $(sort $(wildcard tests/*_test.c tests/fault/*_test.c))
UNIT := $(UNIT_SRC:tests/%.c=$(B)/tests/%)
TESTLIB_SRC := $(filter-out $(UNIT_SRC),$(sort $(wildcard tests/*.c tests/fault/*.c)))
TESTLIB_OBJ := $(TESTLIB_SRC:%.c=$(B)/%.o)
FUZZ_SRC := $(sort $(wildcard tests/fuzz/fuzz_*.c))
FUZZ := $(FUZZ_SRC:tests/fuzz/%.c=$(B)/fuzz/%)
GEN_SRC := $(sort $(wildcard testdata/gen/*.c))
GEN := $(if $(GEN_SRC),$(B)/gencatalogue)

ifeq ($(V),)
Q = @
say = @printf '  %-4s %s\n' $(1) '$(2)';
endif

all: $(PROGS) $(GEN)

$(B)/%.o: %.c
	$(call say,CC,$<)mkdir -p $(@D) && \
	$(CC) $(CPPFLAGS_ALL) $(CFLAGS_ALL) -MMD -MP -c -o $@ $<

$(LIB): $(LIB_OBJ)
	$(call say,AR,$@)rm -f $@ && $(AR) rcs $@ $^

$(B)/wsusferry: $(B)/cmd/wsusferry.o $(B)/cmd/cmd.o $(LIB)
	$(call say,LD,$@)$(CC) $(LDFLAGS_ALL) -o $@ $^ $(PKG_LIBS)

$(B)/wsusferry-%: $(B)/cmd/%.o $(B)/cmd/cmd.o $(LIB)
	$(call say,LD,$@)$(CC) $(LDFLAGS_ALL) -o $@ $^ $(PKG_LIBS)

$(B)/tests/%: $(B)/tests/%.o $(TESTLIB_OBJ) $(LIB)
	$(call say,LD,$@)$(CC) $(LDFLAGS_ALL) -o $@ $^ $(PKG_LIBS)

$(B)/gencatalogue: $(GEN_SRC:%.c=$(B)/%.o)
	$(call say,LD,$@)$(CC) $(LDFLAGS_ALL) -o $@ $^ $(PKG_LIBS) -lm

unit: $(UNIT)

.SECONDARY:
.DELETE_ON_ERROR:
.PHONY: all unit clean

clean:
	rm -rf $(B)

-include $(LIB_OBJ:.o=.d) $(CMD_SRC:%.c=$(B)/%.d) $(B)/cmd/cmd.d \
    $(B)/cmd/wsusferry.d $(UNIT_SRC:%.c=$(B)/%.d) $(TESTLIB_OBJ:.o=.d) \
    $(GEN_SRC:%.c=$(B)/%.d)
