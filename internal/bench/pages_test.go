package bench

import (
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"harkara/internal/chromium"
	"harkara/internal/engine/postgres"
	"harkara/internal/label"
	"harkara/internal/paper"
)

// BenchmarkPages measures the way of a scan to eyes, on an office of its own and in a real
// Chromium. A scan has no time of its own here: they come at a pace, so -benchtime says how
// many, as in 300x.
//
//	make bench-pages
func BenchmarkPages(b *testing.B) {
	if _, err := postgres.FindBinaries(""); err != nil {
		if os.Getenv("CI") != "" {
			b.Fatal(err)
		}
		b.Skip(err)
	}
	log := slog.New(slog.DiscardHandler)
	if testing.Verbose() {
		log = slog.New(slog.NewTextHandler(os.Stderr, nil))
	}
	m, err := Site{Log: log, Out: os.Stderr}.serve(b.Context(), 32)
	if err != nil {
		b.Fatal(err)
	}
	defer func() {
		if err := m.close(); err != nil {
			b.Error(err)
		}
	}()
	p := &painting{measured: m}
	b.Run("painted", p.measure)
	b.Run("camera", func(b *testing.B) { camera(b, m) })
}

// report says the quantiles of what one way took, and no mean: waits would be in it.
func report(b *testing.B, way string, took []time.Duration) {
	b.Helper()
	slices.Sort(took)
	for _, q := range []struct {
		name string
		of   float64
	}{{"p50", .5}, {"p99", .99}, {"most", 1}} {
		b.ReportMetric(ms(quantile(took, q.of)), fmt.Sprintf("%s-%s-ms", way, q.name))
	}
	b.ReportMetric(0, "ns/op")
}

// painting is files that are scanned in turn, ten a second, whether or not earlier scans
// are answered, beside an open board.
type painting struct {
	*measured
	codes []label.Code
	sent  int // also before this run
}

const (
	paintedFiles = 100
	paintedEvery = time.Second / 10
)

// watching notes in the page when rows were painted, in ms since 1970: the frame after the
// one that a change was made in has been shown when its message is handled.
const watching = `(() => {
	window.painted = [];
	new MutationObserver((changes) => {
		const ids = new Set(changes.flatMap((c) => [...c.addedNodes]).filter((n) => n.tagName === "TR").map((n) => n.id.slice(1)));
		if (!ids.size) return;
		requestAnimationFrame(() => {
			const after = new MessageChannel();
			after.port1.onmessage = () => { const at = performance.timeOrigin + performance.now(); for (const id of ids) window.painted.push({ id, at }); };
			after.port2.postMessage(0);
		});
	}).observe(document.body, { childList: true, subtree: true });
	return true;
})()`

// until is a script that promises what is true in the end: no change of the document tells
// of it.
func until(what string) string {
	return fmt.Sprintf(`new Promise((done) => { const look = () => %s ? done(true) : setTimeout(look, 200); look(); })`, what)
}

// measure is from a station's request to the row painted.
func (p *painting) measure(b *testing.B) {
	for len(p.codes) < paintedFiles {
		code, err := p.open(b.Context(), len(p.codes))
		if err != nil {
			b.Fatal(err)
		}
		p.codes = append(p.codes, code)
	}
	tab := chromium.Start(b)
	tab.Do(chromedp.Navigate("http://" + p.address + "/"))
	tab.Until(`document.body.dataset.painted !== undefined`)
	chromium.Ask[bool](tab, watching)
	b.ResetTimer()
	sent := p.send(b)
	b.StopTimer()
	last := sent[len(sent)-1]
	chromium.Ask[bool](tab, until(fmt.Sprintf(`window.painted.some((p) => p.id === %q && p.at > %d)`, last.code, last.at.UnixMilli())))
	shown := map[label.Code][]time.Time{}
	for _, paint := range chromium.Ask[[]struct {
		ID label.Code `json:"id"`
		At float64    `json:"at"`
	}](tab, `window.painted`) {
		shown[paint.ID] = append(shown[paint.ID], time.UnixMicro(int64(paint.At*1000)))
	}
	var decided, painted []time.Duration
	for _, s := range sent {
		decided = append(decided, s.decided)
		i := slices.IndexFunc(shown[s.code], s.at.Before)
		if i < 0 {
			b.Fatalf("a scan of %s was never painted", s.code)
		}
		painted = append(painted, shown[s.code][i].Sub(s.at))
	}
	report(b, "decided", decided)
	report(b, "painted", painted)
}

type sentScan struct {
	code    label.Code
	at      time.Time
	decided time.Duration // after so long
}

func (p *painting) send(b *testing.B) []sentScan {
	sent, faults := make([]sentScan, b.N), make([]error, b.N)
	tick := time.NewTicker(paintedEvery)
	defer tick.Stop()
	var group sync.WaitGroup
	for i := range sent {
		<-tick.C
		n := p.sent
		p.sent++
		group.Go(func() {
			s := &sent[i]
			s.code, s.at = p.codes[n%len(p.codes)], time.Now()
			faults[i] = p.scan(b.Context(), s.code, n/len(p.codes))
			s.decided = time.Since(s.at)
		})
	}
	group.Wait()
	for _, err := range faults {
		if err != nil {
			b.Fatal(err)
		}
	}
	return sent
}

// Frames of the film: a cover comes in, lies there, is taken away. After the last one
// the counter stays empty until the measuring is over.
const (
	shownFrames = 20
	emptyFrames = 10
	lastFrames  = 30 * chromium.FrameRate
	lookEvery   = 20 // covers
)

// answer is one measured way, in milliseconds from the frame: what it shows was known,
// its scan was on disk, the office's answer was there, the answer was painted.
type answer struct {
	Look     string  `json:"look"`
	Seen     float64 `json:"seen"`
	Kept     float64 `json:"kept"`
	Answered float64 `json:"answered"`
	Painted  float64 `json:"painted"`
}

// camera is from when the kiosk's page is given the frame in which a cover is read to the
// answer painted on its panel. Every cover is another file's and is shown once, so that
// every answer is of a movement decided and committed.
func camera(b *testing.B, m *measured) {
	var scenes []chromium.Scene
	for i := range b.N {
		code, err := m.open(b.Context(), i)
		if err != nil {
			b.Fatal(err)
		}
		cover, err := paper.Cover{Code: code, Number: "bench/1", Subject: "A cover before a camera"}.Image(120)
		if err != nil {
			b.Fatal(err)
		}
		scenes = append(scenes, chromium.Scene{Picture: chromium.Counter(nil), Frames: emptyFrames}, chromium.Scene{Picture: chromium.Counter(cover), Frames: shownFrames})
	}
	film := filepath.Join(b.TempDir(), "film.mjpeg")
	if err := chromium.WriteFilm(film, append(scenes, chromium.Scene{Picture: chromium.Counter(nil), Frames: lastFrames})); err != nil {
		b.Fatal(err)
	}
	tab := chromium.Start(b, chromium.Camera(film)...)
	tab.Do(chromedp.Navigate("http://" + m.address + "/kiosk?station=" + string(m.stations[1])))
	tab.Until(`document.body.dataset.ready === "yes"`)
	b.ResetTimer()
	tab.Do(chromedp.Click(chromedp.CSS("#camera-start")))
	const answers = `performance.getEntriesByName("harkara-answer")`
	for n := 0; n < b.N; {
		n = min(n+lookEvery, b.N)
		chromium.Ask[bool](tab, until(fmt.Sprintf(`%s.length >= %d`, answers, n)))
	}
	b.StopTimer()
	ways := map[string][]time.Duration{}
	for _, a := range chromium.Ask[[]answer](tab, answers+`.map((m) => ({ ...m.detail, painted: m.duration }))`) {
		if a.Look != "up" {
			b.Fatalf("a cover was answered with %q, which is no movement", a.Look)
		}
		for way, took := range map[string]float64{"read": a.Seen, "kept": a.Kept, "decided": a.Answered, "painted": a.Painted} {
			ways[way] = append(ways[way], time.Duration(took*float64(time.Millisecond)))
		}
	}
	if n := len(ways["painted"]); n != b.N {
		b.Fatalf("%d answers to %d covers", n, b.N)
	}
	for way, took := range ways {
		report(b, way, took)
	}
}
