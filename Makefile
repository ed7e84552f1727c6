# Every contributor command. `make help` lists them; CI calls `make ci` and nothing else.
SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory
DENY := -D warnings
HACK := cargo hack check --lib --feature-powerset
NO_STD := --no-default-features --features
TESTS := --lib --tests
TIMES := semaphore map singleflight cancel errgroup
SPACES := footprint map-footprint singleflight-counts cancel-footprint errgroup-footprint

help: ## List the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /\1\t/' | expand -t 16

ci: check test backends features loom bench-smoke firmware ## All that must hold at every commit (under 25 minutes on 2 cores)

release-check: ci mutants audit asan tsan i686 stress firmware-all msrv deny ## CI, and everything that takes longer

check: ## Formatting, lints and documentation
	cargo fmt --all --check
	cargo clippy --workspace --all-targets -- $(DENY) && cargo clippy --lib $(NO_STD) spin -- $(DENY)
	for set in "" --no-default-features "$(NO_STD) alloc,spin"; do RUSTDOCFLAGS="$(DENY)" cargo doc --no-deps $$set; done

test: ## Unit, integration and documentation tests, and those of treesum and shield
	cargo test --features serde
	cargo test -p treesum -p shield

backends: ## The same tests on the other queue locks: spin (with and without alloc) and critical section
	cargo test $(TESTS) $(NO_STD) spin
	cargo test $(TESTS) $(NO_STD) alloc,spin
	cargo test $(TESTS) $(NO_STD) alloc,critical-section

features: ## Every combination of features builds
	cargo hack --version >/dev/null 2>&1 || cargo install --locked cargo-hack
	RUSTFLAGS="$(DENY)" CARGO_TARGET_DIR=target/features $(HACK)

loom: ## Model checking: every race, at the bounds stated in loom-tests/README.md
	cd loom-tests && cargo test

mutants: ## Break the library in each way that a model names, and see that model fail
	cd loom-tests && cargo run --quiet --bin mutants

audit: ## Weaken each memory ordering, see a model fail, and write loom-tests/AUDIT.md
	cd loom-tests && cargo run --quiet --bin audit

firmware: ## A bare-metal image in an emulator: a task woken from an interrupt, and a planted lost wake
	bash tests/firmware/run.sh

firmware-all: ## The same on a chip without compare-and-swap too
	bash tests/firmware/run.sh all

stress: ## Six minutes of threads and runtimes on semaphores, maps, flights, groups and trees of tokens; the seed is printed
	XSYNC_STRESS_SECONDS=15 cargo test --release --test stress -- --nocapture --test-threads 1

asan: ## The tests under AddressSanitizer and LeakSanitizer (nightly)
	bash tests/sanitize.sh address

tsan: ## The tests under ThreadSanitizer with an instrumented std
	bash tests/sanitize.sh thread

i686: ## The library's own tests, the map's and singleflight's on a 32-bit target, with an std built from source
	sh tests/i686.sh

miri: ## The tests under Miri, where that component is installed
	cargo +nightly miri test --test semaphore --test map --test cancel --test wakers

bench: ## All measurements, side by side with the peers and with Go, on a quiet machine
	for rows in $(TIMES) $(SPACES); do cargo bench -p xsync-benches --bench $$rows; done

bench-smoke: ## Each measurement once, briefly
	for rows in $(TIMES); do cargo bench -p xsync-benches --bench $$rows -- --quick; done
	for rows in $(SPACES); do cargo bench -p xsync-benches --bench $$rows; done

bench-treesum: ## treesum beside its twin on tokio and beside openssl, as ratios (some minutes; a tree of 2.4 GB)
	bash benches/treesum/compare.sh

msrv: ## The library builds with the oldest supported compiler
	bash .ci/msrv

deny: ## Licenses, sources and duplicates of the dependencies
	cargo deny --version >/dev/null 2>&1 || cargo install --locked cargo-deny
	cargo deny check licenses bans sources

.PHONY: help ci release-check check test backends features loom mutants audit firmware firmware-all stress asan tsan i686 miri \
	bench bench-smoke bench-treesum msrv deny
