# datarizer: what a user and a developer type. Every target prints what it does; CMake and ctest do the work.
PREFIX ?= /usr/local
DESTDIR ?=
CASE ?=
FUZZ_SECONDS ?= 1800
JOBS ?= $(shell nproc)
BUILDS ?= release asan tsan
COMPILER ?= gcc
APP ?= userator
export PREFIX DESTDIR BUILDS JOBS
export CC = $(COMPILER)
export CXX = $(if $(filter clang%,$(COMPILER)),$(subst clang,clang++,$(COMPILER)),$(subst gcc,g++,$(COMPILER)))

.DEFAULT_GOAL := help
.PHONY: build run serve test test-python test-long bench lint lint-python format fuzz fuzz-coverage fuzz-mutate dev install docs package package-test help clean

help: ## this list
	@sed -n 's/^\([a-z-]*\):.*## /\1\t/p' Makefile | while IFS="$$(printf '\t')" read -r name text; do \
	    printf '  make %-13s %s\n' "$$name" "$$text"; done
	@echo '  PREFIX= and DESTDIR= place an install, CASE= picks a benchmark, FUZZ_SECONDS= sets how long all fuzz targets run together,'
	@echo '  BUILDS= picks from "release asan tsan" what is tested, COMPILER= is gcc or clang, APP= is userator or api-v1'

build: ## install what is missing from Debian, build the library and the programs into build/bin
	@scripts/install-deps.sh build
	@scripts/build.sh release

run: build ## the whole pipeline: serve 137 sample users, pull them, show what landed in tmp/
	@scripts/install-deps.sh run
	@scripts/run.sh

serve: build ## start the user API with the sample users on 127.0.0.1 and leave it running until Ctrl-C
	@scripts/install-deps.sh run
	@scripts/run.sh --serve

test: ## every test: release, then AddressSanitizer and UBSan, then ThreadSanitizer (BUILDS= for some of them)
	@scripts/install-deps.sh build test
	@scripts/test.sh

test-long: ## what takes too long for every day: an upload of 16 GB to MinIO
	@scripts/install-deps.sh build test
	@DZR_LONG=1 scripts/test.sh -R '^s3_bounds$$'

bench: ## measure beside the peers (CASE=x for one), write docs/performance.md
	@scripts/install-deps.sh build bench
	@scripts/build.sh release
	@python3 bench/run.py $(CASE)

test-python: ## the tests that are written in Python, on the release build
	@scripts/install-deps.sh build test
	@scripts/test.sh -L python

lint: ## layout, warnings of gcc and clang, clang-tidy, cppcheck, shell scripts, man pages, Python
	@scripts/install-deps.sh build lint
	@scripts/lint.sh
	@scripts/lint-python.sh

lint-python: ## flake8, black and isort over the Python of tests/, bench/ and examples/
	@scripts/install-deps.sh build
	@scripts/lint-python.sh

format: ## bring every C, C++ and Python file into the project's layout
	@scripts/install-deps.sh lint
	@git ls-files '*.c' '*.h' '*.cpp' '*.hpp' | xargs clang-format -i
	@scripts/lint-python.sh --fix

fuzz: ## run the fuzz targets, which share FUZZ_SECONDS
	@scripts/install-deps.sh build fuzz
	@scripts/fuzz.sh $(FUZZ_SECONDS)

fuzz-coverage: ## which share of pkg/datarizer/parquet the fuzz corpora reach by themselves; fails below 85 % of the lines
	@scripts/install-deps.sh build fuzz
	@scripts/fuzz-coverage.sh 85

fuzz-mutate: ## read 100,000 Parquet files that were changed, each within a second and 64 MiB
	@scripts/install-deps.sh build
	@scripts/fuzz-mutate.sh 100000

dev: build ## rebuild and restart the user API (APP=api-v1: the deprecated one) whenever a source file is saved
	@scripts/install-deps.sh dev
	@scripts/dev.sh $(APP)

install: build ## install programs, library, headers and man pages under $(DESTDIR)$(PREFIX)
	@DESTDIR="$(DESTDIR)" cmake --install build --prefix "$(PREFIX)"

docs: ## the API reference, by Doxygen from the public headers, into build/docs/html; the pictures of docs/
	@scripts/install-deps.sh docs
	@mkdir -p build
	@DZR_VERSION=$$(sed -n 's/^project(datarizer VERSION \([0-9.]*\).*/\1/p' CMakeLists.txt) doxygen docs/Doxyfile
	@for picture in docs/*.dot; do dot -Tsvg "$$picture" -o "$${picture%.dot}.svg"; done
	@echo build/docs/html/index.html

package: ## Debian packages of the library and the programs, into build/deb/packages
	@scripts/install-deps.sh build
	@scripts/package.sh

package-test: package ## install the packages in a clean Debian, build examples/ there, start userator, remove it all
	@scripts/install-deps.sh package
	@scripts/package-test.sh

clean: ## remove build/ and tmp/
	rm -rf build tmp
