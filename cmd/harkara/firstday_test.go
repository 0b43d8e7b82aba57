package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"

	"harkara/internal/custody"
	"harkara/internal/label"
	"harkara/internal/officejson"
	"harkara/web/wire"
)

// firstDay is the first day of an office as README.md tells it: its commands, in their
// order, with what the officer puts in the place of words in capitals.
type firstDay struct {
	t     *testing.T
	dir   string
	lines []string
	own   []string // words of the README and what stands for them here, in turn
}

// readFirstDay takes the commands from the README: the indented lines of its section.
func readFirstDay(t *testing.T, dir string) *firstDay {
	t.Helper()
	readme, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	_, section, _ := strings.Cut(string(readme), "\n## The first day\n")
	section, _, _ = strings.Cut(section, "\n## ")
	d := &firstDay{t: t, dir: dir}
	for line := range strings.Lines(section) {
		if command, indented := strings.CutPrefix(line, "    "); indented {
			d.lines = append(d.lines, strings.TrimSpace(command))
		}
	}
	return d
}

// means says what stands for a word of the README. One that is not in it is an error.
func (d *firstDay) means(word, own string) {
	d.t.Helper()
	if !strings.Contains(strings.Join(d.lines, "\n"), word) {
		d.t.Fatalf("the README does not say %s", word)
	}
	d.own = append(d.own, word, own)
}

// next is the README's next command, which begins so.
func (d *firstDay) next(begins string) string {
	d.t.Helper()
	if len(d.lines) == 0 || !strings.HasPrefix(d.lines[0], begins) {
		d.t.Fatalf("the README does not go on with %s, but with %q", begins, d.lines)
	}
	line := strings.NewReplacer(d.own...).Replace(d.lines[0])
	d.lines = d.lines[1:]
	return line
}

// export does what the README exports.
func (d *firstDay) export() {
	d.t.Helper()
	name, value, _ := strings.Cut(strings.TrimPrefix(d.next("export "), "export "), "=")
	d.t.Setenv(name, value)
}

// typed runs the next command in a shell and returns what it says, which has all the words.
func (d *firstDay) typed(begins string, words ...string) string {
	d.t.Helper()
	line := d.next(begins)
	cmd := exec.CommandContext(d.t.Context(), "sh", "-c", line)
	cmd.Dir = d.dir
	cmd.Env = append(os.Environ(), asProgram+"=1", noSyncToo+"=1")
	said, err := cmd.CombinedOutput()
	if err != nil {
		d.t.Fatalf("%s: %v\n%s", line, err, said)
	}
	for _, word := range words {
		if !strings.Contains(string(said), word) {
			d.t.Fatalf("%s does not say %q:\n%s", line, word, said)
		}
	}
	return string(said)
}

// flags are what the next command says behind the name of its program.
func (d *firstDay) flags(begins string) []string {
	d.t.Helper()
	return strings.Fields(d.next(begins))[1:]
}

// From an empty machine and the README alone an office of 14 rooms, 22 posts, 5 routes and
// 600 files of a messy register is on the air: covers printed, backed up, two stations
// enrolled, a file handed over and received, everything whole.
func TestTheFirstDay(t *testing.T) {
	needPostgres(t)
	dir := dataFolder(t)
	t.Cleanup(func() { _ = os.RemoveAll(dir) }) // after the programs
	bin := filepath.Join(dir, "bin")
	exe, err := os.Executable()
	raw, reading := os.ReadFile("testdata/firstday/office.json")
	for _, err := range []error{
		err, reading, os.Mkdir(bin, 0o755), os.Symlink(exe, filepath.Join(bin, "harkara")),
		os.WriteFile(filepath.Join(dir, "register.csv"), messyRegister(600), 0o644),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	if out, err := exec.CommandContext(t.Context(), "go", "build", "-o", filepath.Join(bin, "station"), "../station").CombinedOutput(); err != nil {
		t.Fatalf("build the station: %v\n%s", err, out)
	}
	t.Setenv("PATH", bin+string(os.PathListSeparator)+os.Getenv("PATH"))
	t.Setenv("HARKARA_STATION_DATA", filepath.Join(dir, "station"))
	t.Setenv("HARKARA_STATION_ADDR", "127.0.0.1:0")
	address := freeAddress(t)
	t.Setenv("HARKARA_SERVER", "http://"+address)
	d := readFirstDay(t, dir)
	for _, word := range [][2]string{
		{"/srv/harkara", filepath.Join(dir, "data")},
		{"/mnt/backups", "--same-disk " + filepath.Join(dir, "backups")},
		{"0.0.0.0:8470", address},
		{"~/harkara.token", filepath.Join(dir, "harkara.token")},
		{"http://SERVER:8470", "http://" + address},
		{"STATION-1", "st-f-1"},
		{"STATION-2", "st-f-2"},
		{"FILE NUMBER", "SO(Bud) 1/2026"},
	} {
		d.means(word[0], word[1])
	}

	d.export()
	d.typed("harkara office --sample")
	if err := os.WriteFile(filepath.Join(dir, "office.json"), raw, 0o644); err != nil { // put yours into it
		t.Fatal(err)
	}
	d.typed("harkara office", "would be in force: 14 rooms, 22 desks, 14 stations, 5 routes")
	d.typed("harkara office", "in force: 14 rooms, 22 desks, 14 stations, 5 routes")
	serve := &program{t: t, args: d.flags("harkara serve")}
	serve.start()
	d.typed("harkara person token")

	d.export()
	d.typed("harkara covers", "600 to open", "0 wrong")
	d.typed("harkara covers", "600 on 150 pages")
	for range 2 {
		d.typed("harkara cards", "pages")
	}
	for _, name := range []string{"covers.pdf", "destinations.pdf", "badges.pdf"} {
		pdf, err := os.ReadFile(filepath.Join(dir, name))
		if err == nil {
			err = os.WriteFile(filepath.Join(t.ArtifactDir(), name), pdf, 0o644) // to be looked at
		}
		if err != nil || len(pdf) < 10_000 || len(pdf) > 8_000_000 {
			t.Errorf("%s: %d bytes, %v", name, len(pdf), err)
		}
	}
	d.typed("harkara backup", "verified")

	d.typed("harkara station token")
	said := d.typed("harkara station enrol", "Good once")
	d.means("ONE-TIME CODE", regexp.MustCompile(`\d{4} \d{4} \d{4} \d{4}`).FindString(said))
	key := regexp.MustCompile(`[0-9a-f]{4}( [0-9a-f]{4}){3}\s*$`).FindString(said)
	d.typed("station enrol", "station st-f-2", strings.TrimSpace(key))
	a := &agent{t: t, exe: filepath.Join(bin, "station"), says: make(chan string, 100)}
	a.run(d.flags("station run")...)
	a.until(func(s agentState) bool { return s.Server == "ok" })

	file, desk := d.known()
	d.means("FILE-CODE", string(file))
	d.means("DESK-CODE", string(desk))
	d.typed("harkara scan", "Sent")
	a.scan(file, wire.ToneUp)
	a.until(func(s agentState) bool { return s.Waiting == 0 })
	d.typed("harkara status", file.Format(), "held at fin-so (f-2)")
	d.typed("harkara verify", "every chain is whole")
	if len(d.lines) > 0 {
		t.Errorf("the README goes on: %q", d.lines)
	}
	serve.end(syscall.SIGTERM)
}

// known are the file that is handed over, as its cover has it, and the desk's card.
func (d *firstDay) known() (file, desk label.Code) {
	d.t.Helper()
	code, status := harkara(d.t, "status", "SO(Bud) 1/2026")
	file, err := label.Parse(regexp.MustCompile(`\d{4} \d{4} \d{4} \d{2}`).FindString(status))
	if err != nil || code != exitOK {
		d.t.Fatal(err, status)
	}
	var out, says bytes.Buffer
	if code := run(d.t.Context(), []string{"office"}, strings.NewReader(""), &out, &says); code != exitOK {
		d.t.Fatal(out.String(), says.String())
	}
	office, _ := officejson.Read(out.Bytes())
	so, ok := office.DeskByID("fin-so")
	if !ok {
		d.t.Fatal(out.String())
	}
	return file, so.Code
}

// messyRegister is a register as an office has it: from a spreadsheet that saved it in its
// own way, with blank lines, line breaks, invisible marks, digits of three kinds, subjects
// in two languages.
func messyRegister(files int) []byte {
	subjects := []string{
		"Repair of the boundary wall, Government Girls High School", "گورنمنٹ گرلز ہائی سکول کی چاردیواری کی مرمت",
		`Purchase of "Type B" furniture`, "ملازمین کی بین الاضلاعی تبدیلیاں بابت سال 2025-26", "Supplementary grant\nfor 2026; second part", "پانی کی فراہمی کی سکیم No. 7",
	}
	numbers := []string{"SO(Bud) %d/2026", "س او (بجٹ) %d-۴۵/۲۰۲۶", " E.O. %d-33/12", "No.S.O-(O&M) 2(%d)/2013-S&GAD", "\u200fایس او %d/2026\u200e", "ڈی ایس (ترقیات) %d/۲۰۲۵"}
	desks := []string{"fin,fin-ri,fin-usual", "fin,fin-so2,fin-grant", "edu,edu-ri,edu-usual", "wrk,wrk-so,", "gad,gad-ri,gad-usual", "gad,gad-lib,"}
	var b bytes.Buffer
	b.WriteString("\ufeffNUMBER,Subject,department,Desk,route\r\n")
	for i := range files {
		if i%50 == 7 {
			b.WriteString(",,,,\r\n")
		}
		quoted := func(s string) string { return `"` + strings.ReplaceAll(s, `"`, `""`) + `"` }
		fmt.Fprintf(&b, "%s,%s,%s\r\n", quoted(fmt.Sprintf(numbers[i%len(numbers)], i+1)), quoted(subjects[i/7%len(subjects)]), desks[i/2%len(desks)])
	}
	return b.Bytes()
}

// A cover of a register's file says when it was opened, in the office's zone.
func TestCoversOfARegisterSayWhenTheyWereOpened(t *testing.T) {
	office := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_ = json.NewEncoder(w).Encode(map[string]any{"code": label.New(label.File, 7), "cover": label.New(label.File, 7), "opened": "2026-11-29T20:30:00Z"})
	}))
	defer office.Close()
	w := &world{ctx: t.Context(), zone: time.FixedZone("", 5*60*60)}
	cover, err := (&coversCmd{Remote: Remote{Server: office.URL}}).open(w, &custody.Office{}, planned{})
	if err != nil || cover.Opened.Format(time.DateOnly) != "2026-11-30" {
		t.Error(cover, err)
	}
}
