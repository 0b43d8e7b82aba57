package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/creack/pty"

	"harkara/internal/custody"
	"harkara/internal/demo"
	"harkara/internal/label"
	"harkara/internal/paper"
	"harkara/workflows"
)

// Every card and label of an office is on its PDF, in its place on the stock, once.
func TestSheetsOfLabelsAndCards(t *testing.T) {
	h := hire(t, workflows.Files{Rules: custody.Today})
	base := h.shown()
	o := demo.Sample(1)
	var desks, badges, holds, reasons, commands []label.Code
	for _, g := range label.Commands() {
		commands = append(commands, g.Code)
	}
	for _, d := range o.Desks {
		desks = append(desks, d.Code)
	}
	for _, p := range o.Officers {
		badges = append(badges, p.Code)
	}
	for _, c := range o.Holds {
		holds = append(holds, c.Code)
	}
	for _, c := range o.Reasons {
		reasons = append(reasons, c.Code)
	}
	for name, tt := range map[string]struct {
		args  []string
		stock string
		skip  int
		kind  label.Kind
		count int
		want  []label.Code // nil: fresh ones
	}{
		"labels":   {[]string{"labels", "16"}, "l7163", 0, label.File, 16, nil},
		"used":     {[]string{"labels", "12", "--skip", "9"}, "l7163", 9, label.File, 12, nil},
		"bags":     {[]string{"labels", "3", "--kind", "bag"}, "roll-100x50", 0, label.Bag, 3, nil},
		"commands": {[]string{"cards", "commands"}, "cards", 0, label.Card, len(commands), commands},
		"holds":    {[]string{"cards", "holds"}, "l7160", 0, label.Hold, len(holds), holds},
		"reasons":  {[]string{"cards", "reasons"}, "cards", 0, label.Card, len(reasons), reasons},
		"desks":    {[]string{"cards", "desks"}, "cards", 0, label.Desk, len(desks), desks},
		"badges":   {[]string{"cards", "badges"}, "cards", 0, label.Badge, len(badges), badges},
	} {
		t.Run(name, func(t *testing.T) {
			pdf := filepath.Join(t.TempDir(), "out.pdf")
			if code, out := cli(t, base, append(tt.args, "--stock", tt.stock, "-o", pdf)...); code != exitOK {
				t.Fatal(code, out)
			}
			codes := placed(t, base, pdf, tt.stock, tt.skip)
			if len(codes) != tt.count {
				t.Errorf("%d codes read back, want %d", len(codes), tt.count)
			}
			for _, c := range codes {
				if c.Kind() != tt.kind {
					t.Errorf("%s is a %s's", c, c.Kind())
				}
			}
			if tt.want != nil && !slices.Equal(codes, tt.want) {
				t.Errorf("read  %v\nprint %v", codes, tt.want)
			}
		})
	}
	if code, out := cli(t, base, "labels", "3", "--stock", "nothing", "-o", filepath.Join(t.TempDir(), "x.pdf")); code != exitFailed || !strings.Contains(out, "l7163") {
		t.Error(code, out)
	}
}

// placed reads a PDF back and returns its codes in the order of the stock's labels:
// each has one code, and none is left out before the last.
func placed(t *testing.T, base, pdf, on string, skip int) (codes []label.Code) {
	t.Helper()
	stock, err := paper.StockNamed(on)
	if err != nil {
		t.Fatal(err)
	}
	perMM := math.Sqrt(4_000_000 / (stock.Width * stock.Height)) // pixels, as a page of any size is drawn with
	perPage := stock.Columns * stock.Rows
	at := map[int]label.Code{}
	for _, page := range readPages(t, base, pdf) {
		for _, s := range page.Symbols {
			x, y := (s.Corners[0].X+s.Corners[2].X)/2/perMM, (s.Corners[0].Y+s.Corners[2].Y)/2/perMM
			column, row := 0, 0
			if stock.Columns > 1 {
				column = int((x - stock.Left) / stock.PitchX)
			}
			if stock.Rows > 1 {
				row = int((y - stock.Top) / stock.PitchY)
			}
			left, top := stock.Left+float64(column)*stock.PitchX, stock.Top+float64(row)*stock.PitchY
			if x < left || y < top || x > left+stock.LabelW || y > top+stock.LabelH {
				t.Errorf("page %d: %s at %.1f, %.1f mm is on no label", page.Page, s.Text, x, y)
			}
			i := (page.Page-1)*perPage + row*stock.Columns + column
			if other, taken := at[i]; taken && other != label.Code(s.Text) {
				t.Errorf("label %d has %s and %s", i, other, s.Text)
			}
			at[i] = label.Code(s.Text)
		}
	}
	for n, i := range slices.Sorted(maps.Keys(at)) {
		if i != n+skip {
			t.Errorf("%s is on label %d, want %d", at[i], i, n+skip)
		}
		codes = append(codes, at[i])
	}
	return codes
}

// readPages is what harkara decode says of a PDF's pages.
func readPages(t *testing.T, base, pdf string) (pages []decodedPicture) {
	t.Helper()
	_, out := cli(t, base, "decode", "--json", "--all", "--budget=30s", pdf)
	for line := range strings.Lines(out) {
		var page decodedPicture
		if err := json.Unmarshal([]byte(line), &page); err != nil || page.Error != "" {
			t.Fatal(line, err)
		}
		pages = append(pages, page)
	}
	return pages
}

// Each room has its sheet, with the desks its files go to, the cards of every day and
// the office's own.
func TestSheetsOfDestinations(t *testing.T) {
	h := hire(t, workflows.Files{Rules: custody.Today})
	base := h.shown()
	o := demo.Sample(1)
	dir := t.TempDir()
	all := filepath.Join(dir, "all.pdf")
	t.Setenv("HARKARA_SERVER", base)
	if shown := onTerminal(t, "cards", "destinations", "-o", all); !strings.Contains(shown, "rooms  50%") {
		t.Errorf("%q", shown)
	}
	separate, err := exec.LookPath("pdfseparate")
	if err != nil {
		lacking(t, err)
	}
	if raw, err := exec.CommandContext(t.Context(), separate, all, filepath.Join(dir, "%03d.pdf")).CombinedOutput(); err != nil {
		t.Fatal(err, string(raw))
	}
	first, pages := make([]int, len(o.Rooms)), 0 // of each room's sheet
	for i, room := range o.Rooms {
		first[i] = pages
		pages++
		if rest := len(needed(&o)) - paper.RoomForCards(len(goals(&o, room))); rest > 0 {
			pages += (rest + paper.RoomForCards(0) - 1) / paper.RoomForCards(0)
		}
	}
	if printed, err := filepath.Glob(filepath.Join(dir, "[0-9]*.pdf")); err != nil || len(printed) != pages {
		t.Fatalf("%d pages, want %d: %v", len(printed), pages, err)
	}
	for _, n := range []int{0, 17} { // each takes a second to read
		room := o.Rooms[n]
		var want []string
		desks := goals(&o, room)
		for _, d := range desks {
			want = append(want, string(d.Code))
		}
		for _, c := range needed(&o) {
			want = append(want, string(c.Code))
		}
		var got []string
		last := append(first, pages)[n+1]
		for p := first[n]; p < last; p++ {
			for _, page := range readPages(t, base, filepath.Join(dir, fmt.Sprintf("%03d.pdf", p+1))) {
				for _, s := range page.Symbols {
					got = append(got, s.Text)
				}
			}
		}
		slices.Sort(want)
		slices.Sort(got)
		if got = slices.Compact(got); !slices.Equal(got, want) {
			t.Errorf("%s: read %v\nwant %v", room.ID, got, want)
		}
	}
}

// Half of a sheet is for what the office says files wait for, and why.
func TestNeededCards(t *testing.T) {
	o := demo.Sample(1)
	var got []string
	for _, c := range needed(&o) {
		got = append(got, c.Name.En)
	}
	want := []string{
		"Onward", "Undo", "End of batch", "Court case", "Nobody there", "Finance Department", "Assembly session", "Law Department", "Case incomplete",
		"Papers awaited", "On leave", "Room locked", "Not accepted", "On official tour", "Urgent work elsewhere",
	}
	for _, c := range paper.Commands()[3:] { // of rare days
		want = append(want, c.Name.En)
	}
	if !slices.Equal(got, want) {
		t.Errorf("%q\nwant %q", got, want)
	}
	if bare := needed(&custody.Office{}); len(bare) != len(paper.Commands()) {
		t.Errorf("an office without cards of its own needs %d", len(bare))
	}
}

// How far a long print is stands on a terminal, and in no file.
func TestProgressIsShownOnATerminalOnly(t *testing.T) {
	h := hire(t, workflows.Files{Rules: custody.Today})
	t.Setenv("HARKARA_SERVER", h.shown())
	args := []string{"labels", "3", "-o", filepath.Join(t.TempDir(), "out.pdf")}
	if shown := onTerminal(t, args...); !strings.Contains(shown, "codes   0%") || !strings.Contains(shown, "labels  33%") {
		t.Errorf("%q", shown)
	}
	var quiet bytes.Buffer
	if code := run(t.Context(), args, nil, &quiet, &quiet); code != exitOK || strings.Contains(quiet.String(), "%") {
		t.Error(code, quiet.String())
	}
}

// onTerminal runs a command line whose errors go to a terminal, and returns what that
// shows.
func onTerminal(t *testing.T, args ...string) string {
	t.Helper()
	screen, terminal, err := pty.Open()
	if err != nil {
		lacking(t, err)
	}
	defer screen.Close()
	shown := make(chan string)
	go func() {
		raw, _ := io.ReadAll(screen) // a terminal that is gone is an error
		shown <- string(raw)
	}()
	code := run(t.Context(), args, nil, io.Discard, terminal)
	if err := terminal.Close(); err != nil {
		t.Error(err)
	}
	seen := <-shown
	if code != exitOK {
		t.Error(code, seen)
	}
	return seen
}

func lacking(t testing.TB, what error) {
	t.Helper()
	if os.Getenv("CI") != "" {
		t.Fatal(what)
	}
	t.Skip(what)
}
