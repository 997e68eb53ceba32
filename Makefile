# What people and CI run. `make` without a target lists them.

BUILD ?= .build
STATIC := $(BUILD)/static
RELEASE := swift build -c release --static-swift-stdlib --product dioptra -Xlinker -s -Xlinker -L$(STATIC)

.PHONY: help prepare try test release lint format bench

help:
	@echo "make try      build, and write a deployment folder to look at"
	@echo "make test     run all tests"
	@echo "make release  build the binary that runs alone: dist/dioptra"
	@echo "make lint     check formatting"
	@echo "make bench    measure time and memory"

prepare:
	@.ci/prepare

try:
	@.ci/try

test:
	@.ci/test

lint:
	swift format lint --strict --recursive Package.swift Sources Tests

format:
	swift format --in-place --recursive Package.swift Sources Tests

# The linker takes the first library of the name that it finds: a folder with the static one only comes first.
$(STATIC)/libsqlite3.a:
	@mkdir -p $(STATIC)
	@ln -sf "$$(cc -print-file-name=libsqlite3.a)" $@

release: $(STATIC)/libsqlite3.a
	$(RELEASE)
	@mkdir -p dist
	@cp "$$($(RELEASE) --show-bin-path)/dioptra" dist/dioptra
	@ls -l dist/dioptra

bench: release
	@Tests/Bench/run dist/dioptra
