# What people and CI run. `make` without a target lists them.

BUILD ?= .build
STATIC := $(abspath $(BUILD))/static
# The toolchain's own linker leaves out what nothing uses.
RELEASE := DIOPTRA_LINKER=lld PKG_CONFIG_PATH=$(STATIC) swift build -c release --static-swift-stdlib --product dioptra -Xlinker -s

.PHONY: help prepare try test test-all e2e e2e-all release lint format bench

help:
	@echo "make try      build, and write a deployment folder to look at"
	@echo "make test     run all tests"
	@echo "make test-all the same, with more random cases and slow tests (about 50 minutes on two cores)"
	@echo "make e2e      run only the tests on a real Docker engine (root)"
	@echo "make e2e-all  the same, including slow tests (the slow line in full; 10 minutes more)"
	@echo "make release  build the stand-alone binary: dist/dioptra"
	@echo "make lint     check formatting"
	@echo "make bench    measure time and memory"

prepare:
	@.ci/prepare

try:
	@.ci/try

test:
	@.ci/test

test-all:
	@DIOPTRA_TEST_ALL=1 .ci/test

e2e:
	@.ci/e2e

e2e-all:
	@DIOPTRA_TEST_ALL=1 .ci/e2e

lint:
	swift format lint --strict --recursive Package.swift Sources Tests

format:
	swift format --in-place --recursive Package.swift Sources Tests

# A folder with nothing but static libraries, and descriptions that lead there: the program then runs alone.
$(STATIC)/sqlite3.pc $(STATIC)/yaml-0.1.pc &:
	@mkdir -p $(STATIC)
	@for library in libsqlite3.a libyaml.a libstdc++.a; do ln -sf "$$(cc -print-file-name=$$library)" $(STATIC)/$$library; done
	@printf '%s\n' 'Name: SQLite' 'Description: the static library' 'Version: 3' \
	  'Libs: -L$(STATIC) -lsqlite3 -lm' 'Cflags:' > $(STATIC)/sqlite3.pc
	@printf '%s\n' 'Name: libyaml' 'Description: the static library' 'Version: 0.2' \
	  'Libs: -L$(STATIC) -lyaml' 'Cflags:' > $(STATIC)/yaml-0.1.pc

release: $(STATIC)/sqlite3.pc $(STATIC)/yaml-0.1.pc
	$(RELEASE)
	@mkdir -p dist
	@cp "$$($(RELEASE) --show-bin-path)/dioptra" dist/dioptra
	@ls -l dist/dioptra

bench: release
	@Tests/Bench/run dist/dioptra
