# Each target is one script; run scripts/ directly for more options.
.PHONY: demo test bench lint fuzz torture

demo:
	@scripts/demo

test:
	@scripts/install-dependencies build test
	@scripts/build release
	@scripts/run-tests build/release

bench:
	@scripts/install-dependencies build test bench
	@scripts/build release hubkeep
	@scripts/bench

lint:
	@scripts/install-dependencies build test lint
	@scripts/lint

# SECONDS: for each target
fuzz:
	@scripts/install-dependencies build test lint
	@scripts/fuzz $(or $(SECONDS),60)

# N: how many histories and kills; SEED: repeat one
torture:
	@scripts/install-dependencies build test
	@scripts/build release
	@scripts/torture "$(N)" "$(SEED)"
