SHELL := /bin/bash
tool  := go tool -modfile=.ci/tools/go.mod

# Each stage of `make test` says how long it took.
stage  = @echo "== $(1)"; start=$$SECONDS; $(2) && echo "   $$((SECONDS-start)) s"

.PHONY: help build demo test test-fast lint bench clean

help:
	@echo "make demo       see a sample secretariat alive in a browser"
	@echo "make test       everything that must hold, on a real PostgreSQL and Temporal"
	@echo "make test-fast  the tests that do not build the Temporal server"
	@echo "make lint       format, vet, staticcheck, workflowcheck"
	@echo "make bench      full scans against bare workflow updates, in one run"
	@echo "make build      ./harkara"

build:
	go build -trimpath -o harkara ./cmd/harkara

demo:
	@.ci/need postgres fonts
	@echo "Building (the first time takes some minutes: it has a Temporal server inside)"
	@$(MAKE) --no-print-directory build
	./harkara demo

lint:
	$(call stage,format,diff=$$($(tool) gofumpt -l . | grep -v /testdata/) ; [ -z "$$diff" ] || { echo "not formatted: $$diff"; exit 1; })
	$(call stage,vet,go vet ./...)
	$(call stage,staticcheck,$(tool) staticcheck ./...)
	$(call stage,workflowcheck,$(tool) workflowcheck -config .ci/workflowcheck.yaml ./workflows/...)

test:
	@.ci/need postgres chromium fonts poppler
	@$(MAKE) --no-print-directory lint
	$(call stage,test,go test -race -timeout 60m ./...)
	$(call stage,decoding without the race detector,go test -timeout 20m ./scanner/decode)

test-fast:
	@.ci/need postgres
	go test $$(go list -deps=false ./... | grep -v -E 'internal/engine$$|cmd/harkara|internal/bench')

bench: build
	./harkara bench scans

clean:
	rm -f harkara
