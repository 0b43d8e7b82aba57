package main

import (
	"fmt"
	"io"
	"os"
	"sync"

	"github.com/schollz/progressbar/v3"
)

// terminal is w where it is one, else nil.
func terminal(w io.Writer) io.Writer {
	if p, ok := w.(*printable); ok {
		w = p.to
	}
	if f, ok := w.(*os.File); ok {
		if info, err := f.Stat(); err == nil && info.Mode()&os.ModeCharDevice != 0 {
			return f
		}
	}
	return nil
}

// progress shows how many of n things are done, where the errors go to a terminal.
func (w *world) progress(n int, things string) *progressbar.ProgressBar {
	to := terminal(w.err)
	if to == nil {
		to = io.Discard
	}
	bar := progressbar.NewOptions(n, progressbar.OptionSetWriter(to), progressbar.OptionSetDescription(things), progressbar.OptionClearOnFinish())
	_ = bar.RenderBlank() // only shown
	return bar
}

// counted is progress of things whose number who does them tells; several may at once.
func (w *world) counted(things string) (show func(done, of int), end func()) {
	var mu sync.Mutex
	var bar *progressbar.ProgressBar
	show = func(done, of int) {
		mu.Lock()
		defer mu.Unlock()
		if bar == nil {
			bar = w.progress(of, things)
		}
		_ = bar.Set(done)
	}
	end = func() {
		mu.Lock()
		defer mu.Unlock()
		if bar != nil {
			_ = bar.Finish()
		}
	}
	return show, end
}

// some says how many of a thing there are.
func some(n int, thing string) string {
	if n != 1 {
		thing += "s"
	}
	return fmt.Sprint(n, " ", thing)
}
