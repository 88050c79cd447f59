# retarget: `make help` lists the targets.
#
# Objects go to build/VARIANT, so a sanitizer build never mixes with a plain one:
# `make SAN=address,undefined check`. Your CFLAGS and LDFLAGS come last.
#
# On a fresh machine pkg-config itself may be missing while this file is read, and its
# answers with it. So targets for users install what is missing first and then run make
# again: $(AGAIN).

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

# Without a -j of yours, one job a processor.
JOBS   = $(if $(filter -j% --jobserver%,$(MAKEFLAGS)),,-j$(shell getconf _NPROCESSORS_ONLN))
AGAIN  = +@$(MAKE) --no-print-directory $(JOBS)

CC         ?= cc
CXX        ?= c++
CLANG      ?= clang
CLANGXX    ?= clang++
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
CMD_H   := $(sort $(wildcard cmd/*.h))
UNIT_C  := $(sort $(wildcard tests/unit/*.c))
TWIN_C  := tests/unit/csv_twin.c
FUZZ_C  := $(sort $(wildcard tests/fuzz/fuzz_*.c))
GEN_C   := $(sort $(wildcard tests/gen/*.c))
SUITES  := $(patsubst tests/unit/check_%.c,%,$(filter tests/unit/check_%,$(UNIT_C)))
LIB_O   := $(LIB_C:%.c=$(B)/%.o) $(LIB_CC:%.cc=$(B)/%.o)
CMD_O   := $(CMD_C:%.c=$(B)/%.o)
UNIT_O  := $(UNIT_C:%.c=$(B)/%.o)
TWIN_O  := $(TWIN_C:%.c=$(B)/%.o)
FUZZ_O  := $(FUZZ_C:%.c=$(B)/%.o) $(B)/tests/fuzz/replay.o
REPLAYS := $(FUZZ_C:tests/fuzz/fuzz_%.c=$(B)/replay/%)
FUZZERS := $(FUZZ_C:tests/fuzz/fuzz_%.c=$(B)/fuzz/%)
GENS    := $(GEN_C:tests/gen/%.c=$(B)/gen/%)
PAGES   := $(sort $(wildcard man/*.1 man/*.5))

.PHONY: all
all: deps-if-missing ## builds ./retarget (what is missing is installed first)
	$(AGAIN) $(B)/retarget
	@ln -sf $(B)/retarget retarget

$(B)/libretarget.a: $(LIB_O)
	@rm -f $@
	$(AR) rcs $@ $^

$(B)/retarget: $(CMD_O) $(B)/libretarget.a
	$(CC) $(OPT) $(SANFLAGS) -pthread -o $@ $^ $(LIBS) $(LDFLAGS)

$(B)/%.o: %.c
	@mkdir -p $(@D)
	$(CC) $(CBASE) $(DEFS) -MMD -MP $(CFLAGS) -c -o $@ $<

$(B)/%.o: %.cc
	@mkdir -p $(@D)
	$(CXX) $(CXXBASE) -MMD -MP $(CXXFLAGS) -c -o $@ $<

# help opens the pages where they are installed; another MANDIR makes it again.
$(B)/cmd/help.o: DEFS := -DRT_MANDIR='"$(MANDIR)"'
$(B)/cmd/help.o: $(B)/mandir
$(B)/mandir: always
	@mkdir -p $(@D)
	@echo '$(MANDIR)' | cmp -s - $@ || echo '$(MANDIR)' > $@

.PHONY: always
always:

# The schema of the segment file is a file of its own, and in the program a text.
$(B)/lib/plan/schema.o: DEFS := -I$(B)
$(B)/lib/plan/schema.o: $(B)/segments.schema.inc
$(B)/segments.schema.inc: lib/plan/segments.schema.json
	@mkdir -p $(@D)
	@sed -e 's/[\\"]/\\&/g' -e 's/.*/"&\\n"/' $< > $@

# The list of suites follows the files: tests/unit/check_NAME.c exports NAME_suite().
$(B)/suites.h: $(UNIT_C)
	@mkdir -p $(@D)
	@for s in $(SUITES); do echo "SUITE($$s)"; done > $@

$(B)/tests/unit/main.o: $(B)/suites.h
$(UNIT_O): DEFS := -I$(B)

$(B)/unit: $(UNIT_O) $(B)/libretarget.a
	$(CC) $(OPT) $(SANFLAGS) -pthread -Wl,--wrap=_mark_point -o $@ $^ $(CHECKLIBS) $(LIBS) $(LDFLAGS)

$(B)/replay/%: $(B)/tests/fuzz/fuzz_%.o $(B)/tests/fuzz/replay.o $(TWIN_O) $(B)/libretarget.a
	@mkdir -p $(@D)
	$(CC) $(OPT) $(SANFLAGS) -pthread -o $@ $^ $(LIBS) $(LDFLAGS)

$(B)/fuzz/%: $(B)/tests/fuzz/fuzz_%.o $(TWIN_O) $(B)/libretarget.a
	@mkdir -p $(@D)
	$(CXX) $(OPT) -fsanitize=fuzzer,address,undefined -pthread -o $@ $^ $(LIBS) $(LDFLAGS)

$(B)/gen/%: $(B)/tests/gen/%.o $(B)/libretarget.a
	@mkdir -p $(@D)
	$(CC) $(OPT) $(SANFLAGS) -pthread -o $@ $^ $(LIBS) $(LDFLAGS)

# Uses nothing of ours: what OpenSSL needs by itself.
$(B)/bench/%: tests/bench/%.c
	@mkdir -p $(@D)
	$(CC) -std=c11 -D_GNU_SOURCE $(OPT) $(WARN) -pthread $(CFLAGS) -o $@ $< \
	    $(shell $(PKG_CONFIG) --cflags --libs libcrypto 2>/dev/null) $(LDFLAGS)

$(B)/fault/alloc: $(B)/tests/fault/alloc.o $(B)/tests/fault/commands.o $(B)/libretarget.a
	@mkdir -p $(@D)
	$(CC) $(OPT) $(SANFLAGS) -pthread -o $@ $^ $(LIBS) $(LDFLAGS)

$(B)/fault/explaining: $(B)/tests/fault/explaining.o $(B)/libretarget.a
	@mkdir -p $(@D)
	$(CC) $(OPT) $(SANFLAGS) -pthread -o $@ $^ $(LIBS) $(LDFLAGS)

$(B)/libfault.so: tests/fault/shim.c
	@mkdir -p $(@D)
	$(CC) -std=c11 -D_GNU_SOURCE $(OPT) $(WARN) $(CFLAGS) -shared -fPIC -o $@ $< $(LDFLAGS)

.SECONDARY: $(FUZZ_O) $(GEN_C:%.c=$(B)/%.o) $(B)/tests/fault/alloc.o $(B)/tests/fault/explaining.o

# ---- tests

.PHONY: check
check: deps-if-missing deps-python ## builds and runs every test
	$(AGAIN) check-unit
	$(AGAIN) check-headers
	$(AGAIN) check-fuzz
	$(AGAIN) check-cli
	$(AGAIN) check-schema
	$(AGAIN) check-oracle
	$(AGAIN) check-fault

# Check forks for each test, so that one crash is one failure. With a sanitizer or memcheck
# a fork costs more than the test: there each suite is one process, and they run side by
# side.
by_suite = @printf '%s\n' $(SUITES) | CK_FORK=no CK_DEFAULT_TIMEOUT=600 \
    xargs -P $$(getconf _NPROCESSORS_ONLN) -I {} env CK_RUN_SUITE={} $(1) $(B)/unit

.PHONY: check-unit
check-unit: $(B)/unit ## unit tests (Check); CK_RUN_SUITE=name runs one
	$(if $(SAN),$(if $(CK_RUN_SUITE),$(B)/unit,$(by_suite)),$(B)/unit)

.PHONY: check-headers
check-headers: ## every header compiles alone
	@for h in $(LIB_H) $(CMD_H); do \
	    $(CC) $(CBASE) $(CFLAGS) -fsyntax-only -x c $$h || exit 1; done
	@echo "headers: $(words $(LIB_H) $(CMD_H)) compile alone"

.PHONY: check-fuzz
check-fuzz: $(REPLAYS) ## what fuzzing found before, once more (needs no fuzzer)
	@for f in $(REPLAYS); do \
	    $$f tests/fuzz/corpus/$${f##*/} || exit 1; done

.PHONY: check-cli
check-cli: $(B)/retarget ## golden cases of the command line; CASES=build/* runs some
	@tests/cli/run -b $(B) $(CASES)

# The first Python that has what the tests import: a user's own may not.
IMPORTS  := import zoneinfo; from importlib.util import find_spec; exit(not find_spec("jsonschema"))
a_python  = $$(for p in python3 /usr/bin/python3; do \
            $$p -c '$(IMPORTS)' 2>/dev/null && echo $$p && break; done)

MUTATIONS ?= 250

.PHONY: check-schema
check-schema: $(B)/retarget ## the JSON Schema and the program judge alike; MUTATIONS=n random changes (250)
	@p=$(a_python); if test -n "$$p"; then \
	    $$p tests/schema/run --retarget $< --mutations $(MUTATIONS) --seed $(SEED); \
	else echo "schema: passed as skipped: needs python3 with jsonschema"; fi

# A twin of the evaluator in Python; on a machine without Python there is nothing to run.
N         ?= 5000
SEED      ?= 1
TWIN_RUNS := python3 -c 'import zoneinfo' 2>/dev/null

.PHONY: check-oracle
check-oracle: $(B)/retarget ## cases by hand, calendar days, random cases against the naive twin, laws of order
	@if $(TWIN_RUNS); then tests/oracle/by_hand --retarget $< && \
	    tests/oracle/calendar_days --retarget $< && \
	    tests/oracle/run --retarget $< --cases 220 && \
	    tests/oracle/laws --retarget $< --cases 4 --spill && \
	    tests/oracle/explained --retarget $< --cases 12; \
	else echo "oracle: passed as skipped: needs python3, 3.9 or later"; fi

.PHONY: oracle
oracle: all ## N random cases (5000) from SEED (1) against the naive twin
	tests/oracle/by_hand
	tests/oracle/calendar_days
	tests/oracle/run --cases $(N) --seed $(SEED)
	tests/oracle/laws --cases 50 --seed $(SEED) --spill
	tests/oracle/explained --cases 500 --seed $(SEED)

# A sanitizer and a preloaded library do not go together: there only memory is refused.
FAULT_STEP ?= 5
KILLS      ?= 3

.PHONY: check-fault
check-fault: $(B)/retarget $(B)/fault/alloc $(B)/fault/explaining $(B)/libfault.so ## every FAULT_STEPth (5) allocation, write, close ... fails; runs are killed
	@$(B)/fault/alloc -s $(FAULT_STEP) .
	@$(B)/fault/explaining -s $(FAULT_STEP) .
	@test -n "$(SAN)" || tests/fault/run -b $(B) -s $(FAULT_STEP)
	@test -n "$(SAN)" || tests/fault/kill -b $(B) -n $(KILLS)

.PHONY: fault
fault: all ## each allocation and system call fails, and many runs are killed
	$(AGAIN) FAULT_STEP=1 KILLS=100 check-fault

.PHONY: golden
golden: all ## records the golden cases anew: read the diff
	@tests/cli/run -r -b $(B) $(CASES)

# Address space randomisation by more than 28 bits is too much for gcc 12's tsan.
STILL := $(shell setarch -R true 2>/dev/null && echo setarch -R)

.PHONY: asan
asan: deps-if-missing ## unit and golden tests under the address and undefined sanitizers
	$(AGAIN) SAN=address,undefined check-unit
	$(AGAIN) SAN=address,undefined check-fuzz
	$(AGAIN) SAN=address,undefined check-cli
	$(AGAIN) SAN=address,undefined FAULT_STEP=3 check-fault

.PHONY: tsan
tsan: deps-if-missing ## unit and golden tests under the thread sanitizer
	+@$(STILL) $(MAKE) --no-print-directory $(JOBS) SAN=thread check-unit
	+@$(STILL) $(MAKE) --no-print-directory $(JOBS) SAN=thread check-cli

# libphonenumber keeps what memcheck takes for possibly lost.
MEMCHECK := valgrind -q --error-exitcode=99 --leak-check=full --show-leak-kinds=definite \
            --errors-for-leak-kinds=definite

.PHONY: valgrind
valgrind: deps-if-missing deps-valgrind ## unit tests and the demo under memcheck
	$(AGAIN) $(B)/unit $(B)/retarget
	$(call by_suite,FEWER_ROUNDS=yes $(MEMCHECK))
	@mkdir -p build/valgrind
	$(MEMCHECK) $(B)/retarget build -q -s $(DEMO)/segments.json -o build/valgrind \
	    --products 3 --as-of $(DEMO_AS_OF) $(DEMO_INPUTS)

FUZZ_SECONDS ?= 60

.PHONY: fuzz
fuzz: deps-if-missing deps-fuzz ## each parser by libFuzzer for FUZZ_SECONDS (60); needs clang
	$(AGAIN) CC=$(CLANG) CXX=$(CLANGXX) SAN=fuzzer-no-link,address,undefined fuzz-run

.PHONY: fuzz-run
fuzz-run: $(FUZZERS)
	@for f in $(FUZZERS); do echo "$$f"; mkdir -p tests/fuzz/corpus/$${f##*/} build/fuzz-$${f##*/}; \
	    $$f -max_total_time=$(FUZZ_SECONDS) -artifact_prefix=build/ -print_final_stats=0 \
	    -verbosity=0 build/fuzz-$${f##*/} \
	    tests/fuzz/corpus/$${f##*/} || exit 1; done

# ---- measuring, reading

.PHONY: bench
bench: all deps-bench ## times retarget beside other tools; ROWS=n, see tests/bench/run --help
	$(AGAIN) $(GENS) $(B)/bench/digests
	tests/bench/run

CODE := $(sort $(LIB_C) $(LIB_CC) $(LIB_H) $(CMD_C) $(CMD_H) $(wildcard tests/*/*.[ch]))

.PHONY: lint
lint: deps-if-missing deps-lint ## manual pages, layout, static analysis, house rules
	mandoc -T lint -W warning $(PAGES)
	clang-format --dry-run -Werror $(CODE)
	cppcheck --quiet --std=c11 --language=c --enable=warning,performance,portability \
	    --inline-suppr --error-exitcode=1 --suppress=missingInclude \
	    --suppress=arrayIndexOutOfBoundsCond -Ilib -I. -D_GNU_SOURCE -DRT_VERSION='""' \
	    -DRT_MANDIR='""' $(or $(JOBS),-j2) $(LIB_C) $(CMD_C)
	tests/lint

.PHONY: format
format: deps-lint ## lays the code out by .clang-format
	clang-format -i $(CODE)

DEMO        := testdata/demo
DEMO_AS_OF  := 2026-07-01T12:00:00Z
DEMO_INPUTS := $(DEMO)/events.csv $(DEMO)/access.log $(DEMO)/events.jsonl

.PHONY: demo
demo: all ## shows it: the lists of the small shop in testdata/demo, and what else there is to see
	@rm -rf build/demo
	@$(DEMO)/tour ./retarget build/demo

# ---- installing

INSTALLED = $(BINDIR)/retarget $(COMPDIR)/retarget \
    $(foreach p,$(notdir $(PAGES)),$(MANDIR)/man$(subst .,,$(suffix $(p)))/$(p))

.PHONY: install
install: all ## program, manual pages, bash completion; DESTDIR PREFIX BINDIR MANDIR COMPDIR
	install -d "$(DESTDIR)$(BINDIR)" "$(DESTDIR)$(MANDIR)/man1" "$(DESTDIR)$(MANDIR)/man5" \
	    "$(DESTDIR)$(COMPDIR)"
	install -m 755 $(B)/retarget "$(DESTDIR)$(BINDIR)/retarget"
	install -m 644 $(filter %.1,$(PAGES)) "$(DESTDIR)$(MANDIR)/man1"
	install -m 644 $(filter %.5,$(PAGES)) "$(DESTDIR)$(MANDIR)/man5"
	install -m 644 completion/retarget.bash "$(DESTDIR)$(COMPDIR)/retarget"

# Below DESTDIR the folders go too when nothing else is in them.
.PHONY: uninstall
uninstall: ## removes what install put there
	rm -f $(foreach f,$(INSTALLED),"$(DESTDIR)$(f)")
	@test -z "$(DESTDIR)" || for d in "$(BINDIR)" "$(MANDIR)/man1" "$(MANDIR)/man5" "$(COMPDIR)"; do \
	    (cd "$(DESTDIR)" && rmdir -p --ignore-fail-on-non-empty ".$$d") 2>/dev/null; done; true

.PHONY: clean
clean: ## removes what was built
	rm -rf build retarget

# ---- what it takes

PACKAGES := gcc g++ libc6-dev make pkg-config libcsv-dev libjansson-dev check \
            libsubunit-dev libssl-dev libisal-dev libzstd-dev libpcre2-dev libxxhash-dev \
            libunistring-dev libphonenumber-dev tzdata python3 python3-jsonschema
APT      := $(if $(filter 0,$(shell id -u)),,sudo )env DEBIAN_FRONTEND=noninteractive apt-get
HEADERS  := csv.h unistr.h check.h phonenumbers/phonenumberutil.h google/protobuf/message.h
probe     = printf '\#if !__has_include(<%s>)\n\#error\n\#endif\n' $(HEADERS) \
            | $(CC) -E -x c - >/dev/null 2>&1
have      = command -v $(1) >/dev/null 2>&1

.PHONY: deps
deps: ## installs what building and testing take, by apt-get
	@$(call have,apt-get) || { \
	    echo "no apt-get here: install what these Debian packages hold, then make again:"; \
	    echo "$(PACKAGES)"; exit 1; } >&2
	@test "$$(id -u)" = 0 || $(call have,sudo) || { \
	    echo "not root and no sudo: ask for these packages, then make again:"; \
	    echo "$(PACKAGES)"; exit 1; } >&2
	$(APT) update -qq </dev/null
	$(APT) install -y -qq --no-install-recommends $(PACKAGES) </dev/null

.PHONY: deps-if-missing
deps-if-missing:
	@if $(call have,$(firstword $(CC))) && $(call have,$(firstword $(CXX))) \
	    && $(PKG_CONFIG) --exists $(MODULES) check 2>/dev/null && $(probe) \
	    && test -e /usr/share/zoneinfo/Europe/Rome; then :; \
	else $(MAKE) --no-print-directory deps; fi

# Only the tests take Python: where it cannot be installed they say that they are skipped.
deps-python:
	@test -n "$(a_python)" || ! $(call have,apt-get) \
	    || ! { test "$$(id -u)" = 0 || $(call have,sudo); } \
	    || { $(APT) update -qq && $(APT) install -y -qq --no-install-recommends \
	         python3 python3-jsonschema; } </dev/null
.PHONY: deps-python

# What only some targets take: $(call or_install,PACKAGES) behind the test for it.
or_install = || { $(APT) update -qq && $(APT) install -y -qq --no-install-recommends $(1); } </dev/null

deps-lint: ; @$(call have,mandoc) && $(call have,clang-format) && $(call have,cppcheck) \
	$(call or_install,mandoc clang-format cppcheck)
deps-valgrind: ; @$(call have,valgrind) $(call or_install,valgrind libc6-dbg)
deps-fuzz: ; @$(call have,$(CLANG)) $(call or_install,clang libclang-rt-14-dev llvm)
deps-bench: ; @$(call have,python3) && $(call have,time) \
	$(call or_install,python3 python3-venv time)
.PHONY: deps-lint deps-valgrind deps-fuzz deps-bench

.PHONY: help
help: ## this list
	@sed -n 's/^\([a-z-]*\):[^#]*## /\1\t/p' $(MAKEFILE_LIST) | while IFS="$$(printf '\t')" read -r t h; \
	    do printf '  %-14s %s\n' "$$t" "$$h"; done

-include $(LIB_O:.o=.d) $(CMD_O:.o=.d) $(UNIT_O:.o=.d) $(FUZZ_O:.o=.d) $(GEN_C:%.c=$(B)/%.d) \
    $(B)/tests/fault/alloc.d $(B)/tests/fault/commands.d
