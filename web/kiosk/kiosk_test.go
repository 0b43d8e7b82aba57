package kiosk

import (
	"bytes"
	"flag"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"

	"harkara/internal/chromium"
	"harkara/internal/label"
)

// scripts of testdata, and what each imports of the kiosk's.
var scripts = map[string]string{"bursts.js": "wedge.js", "grey.js": "grey.js", "guns.js": "wedge.js", "keys.js": "wedge.js"}

// blank serves the kiosk's scripts beside an empty page.
func blank(t testing.TB) (k *Kiosk, url string) {
	t.Helper()
	k, err := New()
	if err != nil {
		t.Fatal(err)
	}
	mux := http.NewServeMux()
	mux.Handle("GET "+AssetPath, k.Assets())
	mux.HandleFunc("GET /test/{name}", func(w http.ResponseWriter, r *http.Request) {
		name := r.PathValue("name")
		raw, err := os.ReadFile(filepath.Join("testdata", name))
		if err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
			return
		}
		w.Header().Set("Content-Type", "text/javascript")
		of := scripts[name]
		fmt.Fprint(w, strings.Replace(string(raw), strings.ToUpper(strings.TrimSuffix(of, ".js")), k.assets.Path(of), 1))
	})
	mux.HandleFunc("GET /{$}", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/html")
		fmt.Fprint(w, `<!doctype html><title>test</title><input id="field">`)
	})
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)
	return k, server.URL
}

var scenes = flag.Int("scenes", 4000, "generated scenes of each seed in TestWedgeBursts")

// The table of guns that the stations' agent obeys too.
func TestGuns(t *testing.T) {
	_, url := blank(t)
	table, err := os.ReadFile("../../scanner/source/testdata/guns.json")
	if err != nil {
		t.Fatal(err)
	}
	b := chromium.Start(t)
	b.Do(chromedp.Navigate(url))
	for _, wrong := range chromium.Ask[[]string](b, fmt.Sprintf(`import("/test/guns.js").then((m) => m.guns(%s))`, table)) {
		t.Error(wrong)
	}
	b.Quiet()
}

// Thousands of bursts over layouts, Caps Lock, gaps of 1 to 150 ms and every kind of
// digit key, in pieces, mixed with typing, parts and labels that are none of ours: nothing
// lost, nothing leaked, nothing read that was not meant. One seed is new every time; with
// -scenes=100000 it takes as long.
func TestWedgeBursts(t *testing.T) {
	_, url := blank(t)
	b := chromium.Start(t)
	b.Do(chromedp.Navigate(url))
	const atOnce = 4000 // scenes, so that each question has its answer in time
	for _, seed := range []uint32{1, 2, 3, rand.Uint32()} {
		t.Logf("seed %d", seed)
		for from := 0; from < *scenes; from += atOnce {
			wrong := chromium.Ask[[]string](b, fmt.Sprintf(`import("/test/bursts.js").then((m) => m.bursts(%d, %d))`, min(atOnce, *scenes-from), seed+uint32(from)))
			for i, w := range wrong {
				if i == 10 {
					t.Fatalf("and %d more", len(wrong)-10)
				}
				t.Errorf("seed %d: %s", seed+uint32(from), w)
			}
		}
	}
	b.Quiet()
}

// Three bursts of a label teach what a scanner adds, and how slow it is.
func TestLearningAScanner(t *testing.T) {
	k, url := blank(t)
	b := chromium.Start(t)
	b.Do(chromedp.Navigate(url))
	codes := fmt.Sprintf("[%q, %q, %q]", label.New(label.File, 17), label.New(label.Desk, 40_718_265), label.New(label.Bag, 99_999_999_999))
	got := chromium.Ask[string](b, fmt.Sprintf(`Promise.all([import(%q), import(%q)]).then(([wedge, setup]) => {
		const codes = %s;
		const teach = (add, gap) => {
			const lessons = [];
			const w = new wedge.Wedge(setup.listening, (burst) => lessons.push(setup.lesson(burst)));
			let time = 0;
			for (const code of codes.slice(0, 3)) {
				time += 1000;
				for (const c of add(code)) w.key({ code: /\d/.test(c) ? "Digit" + c : "Key" + c, key: c, shift: /[A-Z]/.test(c), alt: false, ctrl: false, up: false, time: time += gap }, null);
				w.key({ code: "Enter", key: "Enter", shift: false, alt: false, ctrl: false, up: false, time: time += gap }, null);
			}
			return lessons.includes(null) ? null : setup.learned(lessons);
		};
		return JSON.stringify([teach((c) => "AB" + c + "Z", 12), teach((c) => c, 55), teach((c) => c, 120), teach((c) => "AB" + c, 150), teach((c) => (c === codes[1] ? "X" : "") + c, 12)]);
	})`, k.assets.Path("wedge.js"), k.assets.Path("setup.js"), codes))
	if want := `[{"prefix":"AB","suffix":"Z","gap":35,"idle":90},{"prefix":"","suffix":"","gap":83,"idle":110},{"prefix":"","suffix":"","gap":180,"idle":240},{"prefix":"AB","suffix":"","gap":180,"idle":300},null]`; got != want {
		t.Errorf("%s, want %s", got, want)
	}
	b.Quiet()
}

// Keys that Chromium itself makes of a keyboard's: a burst is read, its Enter goes to
// nobody, the field has its text back.
func TestWedgeTakesRealKeys(t *testing.T) {
	k, url := blank(t)
	b := chromium.Start(t)
	b.Do(chromedp.Navigate(url))
	code := label.New(label.File, 40_718_265)
	chromium.Ask[bool](b, fmt.Sprintf(`import(%q).then((m) => {
		window.read = [];
		m.listen(document, { prefix: "", suffix: "", gap: 2000, idle: 5000 }, (burst) => window.read.push(burst.text)); // a busy machine hands keys over slowly
		document.getElementById("field").value = "SO(Dev) ";
		document.getElementById("field").focus();
		return true;
	})`, k.assets.Path("wedge.js")))
	b.Do(chromedp.KeyEvent(string(code) + "\r"))
	b.Until(fmt.Sprintf(`window.read.join() === %q && document.getElementById("field").value === "SO(Dev) "`, code))
	b.Quiet()
}

func TestReadFrame(t *testing.T) {
	frame := func(w, h uint32, n int) []byte {
		return append([]byte{byte(w >> 24), byte(w >> 16), byte(w >> 8), byte(w), byte(h >> 24), byte(h >> 16), byte(h >> 8), byte(h)}, bytes.Repeat([]byte{7}, n)...)
	}
	for _, tt := range []struct {
		name    string
		kind    int
		message []byte
		good    bool
	}{
		{"a frame", 2, frame(4, 3, 12), true},
		{"text", 1, frame(4, 3, 12), false},
		{"nothing", 2, nil, false},
		{"half a head", 2, frame(4, 3, 0)[:4], false},
		{"a head alone", 2, frame(4, 3, 0), false},
		{"too few pixels", 2, frame(4, 3, 11), false},
		{"too many pixels", 2, frame(4, 3, 13), false},
		{"no width", 2, frame(0, 3, 0), false},
		{"larger than any", 2, frame(2000, 2000, 12), false},
		{"a product that overflows", 2, frame(1<<31, 1<<31, 0), false},
		{"a product that overflows to little", 2, frame(1<<31, 2, 0), false},
	} {
		pixels, w, h, err := readFrame(tt.kind, bytes.NewReader(tt.message), nil)
		if (err == nil) != tt.good || tt.good && (w != 4 || h != 3 || !bytes.Equal(pixels, bytes.Repeat([]byte{7}, 12))) {
			t.Errorf("%s: %d x %d, %d pixels, %v", tt.name, w, h, len(pixels), err)
		}
	}
}

// The frames of a camera, one after another, take no new memory.
func TestReadFrameReusesMemory(t *testing.T) {
	message := append([]byte{0, 0, 5, 0, 0, 0, 2, 0xd0}, make([]byte, 1280*720)...)
	var memory []byte
	r := bytes.NewReader(message)
	if n := testing.AllocsPerRun(10, func() {
		r.Reset(message)
		var err error
		if memory, _, _, err = readFrame(2, r, memory); err != nil {
			t.Fatal(err)
		}
	}); n > 2 {
		t.Errorf("a frame makes %v allocations", n)
	}
}

// Digits are typed in any of the writings of the office; what has none is refused aloud.
func TestTypedDigits(t *testing.T) {
	c := serve(t, Page{Station: "st-a-102", Token: "token"})
	b := chromium.Start(t)
	c.open(b)
	typed := func(text string) {
		t.Helper()
		chromium.Ask[bool](b, fmt.Sprintf(`(() => { const f = document.getElementById("typed"); f.elements.code.value = %q; f.requestSubmit(); return true; })()`, text))
	}
	urdu := strings.Map(func(r rune) rune { return r - '0' + '۰' }, code(7))
	arabic := strings.Map(func(r rune) rune { return r - '0' + '٠' }, code(8))
	for n, text := range []string{urdu, arabic, label.Code(code(9)).Format()} {
		typed(text)
		b.Until(fmt.Sprintf(`document.querySelectorAll("#recent li.up").length === %d`, n+1))
	}
	typed("فائل")
	b.Until(`document.getElementById("answer").classList.contains("down") && document.getElementById("digits").textContent === "فائل"`)
	c.mu.Lock()
	defer c.mu.Unlock()
	var got []string
	for _, post := range c.posts {
		for _, s := range post {
			got = append(got, s.Code)
		}
	}
	if !slices.Equal(got, []string{code(7), code(8), code(9)}) {
		t.Error(got)
	}
}

// Whatever a file did by a card can be taken back by the button, until it was.
func TestUndoIsOfferedOfEveryAct(t *testing.T) {
	c := serve(t, Page{Station: "st-a-102", Token: "token"})
	b := chromium.Start(t)
	c.open(b)
	burst(b, string(label.LaidBy)+"\r", 5)
	burst(b, code(1)+"\r", 5)
	b.Until(`document.getElementById("undo").checkVisibility()`)
	click(b, "undo")
	b.Until(`document.getElementById("recent").children.length === 2 && !document.getElementById("undo").checkVisibility()`)
	b.Quiet()
}
