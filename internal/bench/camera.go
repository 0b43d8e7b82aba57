package bench

import (
	"context"
	"errors"
	"fmt"
	"image"
	"io"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"

	"harkara/internal/label"
)

// Camera measures the way from a frame of a camera to eyes: from when the kiosk's page
// is given the frame in which a cover is read to the answer painted on its panel, in a
// real Chromium with a film for a camera. Every cover is another file's and is shown
// once, so that every answer is of a movement decided and committed.
type Camera struct {
	Covers int
	Kiosk  string // address of the kiosk's page

	Open  func(ctx context.Context, n int) (label.Code, error)
	Cover func(label.Code) (*image.Gray, error)

	Out io.Writer
}

// Frames of the film: a cover comes in, lies there, is taken away. After the last one
// the counter stays empty until the measuring is over.
const (
	shownFrames = 20
	emptyFrames = 10
	lastFrames  = 10 * frameRate
	afterLast   = 5 * time.Second
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

// Run measures and prints a table. Error: a cover was not answered, or with anything
// but a movement.
func (c Camera) Run(ctx context.Context) error {
	dir, err := os.MkdirTemp("", "harkara-film")
	if err != nil {
		return fmt.Errorf("make temporary folder: %w", err)
	}
	defer os.RemoveAll(dir)
	path := filepath.Join(dir, "film.mjpeg")
	if err := c.film(ctx, path); err != nil {
		return err
	}
	answers, err := c.watch(ctx, path)
	if err != nil {
		return err
	}
	moved := slices.DeleteFunc(slices.Clone(answers), func(a answer) bool { return a.Look != "up" })
	if len(moved) == 0 {
		return errors.New("no cover was answered")
	}
	fmt.Fprintf(c.Out, "%d covers shown once each to a camera of 1280 x 720, %d frames a second; %d movements answered\n\n%-40s %10s %10s %10s\n",
		c.Covers, frameRate, len(moved), "from the frame given to the page to", "p50", "p99", "most")
	for _, row := range []struct {
		name string
		took func(answer) float64
	}{
		{"the code read", func(a answer) float64 { return a.Seen }},
		{"its scan on disk", func(a answer) float64 { return a.Kept }},
		{"decided, committed, answered", func(a answer) float64 { return a.Answered }},
		{"the answer painted", func(a answer) float64 { return a.Painted }},
	} {
		var took []float64
		for _, a := range moved {
			took = append(took, row.took(a))
		}
		slices.Sort(took)
		at := func(q float64) float64 { return took[int(float64(len(took)-1)*q)] }
		fmt.Fprintf(c.Out, "%-40s %7.1f ms %7.1f ms %7.1f ms\n", row.name, at(.5), at(.99), at(1))
	}
	if len(moved) < c.Covers {
		return fmt.Errorf("%d of %d covers were not answered with a movement; %d with something else", c.Covers-len(moved), c.Covers, len(answers)-len(moved))
	}
	return nil
}

// watch has the kiosk see the film once.
func (c Camera) watch(ctx context.Context, film string) ([]answer, error) {
	program, err := browser()
	if err != nil {
		return nil, err
	}
	tab, end := chromedp.NewContext(ctx, chromedp.WithAllocatorOptions(
		chromedp.ExecPath(program), chromedp.NoSandbox, chromedp.DisableGPU, chromedp.Flag("use-fake-device-for-media-stream", true),
		chromedp.Flag("use-fake-ui-for-media-stream", true), chromedp.Flag("use-file-for-fake-video-capture", film),
	))
	defer end()
	if err := chromedp.Do(tab, chromedp.Navigate(c.Kiosk)); err != nil {
		return nil, fmt.Errorf("open kiosk: %w", err)
	}
	if _, err := chromedp.Call(tab, network.Disable, cdp.Empty{}); err != nil { // it would repeat every frame to us, in base64
		return nil, fmt.Errorf("open kiosk: %w", err)
	}
	if _, err := chromedp.Run(tab, chromedp.Poll[bool](`document.body.dataset.ready === "yes" && (document.getElementById("camera-start").click(), true)`)); err != nil {
		return nil, fmt.Errorf("start camera: %w", err)
	}
	select {
	case <-time.After(time.Duration(c.Covers*(shownFrames+emptyFrames))*time.Second/frameRate + afterLast):
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	answers, err := chromedp.Run(tab, chromedp.Evaluate[[]answer](`performance.getEntriesByName("harkara-answer").map((m) => ({ ...m.detail, painted: m.duration }))`))
	if err != nil {
		return nil, fmt.Errorf("ask what was measured: %w", err)
	}
	return answers, nil
}

// film shows each cover once, and the empty counter between and at the end.
func (c Camera) film(ctx context.Context, path string) error {
	var scenes []Scene
	for i := range c.Covers {
		code, err := c.Open(ctx, i)
		if err != nil {
			return fmt.Errorf("open file %d: %w", i, err)
		}
		cover, err := c.Cover(code)
		if err != nil {
			return err
		}
		scenes = append(scenes, Scene{Counter(nil), emptyFrames}, Scene{Counter(cover), shownFrames})
	}
	return WriteFilm(path, append(scenes, Scene{Counter(nil), lastFrames}))
}
