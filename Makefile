SHELL := /bin/bash
tool  := go tool -modfile=.ci/tools/go.mod

# Each stage of `make test` says how long it took.
stage  = @echo "== $(1)"; start=$$SECONDS; $(2) && echo "   $$((SECONDS-start)) s"

# What links a Temporal server, or computes alone, would take ten times as long under the race
# detector, with the server compiled once more: `make race` does.
plain  := ./cmd/harkara ./internal/bench ./internal/engine ./internal/office ./scanner/decode ./scanner/pdf
shared := NoWrongCode|UnpackingEnds|SearchEnds|GivesBackAndBeginsAgain|EndsWithItsCaller
module := harkara
gotest  = go test -vet=off -timeout 60m -artifacts -outputdir $(CURDIR)/artefacts

.PHONY: help build station demo test test-fast race soak fuzz lint bench bench-pages clean

help:
	@echo "make demo       see a sample secretariat alive in a browser"
	@echo "make test       everything that must hold, on a real PostgreSQL and Temporal; pictures of pages in artefacts"
	@echo "make test-fast  the tests that do not build the Temporal server"
	@echo "make race       all tests with the race detector, which takes much longer"
	@echo "make soak       the long forms of the tests and all benchmarks, some hours: soak-DATE.txt"
	@echo "make fuzz       every fuzz target for FUZZTIME each (30s)"
	@echo "make lint       format, vet, staticcheck, workflowcheck"
	@echo "make bench      full scans against bare workflow updates, in one run"
	@echo "make bench-pages  a scan to its row on a board, a camera's frame to its answer: SCANS of each (300)"
	@echo "make build      ./harkara"
	@echo "make station    the agent of a room for amd64, arm64 and arm: ./station-*"

build:
	go build -o harkara ./cmd/harkara

# One static program each, small enough for any disk.
station:
	@for arch in amd64 arm64 arm; do \
	  CGO_ENABLED=0 GOOS=linux GOARCH=$$arch GOARM=7 go build -trimpath -ldflags="-s -w" -o station-$$arch ./cmd/station || exit 1; \
	  size=$$(stat -c %s station-$$arch); echo "station-$$arch $$size bytes"; \
	  [ $$size -lt 30000000 ] || { echo "station-$$arch is larger than 30 MB"; exit 1; }; \
	done

demo:
	@.ci/need postgres fonts
	@echo "Building (the first time takes some minutes: it has a Temporal server inside)"
	@$(MAKE) --no-print-directory build
	./harkara demo

lint:
	$(call stage,format,diff=$$($(tool) gofumpt -l . | grep -v /testdata/) ; [ -z "$$diff" ] || { echo "not formatted: $$diff"; exit 1; })
	$(call stage,vet,go vet ./... && go vet -tags next ./internal/custody)
	$(call stage,staticcheck,$(tool) staticcheck ./...)
	$(call stage,workflowcheck,$(tool) workflowcheck -config .ci/workflowcheck.yaml ./workflows/...)

test:
	@.ci/need postgres chromium fonts poppler
	@$(MAKE) --no-print-directory lint
	$(call stage,stations for amd64 arm64 and arm,$(MAKE) --no-print-directory station)
	@mkdir -p artefacts
	$(call stage,with the race detector,$(gotest) -race $$(go list ./... | grep -v -x $(plain:./%=-e $(module)/%)))
	$(call stage,what decoders share,go test -vet=off -race -timeout 20m -run '$(shared)' ./scanner/decode ./scanner/pdf)
	$(call stage,without the race detector,$(gotest) $(plain))

race:
	@.ci/need postgres chromium fonts poppler
	go test -vet=off -race -timeout 3h ./...

test-fast:
	@.ci/need postgres
	go test $$(go list -deps=false ./... | grep -v -E 'internal/engine$$|internal/office|cmd/harkara|internal/bench$$')

soak:
	@.ci/need postgres chromium fonts poppler
	@.ci/soak

FUZZTIME ?= 30s
fuzz:
	@grep -rHo --include=*_test.go '^func Fuzz[A-Za-z]*' . | sort | while IFS=: read -r file name; do \
	  target=$${name#func }; package=$$(dirname $$file); echo "== $$target of $$package"; \
	  go test -run '^$$' -fuzz "^$$target\$$" -fuzztime $(FUZZTIME) $$package </dev/null || exit 1; \
	done

bench: build
	./harkara bench scans

SCANS ?= 300
bench-pages:
	@.ci/need postgres chromium fonts
	go test ./internal/bench -run '^$$' -bench Pages -benchtime $(SCANS)x -timeout 2h

clean:
	rm -rf harkara station-amd64 station-arm64 station-arm artefacts
