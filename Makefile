# The front door. Every target installs what it lacks first, and is quick when nothing is missing.
.PHONY: help build demo test package package-test check check-sanitizers bench soak mutants fuzz docs format clean
.DEFAULT_GOAL := help

help: ## say what there is
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 18

build: ## the program, at build/imprint
	@scripts/install
	@scripts/build release imprint imprint_mosquitto

demo: ## four simulated boards, from nothing to connected
	@[ -x build/imprint ] || echo "The first time this installs what is missing, builds the program (each file is a line)" \
		"and then shows it: about 5 minutes on 2 processors; afterwards it takes seconds."
	@$(MAKE) --no-print-directory build
	@build/imprint demo

test: ## everything: unit, property, golden, end-to-end
	@echo "This builds everything and runs every test (each that ends is a line): on 2 processors about half an hour" \
		"the first time, afterwards about 20 minutes."
	@scripts/install test package
	@scripts/build release
	@ctest --preset release -j $$(nproc) -LE e2e
	@# These wait more than they work: for boards, for brokers, for what was lost.
	@ctest --preset release -j $$((2 * $$(nproc))) -L e2e

package: ## a Debian package and a tarball, in build/package; ARCH=arm64 for a Raspberry Pi
	@scripts/install package $(if $(filter arm64,$(ARCH)),arm64)
	@$(if $(filter arm64,$(ARCH)),scripts/arm64_sysroot)
	@scripts/build $(if $(filter arm64,$(ARCH)),arm64,release) imprint imprint_mosquitto
	@scripts/package $(if $(ARCH),--arch $(ARCH))

package-test: ## install, upgrade, remove and purge the package in a new Debian (as root, minutes)
	@scripts/install package package-test
	@scripts/build release imprint imprint_mosquitto
	@# Only where there is one: what it packs has to be this checkout's.
	@[ ! -d build-arm64 ] || scripts/build arm64 imprint imprint_mosquitto
	@tests/package/installation.py -v

check: ## format, tidy, unit tests: before every commit
	@scripts/install test check package
	@scripts/format --check
	@scripts/build release
	@scripts/tidy
	@ctest --preset release -j $$(nproc) -LE e2e

check-sanitizers: ## unit tests, demo and flashing under the thread, address and undefined-behaviour sanitizers
	@scripts/install test check
	@scripts/sanitizers

bench: ## measure
	@scripts/install bench
	@scripts/bench

soak: ## 32 bays, 2,000 boards: memory, descriptors, threads, and how fast the page hears
	@$(MAKE) --no-print-directory build
	@scripts/install test
	@scripts/soak

mutants: ## each guard taken out once: does a test notice?
	@scripts/install test check
	@scripts/mutants

fuzz: ## ten minutes of libFuzzer for each parser, two hours in all
	@scripts/install check
	@scripts/fuzz

docs: ## the documentation as a site, in build/site: searchable without a network
	@scripts/install
	@scripts/docs

format: ## clang-format everything
	@scripts/install check
	@scripts/format

clean: ## remove what was built
	rm -rf build build-*
