package main

import (
	"io"

	"github.com/schollz/progressbar/v3"
)

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
