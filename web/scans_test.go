package web

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/draw"
	"image/png"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"harkara/internal/label"
	"harkara/internal/paper"
	"harkara/web/wire"
)

// answer is what the API says.
type answer struct {
	Error   *wire.Problem `json:"error"`
	Code    label.Code    `json:"code"`
	Results []result      `json:"results"`
	result
}

func decoded(t *testing.T, w *httptest.ResponseRecorder) (a answer) {
	t.Helper()
	if err := json.Unmarshal(w.Body.Bytes(), &a); err != nil {
		t.Fatalf("%v: %s", err, w.Body)
	}
	return a
}

func TestScanIsDecidedOnce(t *testing.T) {
	r := open(t, false)
	code := r.file("SO(Dev) 1/2026", "Water supply")
	id := newID()
	for i := range 3 {
		a := decoded(t, r.call("POST", "/api/v1/scans?wait=5s", scanJSON(id, code), bearer(doorToken)...))
		if len(a.Results) != 1 || !a.Results[0].Stored || a.Results[0].Outcome == nil || a.Results[0].Say == nil {
			t.Fatalf("time %d: %+v", i+1, a)
		}
		if got := a.Results[0].Outcome.Position; got.Room != "a-303" || a.Results[0].Seq != 2 {
			t.Errorf("time %d: in %s, seq %d", i+1, got.Room, a.Results[0].Seq)
		}
	}
	entries, _ := r.Entries(t.Context(), code)
	if len(entries) != 2 {
		t.Errorf("%d entries of an opening and a scan sent three times", len(entries))
	}
}

// Whatever a station sends is answered clearly, and moves nothing unless it is a
// scan of a file.
func TestBadScans(t *testing.T) {
	r := open(t, false)
	code := r.file("SO(Dev) 1/2026", "Water supply")
	good := scanJSON(newID(), code)
	row, err := r.File(t.Context(), code)
	if err != nil {
		t.Fatal(err)
	}
	wake := row.Position.Waker() // as the office makes it
	bad := string(code[:13]) + string('0'+(code[13]-'0'+1)%10)
	for _, tt := range []struct {
		name, body, token string
		status            int
		says              string // problem of the whole, or of the one result
		drawer            bool
	}{
		{"no token", good, "", 401, "unauthorised", false},
		{"wrong token", good, "wrong", 401, "unauthorised", false},
		{"an administrator's token", good, adminToken, 403, "forbidden", false},
		{"empty", " ", doorToken, 400, "malformed", false},
		{"not JSON", "scan " + string(code), doorToken, 400, "malformed", false},
		{"cut off", good[:len(good)-5], doorToken, 400, "malformed", false},
		{"two values", good + good, doorToken, 400, "malformed", false},
		{"10 MB", `"` + strings.Repeat("x", 10<<20) + `"`, doorToken, 413, "too_large", false},
		{"501 commands", "[" + strings.Repeat(`{},`, 500) + `{}]`, doorToken, 400, "malformed", false},
		{"nested deep", strings.Repeat("[", 20_000) + strings.Repeat("]", 20_000), doorToken, 400, "malformed", false},
		{"a number", "7", doorToken, 200, "malformed", true},
		{"null", "null", doorToken, 200, "malformed", true},
		{"an unknown field", strings.Replace(good, `"kind"`, `"colour":"red","kind"`, 1), doorToken, 200, "malformed", true},
		{"no kind", strings.Replace(good, `"scan"`, `""`, 1), doorToken, 200, "malformed", true},
		{"an id that is none", strings.Replace(good, good[7:43], "1", 1), doorToken, 200, "malformed", true},
		{"check digits", scanJSON(newID(), label.Code(bad)), doorToken, 200, "malformed", true},
		{"a badge", scanJSON(newID(), label.New(label.Badge, 1)), doorToken, 200, "malformed", true},
		{"another station's", strings.Replace(good, `"method"`, `"station":"st-a-104","method"`, 1), doorToken, 200, "other_station", true},
		{"somebody's name", strings.Replace(good, `"method"`, `"who":"Chief Secretary","method"`, 1), doorToken, 200, "forbidden", true},
		{"an order", strings.Replace(good, `"scan"`, `"close"`, 1), doorToken, 200, "forbidden", true},
		{"a wake", string(wake.Bytes()), doorToken, 200, "malformed", true},
		{"a scan with a wake's id", strings.Replace(good, good[7:43], string(wake.ID), 1), doorToken, 200, "malformed", true},
		{"two cards", strings.Replace(good, `"method"`, fmt.Sprintf(`"context":{"onward":true,"desk":%q},"method"`, label.New(label.Desk, 1)), 1), doorToken, 200, "malformed", true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			drawn := len(r.drawer)
			var headers []string
			if tt.token != "" {
				headers = bearer(tt.token)
			}
			w := r.call("POST", "/api/v1/scans?wait=5s", tt.body, headers...)
			a := decoded(t, w)
			if len(a.Results) == 1 {
				a.Error = a.Results[0].Error
			}
			if w.Code != tt.status || a.Error == nil || a.Error.Code != tt.says || a.Error.Message == "" {
				t.Errorf("%d %s", w.Code, w.Body)
			}
			if got := len(r.drawer) - drawn; got != map[bool]int{true: 1}[tt.drawer] {
				t.Errorf("%d more in the drawer", got)
			}
			if row, err := r.File(t.Context(), code); err != nil || row.Position.Revision != 1 {
				t.Errorf("the file moved: %+v, %v", row.Position, err)
			}
		})
	}
}

// A program may send codes as people write them, of the file and of a card.
func TestScanInUrduDigits(t *testing.T) {
	r := open(t, false)
	code := r.file("SO(Dev) 1/2026", "Water supply")
	urdu := func(code label.Code) label.Code {
		return label.Code(strings.Map(func(r rune) rune { return r - '0' + '۰' }, string(code)))
	}
	a := decoded(t, r.call("POST", "/api/v1/scans?wait=%DB%B5s", scanJSON(newID(), urdu(code)), bearer(doorToken)...))
	if len(a.Results) != 1 || a.Results[0].Outcome == nil || a.Results[0].Outcome.Position.File != code {
		t.Fatalf("%+v", a)
	}
	card := r.office.Desks[0].Code
	body := strings.Replace(scanJSON(newID(), urdu(code)), `"method"`, fmt.Sprintf(`"with":{"desk":%q},"method"`, urdu(card)), 1)
	if a := decoded(t, r.call("POST", "/api/v1/scans?wait=5s", body, bearer(doorToken)...)); len(a.Results) != 1 || a.Results[0].Outcome == nil || a.Results[0].Error != nil {
		t.Errorf("%+v", a)
	}
}

// A file that does not exist is refused by the office, not by the server: the scan
// is stored.
func TestUnknownCodeIsStored(t *testing.T) {
	r := open(t, false)
	a := decoded(t, r.call("POST", "/api/v1/scans?wait=5s", scanJSON(newID(), label.New(label.File, 42)), bearer(doorToken)...))
	if len(a.Results) != 1 || !a.Results[0].Stored || a.Results[0].Say == nil || a.Results[0].Say.Tone != "down" {
		t.Errorf("%+v", a)
	}
}

// A queue that holds what no file can take moves on: each element has its answer.
func TestMixedBatch(t *testing.T) {
	r := open(t, false)
	a1, a2 := r.file("1/2026", ""), r.file("2/2026", "")
	body := "[" + scanJSON(newID(), a1) + `,{"nonsense":1},` + scanJSON(newID(), a2) + "]"
	a := decoded(t, r.call("POST", "/api/v1/scans?wait=5", body, bearer(doorToken)...))
	if len(a.Results) != 3 {
		t.Fatalf("%+v", a)
	}
	for i, want := range []struct{ stored, decided, wrong bool }{{true, true, false}, {true, false, true}, {true, true, false}} {
		got := a.Results[i]
		if got.Stored != want.stored || (got.Outcome != nil) != want.decided || (got.Error != nil) != want.wrong {
			t.Errorf("element %d: %+v", i, got)
		}
	}
	if len(r.drawer) != 1 || r.drawer[0].station != door || r.drawer[0].raw != `{"nonsense":1}` {
		t.Errorf("%+v", r.drawer)
	}
}

// A time of any kind is stored.
func TestAnyTimeIsStored(t *testing.T) {
	r := open(t, false)
	code := r.file("1/2026", "")
	for _, wall := range []string{"1970-01-01T00:00:00Z", "2099-12-31T23:59:59Z", "0001-01-01T00:00:00Z"} {
		body := strings.Replace(scanJSON(newID(), code), "2026-01-12T04:00:00Z", wall, 1)
		if a := decoded(t, r.call("POST", "/api/v1/scans", body, bearer(doorToken)...)); len(a.Results) != 1 || !a.Results[0].Stored || a.Results[0].Error != nil {
			t.Errorf("%s: %+v", wall, a)
		}
	}
}

// While nothing can be stored, that is said, and nothing is called stored.
func TestNotStoredIsSaid(t *testing.T) {
	r := open(t, false)
	code := r.file("1/2026", "")
	r.full = errors.New("disk full")
	w := r.call("POST", "/api/v1/scans?wait=5s", "["+scanJSON(newID(), code)+`,{"nonsense":1}]`, bearer(doorToken)...)
	a := decoded(t, w)
	if w.Code != http.StatusServiceUnavailable || a.Error == nil || a.Error.Code != "not_stored" {
		t.Errorf("%d %s", w.Code, w.Body)
	}
	for _, res := range a.Results {
		if res.Stored {
			t.Errorf("called stored: %+v", res)
		}
	}
}

// While the engine is away a scan is stored, and answered as such.
func TestStoredWhileNothingIsDecided(t *testing.T) {
	r := open(t, false)
	code := r.file("1/2026", "")
	r.holding = true
	a := decoded(t, r.call("POST", "/api/v1/scans?wait=20ms", scanJSON(newID(), code), bearer(doorToken)...))
	if len(a.Results) != 1 || !a.Results[0].Stored || a.Results[0].Outcome != nil {
		t.Errorf("%+v", a)
	}
	r.clock.wait(time.Minute)
	health := r.call("GET", "/healthz", "")
	if health.Code != http.StatusOK || !strings.Contains(health.Body.String(), "decisions wait") {
		t.Errorf("%d %s", health.Code, health.Body)
	}
	r.release()
	if row, _ := r.File(t.Context(), code); row.Position.Room != "a-303" {
		t.Errorf("after it came back: %+v", row.Position)
	}
}

func picture(t *testing.T, img image.Image) string {
	t.Helper()
	var b bytes.Buffer
	if err := png.Encode(&b, img); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// cover is a printed cover, as a good camera sees it.
func cover(t *testing.T, code label.Code) *image.Gray {
	t.Helper()
	img, err := paper.Cover{Code: code, Number: "SO(Dev) 1/2026", Subject: "Water supply"}.Image(150)
	if err != nil {
		t.Fatal(err)
	}
	return img
}

func card(t *testing.T, code label.Code) *image.Gray {
	t.Helper()
	fonts, err := paper.MachineFonts()
	if err != nil {
		t.Fatal(err)
	}
	d, err := paper.Card{Code: code}.Draw(fonts, 150)
	if err != nil {
		t.Fatal(err)
	}
	return d.Image()
}

func TestImages(t *testing.T) {
	r := open(t, false)
	code := r.file("SO(Dev) 1/2026", "Water supply")
	w := r.call("POST", "/api/v1/images?wait=5s", picture(t, cover(t, code)), bearer(doorToken)...)
	a := decoded(t, w)
	if w.Code != http.StatusOK || a.Code != code || !a.Stored || a.Outcome == nil || a.Outcome.Position.Room != "a-303" {
		t.Errorf("%d %s", w.Code, w.Body)
	}
	other := cover(t, label.New(label.File, 43))
	both := image.NewGray(image.Rect(0, 0, other.Rect.Dx(), 2*other.Rect.Dy()))
	draw.Draw(both, other.Rect, cover(t, code), image.Point{}, draw.Src)
	draw.Draw(both, other.Rect.Add(image.Pt(0, other.Rect.Dy())), other, image.Point{}, draw.Src)
	blank := image.NewGray(image.Rect(0, 0, 800, 600))
	for i := range blank.Pix {
		blank.Pix[i] = 240
	}
	for _, tt := range []struct {
		name, body string
		status     int
		says       string
	}{
		{"no picture", "", 422, "not_image"},
		{"text", "this is not a picture", 422, "not_image"},
		{"half a picture", picture(t, blank)[:200], 422, "not_image"},
		{"half a TIFF", "II*\x00\x08\x00\x00\x00", 422, "unreadable_tiff"},
		{"1x1", picture(t, image.NewGray(image.Rect(0, 0, 1, 1))), 422, "no_code"},
		{"a page without a code", picture(t, blank), 422, "no_code"},
		{"two covers", picture(t, both), 422, "too_many"},
		{"a card", picture(t, card(t, label.Onward)), 400, "not_a_file"},
		{"50 megapixels", picture(t, image.NewPaletted(image.Rect(0, 0, 8000, 6300), color.Palette{color.Black, color.White})), 413, "too_large"},
		{"21 MB that are no picture", strings.Repeat("x", 21<<20), 413, "too_large"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			w := r.call("POST", "/api/v1/images", tt.body, bearer(doorToken)...)
			if a := decoded(t, w); w.Code != tt.status || a.Error == nil || a.Error.Code != tt.says {
				t.Errorf("%d %s", w.Code, w.Body)
			}
		})
	}
}
