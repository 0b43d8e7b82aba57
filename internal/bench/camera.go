package bench

import (
	"context"
	"errors"
	"fmt"
	"image"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"time"

	"github.com/chromedp/chromedp"

	"harkara/internal/label"
)

// Camera measures the way from a frame of a camera to eyes: from when the kiosk's page
// is given the first frame that shows a cover to the answer painted on its panel, in a
// real Chromium with a film for a camera.
type Camera struct {
	Covers int
	For    time.Duration
	Kiosk  string // address of the kiosk's page

	Open  func(ctx context.Context, n int) (label.Code, error)
	Cover func(label.Code) (*image.Gray, error)

	Out io.Writer
}

// Run measures and prints a line.
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
	program, err := exec.LookPath("chromium")
	if err != nil {
		return fmt.Errorf("find Chromium (Debian's package chromium): %w", err)
	}
	tab, end := chromedp.NewContext(ctx, chromedp.WithAllocatorOptions(
		chromedp.ExecPath(program), chromedp.NoSandbox, chromedp.DisableGPU, chromedp.Flag("use-fake-device-for-media-stream", true),
		chromedp.Flag("use-fake-ui-for-media-stream", true), chromedp.Flag("use-file-for-fake-video-capture", path),
	))
	defer end()
	if err := chromedp.Do(tab, chromedp.Navigate(c.Kiosk)); err != nil {
		return fmt.Errorf("open kiosk: %w", err)
	}
	if _, err := chromedp.Run(tab, chromedp.Poll[bool](`document.body.dataset.ready === "yes" && (document.getElementById("camera-start").click(), true)`)); err != nil {
		return fmt.Errorf("start camera: %w", err)
	}
	select {
	case <-time.After(c.For):
	case <-ctx.Done():
		return ctx.Err()
	}
	found, err := chromedp.Run(tab, chromedp.Evaluate[[]float64](`performance.getEntriesByName("harkara-answer").map((m) => m.duration)`))
	if err != nil {
		return fmt.Errorf("ask what was measured: %w", err)
	}
	if len(found) == 0 {
		return errors.New("no cover was answered")
	}
	slices.Sort(found)
	at := func(q float64) float64 { return found[int(float64(len(found)-1)*q)] }
	fmt.Fprintf(c.Out, "%d covers shown to a camera of 1280 x 720, 30 frames a second, in %s\nfrom the frame given to the page to the answer painted: p50 %.1f ms, p99 %.1f ms, most %.1f ms\n",
		len(found), c.For, at(.5), at(.99), at(1))
	return nil
}

// film shows each cover for half a second, and the empty counter between.
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
		scenes = append(scenes, Scene{Counter(nil), 10}, Scene{Counter(cover), 15})
	}
	return WriteFilm(path, scenes)
}
