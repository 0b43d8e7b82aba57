// Package archtest holds the house's rules as tables, and a test that enforces
// them: which package may import which, what must never be reached, and what may
// lie at the top level.
package archtest

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

const module = "harkara/"

// anything marks a row that may import every package of ours but cmd.
const anything = "*"

// rows says what each package may import of ours, itself excepted. A name ending
// in /... stands for the folder below it.
var rows = map[string][]string{
	"internal/label":    {},
	"internal/calendar": {},
	"internal/custody":  {"internal/label", "internal/calendar"},

	"scanner/decode":         {"internal/label", "scanner/jpeg"},
	"scanner/decode/hostile": {},

	"scanner/jpeg":    {},
	"scanner/tiff":    {"scanner/decode"},
	"scanner/pdf":     {"scanner/decode"},
	"scanner/gesture": {"internal/label"},
	"scanner/source":  {"internal/label", "scanner/decode", "scanner/gesture", "scanner/pdf", "scanner/tiff"},
	"scanner/spool":   {"internal/label", "scanner/decode", "scanner/gesture"},
	"scanner/uplink":  {"internal/damp", "web/wire"},

	"activities": {"internal/custody", "internal/calendar", "internal/label"},
	"workflows":  {"internal/custody", "internal/calendar", "internal/label", "activities"},

	"internal/ledger": {"internal/custody", "internal/calendar", "internal/label", "internal/people"}, // whose store it is
	"internal/intake": {"internal/custody", "internal/label", "internal/ledger", "workflows"},
	"internal/audit":  {"internal/custody", "internal/calendar", "internal/label", "internal/ledger", "workflows"},
	"internal/notify": {"internal/custody", "internal/paper"},
	"internal/paper":  {"internal/label", "internal/custody", "web/lang"},
	"internal/people": {"internal/custody", "internal/label"},

	"internal/people/peopletest": {"internal/custody", "internal/label", "internal/people"},

	"internal/damp":   {},
	"internal/secret": {},

	"internal/backup":     {"internal/engine/postgres", "internal/ledger"},
	"internal/office":     {anything}, // but demo and bench: see never
	"internal/officejson": {"internal/custody", "internal/calendar", "internal/label"},
	"internal/register":   {"internal/custody", "internal/label"},

	"internal/engine":                 {"internal/engine/postgres"},
	"internal/engine/postgres":        {},
	"internal/engine/postgres/pgtest": {"internal/engine/postgres"},

	"web":       {"internal/custody", "internal/calendar", "internal/label", "internal/people", "internal/paper", "internal/damp", "scanner/decode", "scanner/tiff", "web/..."},
	"web/lang":  {},
	"web/asset": {},
	"web/live":  {},
	"web/wire":  {"internal/label"},
	"web/board": {"internal/custody", "internal/label", "internal/people", "web/gate", "web/lang", "web/live"},
	"web/gate":  {"internal/custody", "internal/damp", "internal/people", "web/lang", "web/wire"},
	"web/kiosk": {"internal/label", "scanner/gesture", "web/lang", "web/asset"},

	"cmd/station": {"scanner/...", "internal/label", "internal/damp", "internal/secret", "web/kiosk", "web/lang", "web/wire"},
	"cmd/harkara": {anything},

	"internal/chromium":  {},
	"internal/smalldisk": {},
	"internal/demo":      {anything},
	"internal/bench":     {anything},

	"internal/bench/fill":  {"internal/custody", "internal/intake", "internal/label", "internal/ledger"},
	"internal/bench/spent": {},

	"internal/archtest": {},
}

// testOnly lists packages that only test files may import.
var testOnly = []string{"internal/engine/postgres/pgtest", "internal/people/peopletest", "internal/chromium", "internal/smalldisk"}

// never says what a package must not reach, however indirectly.
var never = []struct{ from, reach string }{
	{"web/...", "go.temporal.io/"},
	{"scanner/...", "go.temporal.io/"},
	{"internal/ledger", "go.temporal.io/"},
	{"internal/engine/postgres", "go.temporal.io/"},
	{"workflows", "github.com/jackc/pgx/"},
	{"activities", "github.com/jackc/pgx/"},
	{"web/...", "github.com/jackc/pgx/"},
	{"cmd/station", "go.temporal.io/"},
	{"cmd/station", "github.com/jackc/pgx/"},
	// A station hands on what its office says of a file and reads none of it, or an
	// office could not become richer before its stations do.
	{"cmd/station", "harkara/internal/custody"},
	// Packages whose tests must stay fast are kept free of the Temporal server.
	{"workflows", "go.temporal.io/server"},
	{"activities", "go.temporal.io/server"},
	{"internal/intake", "go.temporal.io/server"},
	{"internal/audit", "go.temporal.io/server"},
	{"internal/bench/fill", "go.temporal.io/server"},
	{"internal/backup", "go.temporal.io/"},
	// An office is composed without what shows or measures one.
	{"internal/office", module + "internal/demo"},
	{"internal/office", module + "internal/bench"},
	// A browser is driven by tests alone.
	{"cmd/harkara", "github.com/chromedp/"},
	{"cmd/station", "github.com/chromedp/"},
}

// top lists what may lie at the top level.
var top = []string{
	"cmd", "workflows", "activities", "scanner", "web", "internal", "docs", "go.mod", "go.sum",
	"docker-compose.yml", "README.md", "Makefile", ".ci", "LICENSE", ".gitignore", ".gitattributes", ".git",
}

// pkg is what the checks need of one package: its imports, and everything it
// reaches.
type pkg struct {
	imports []string
	deps    []string
}

// violations names every breach of the tables, sorted.
func violations(packages map[string]pkg) []string {
	var out []string
	for _, path := range slices.Sorted(maps.Keys(packages)) {
		name := strings.TrimPrefix(path, module)
		row, known := rows[name]
		if !known {
			out = append(out, name+": not in the table of packages")
			continue
		}
		for _, imp := range packages[path].imports {
			target, ours := strings.CutPrefix(imp, module)
			switch {
			case !ours:
			case slices.Contains(testOnly, target):
				out = append(out, fmt.Sprintf("%s imports %s: for test files only", name, target))
			case !allowed(row, target):
				out = append(out, fmt.Sprintf("%s imports %s: not in its row", name, target))
			}
		}
		for _, n := range never {
			if !matches(n.from, name) {
				continue
			}
			for _, dep := range packages[path].deps {
				if strings.HasPrefix(dep, n.reach) {
					out = append(out, fmt.Sprintf("%s reaches %s: never %s", name, dep, n.reach))
					break
				}
			}
		}
	}
	return out
}

func allowed(row []string, target string) bool {
	return slices.ContainsFunc(row, func(r string) bool {
		return r == anything && !strings.HasPrefix(target, "cmd/") || matches(r, target)
	})
}

// matches reports whether name is the pattern, or lies in its folder where it
// ends in /....
func matches(pattern, name string) bool {
	folder, below := strings.CutSuffix(pattern, "/...")
	return name == folder || below && strings.HasPrefix(name, folder+"/")
}
