# The commands of this repository. README and CONTRIBUTING name them.

GOLANGCI_LINT = go run github.com/golangci/golangci-lint/v2/cmd/golangci-lint@v2.15.0
# For each of over fifty targets: make verify is to stay under 90 minutes.
FUZZTIME ?= 20s

.PHONY: build test unit race check lint cross platforms simd model bench fuzz ollama verify

build: ## the program, into ./sheaf
	go build -o sheaf ./cmd/sheaf

test: ## what the tests need, then all tests; prints what was skipped and why
	scripts/setup
	scripts/test

unit: ## the tests with what is there
	scripts/test

race: ## the tests under the race detector
	scripts/test -race -short

check: lint cross platforms simd ## formatting, vet, linter, builds for other platforms
	test -z "$$(gofmt -l .)" || { gofmt -l .; exit 1; }
	go vet ./...
	go mod tidy -diff

lint:
	$(GOLANGCI_LINT) run ./...

cross: ## builds without cgo; the one for this platform has to do its job
	for t in linux/amd64 linux/386 linux/arm64 darwin/arm64 windows/amd64; do \
		echo "build $$t"; CGO_ENABLED=0 GOOS=$${t%/*} GOARCH=$${t#*/} go build -o /dev/null ./cmd/sheaf || exit 1; done
	for t in darwin/arm64 windows/amd64; do \
		echo "vet $$t"; CGO_ENABLED=0 GOOS=$${t%/*} GOARCH=$${t#*/} go vet ./cmd/... ./engine/... ./models/... ./kmeans/... ./labeler/... ./internal/... || exit 1; done
	CGO_ENABLED=0 go run ./cmd/sheaf notes --labeler keywords --quiet examples/notes.txt >/dev/null

platforms: ## the same bits on 386 and, under qemu, arm64
	scripts/platforms

simd: ## the kernels are what their generator writes; without -check it writes them
	scripts/simd -check

model: ## make the built-in model again: TEACHER=folder of potion-base-2M
	go run ./scripts/train-builtin -teacher "$(TEACHER)"

bench: ## the benchmarks of BENCHMARKS.md
	go test -run '^$$' -bench . -benchmem ./engine/... ./kmeans ./internal/... ./labeler/...

fuzz: ## every fuzz target for FUZZTIME
	scripts/fuzz $(FUZZTIME)

ollama: ## the tests against a real Ollama server, built first unless OLLAMA_BIN names one
	scripts/ollama

verify: test race check fuzz ## the long half: everything above, a real Ollama, peers
	scripts/verify
