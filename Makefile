# Each target is one script; run scripts/ directly for more options.
.PHONY: demo test lint bench fuzz torture diagrams package package-lambda

demo:
	@scripts/demo

test:
	@scripts/install-dependencies build test package
	@scripts/build release
	@scripts/run-tests build/release

lint:
	@scripts/install-dependencies build test lint
	@scripts/lint

# REPO: a bare repository to measure with, in place of one that is made
bench:
	@scripts/install-dependencies build test bench package
	@scripts/build release hubkeep ghsim s3_server
	@bench/run build/release "$(REPO)"

# SECONDS: for all fuzz targets together
fuzz:
	@scripts/install-dependencies build test lint
	@scripts/fuzz $(or $(SECONDS),60)

# N: how many histories and kills; SEED: repeat one
torture:
	@scripts/install-dependencies build test
	@scripts/build release
	@scripts/torture "$(N)" "$(SEED)"

diagrams:
	@scripts/install-dependencies diagrams
	@scripts/draw

# build/hubkeep_*.deb
package:
	@scripts/install-dependencies build package
	@scripts/package-deb

# build/hubkeep-lambda-*.zip; with CI=true for arm64 too
package-lambda:
	@scripts/install-dependencies build package
	@scripts/package-lambda
