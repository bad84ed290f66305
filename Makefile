# Each target is one script; run scripts/ directly for more options.
.PHONY: demo test lint torture

demo:
	@scripts/demo

test:
	@scripts/install-dependencies build test
	@scripts/build release
	@scripts/run-tests build/release

lint:
	@scripts/install-dependencies build test lint
	@scripts/lint

# N: how many histories and kills; SEED: repeat one
torture:
	@scripts/install-dependencies build test
	@scripts/build release
	@scripts/torture "$(N)" "$(SEED)"
