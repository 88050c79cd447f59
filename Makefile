# retarget: `make help` lists the targets.
#
# Objects go to build/VARIANT, so a sanitizer build never mixes with a plain one:
# `make SAN=address,undefined check`. Your CFLAGS and LDFLAGS come last.

SAN     ?=
PREFIX  ?= /usr/local
BINDIR  ?= $(PREFIX)/bin
MANDIR  ?= $(PREFIX)/share/man
COMPDIR ?= $(PREFIX)/share/bash-completion/completions
DESTDIR ?=

comma   := ,
VARIANT := $(if $(SAN),san-$(subst $(comma),-,$(SAN)),plain)
B       := build/$(VARIANT)
VERSION := 0.1.0

CC         ?= cc
CXX        ?= c++
PKG_CONFIG ?= pkg-config
MODULES    := jansson libcrypto libisal libzstd libpcre2-8 libxxhash
OPT        := $(if $(SAN),-O1 -fno-omit-frame-pointer,-O2)
SANFLAGS   := $(if $(SAN),-fsanitize=$(SAN) -fno-sanitize-recover=all)
WARN       := -Wall -Wextra -Wshadow -Wpointer-arith -Wundef -Wvla -Wformat=2 \
              -Wno-format-nonliteral
BASE       := -Ilib -I. -D_GNU_SOURCE -DRT_VERSION='"$(VERSION)"' -pthread $(OPT) -g $(WARN) \
              $(SANFLAGS) $(shell $(PKG_CONFIG) --cflags $(MODULES) 2>/dev/null)
CBASE      := -std=c11 $(BASE) -Wstrict-prototypes -Wmissing-prototypes -Wold-style-definition
CXXBASE    := -std=c++17 $(BASE)
LIBS       := -lcsv $(shell $(PKG_CONFIG) --libs $(MODULES) 2>/dev/null) -lunistring \
              -lphonenumber -lstdc++ -lm
CHECKLIBS  := $(shell $(PKG_CONFIG) --libs check 2>/dev/null || echo -lcheck)

LIB_C   := $(sort $(wildcard lib/*/*.c))
LIB_CC  := $(sort $(wildcard lib/*/*.cc))
LIB_H   := $(sort $(wildcard lib/*/*.h))
CMD_C   := $(sort $(wildcard cmd/*.c))
UNIT_C  := $(sort $(wildcard tests/unit/*.c))
FUZZ_C  := $(sort $(wildcard tests/fuzz/fuzz_*.c))
GEN_C   := $(sort $(wildcard tests/gen/*.c))
SUITES  := $(patsubst tests/unit/check_%.c,%,$(filter tests/unit/check_%,$(UNIT_C)))
LIB_O   := $(LIB_C:%.c=$(B)/%.o) $(LIB_CC:%.cc=$(B)/%.o)
CMD_O   := $(CMD_C:%.c=$(B)/%.o)
UNIT_O  := $(UNIT_C:%.c=$(B)/%.o)
PAGES   := $(sort $(wildcard man/*.1 man/*.5))

.PHONY: all
all: deps-if-missing ## builds ./retarget
	@$(MAKE) --no-print-directory $(B)/retarget
	@ln -sf $(B)/retarget retarget

$(B)/libretarget.a: $(LIB_O)
	@rm -f $@
	$(AR) rcs $@ $^

$(B)/retarget: $(CMD_O) $(B)/libretarget.a
	$(CC) $(OPT) $(SANFLAGS) -pthread -o $@ $^ $(LIBS) $(LDFLAGS)

$(B)/%.o: %.c
	@mkdir -p $(@D)
	$(CC) $(CBASE) -MMD -MP $(CFLAGS) -c -o $@ $<

$(B)/%.o: %.cc
	@mkdir -p $(@D)
	$(CXX) $(CXXBASE) -MMD -MP $(CXXFLAGS) -c -o $@ $<

# The list of suites follows the files: tests/unit/check_NAME.c exports NAME_suite().
$(B)/suites.h: $(UNIT_C)
	@mkdir -p $(@D)
	@for s in $(SUITES); do echo "SUITE($$s)"; done > $@

$(B)/tests/unit/main.o: $(B)/suites.h
$(UNIT_O): CFLAGS += -I$(B)

$(B)/unit: $(UNIT_O) $(B)/libretarget.a
	$(CC) $(OPT) $(SANFLAGS) -pthread -o $@ $^ $(CHECKLIBS) $(LIBS) $(LDFLAGS)

$(B)/gen/%: tests/gen/%.c $(B)/libretarget.a
	@mkdir -p $(@D)
	$(CC) $(CBASE) $(CFLAGS) -o $@ $^ $(LIBS) $(LDFLAGS)

# ---- tests

.PHONY: check
check: deps-if-missing ## installs what is missing, builds, runs every test
	@$(MAKE) --no-print-directory check-unit check-headers check-cli

.PHONY: check-unit
check-unit: $(B)/unit ## unit tests (Check); CK_RUN_SUITE=name runs one
	$(B)/unit

.PHONY: check-headers
check-headers: ## every header compiles alone
	@for h in $(LIB_H) $(wildcard cmd/*.h); do \
	    $(CC) $(CBASE) $(CFLAGS) -fsyntax-only -x c $$h || exit 1; done
	@echo "headers: $(words $(LIB_H)) compile alone"

-include $(LIB_O:.o=.d) $(CMD_O:.o=.d) $(UNIT_O:.o=.d)
