package main

import (
	"io"

	"github.com/schollz/progressbar/v3"
)

// progress shows how many of n things are done, where the errors go to a terminal.
func (w *world) progress(n int, things string) *progressbar.ProgressBar {
	return progressOn(terminal(w.err), n, things)
}

// progressOn shows it on a terminal; nil: nowhere.
func progressOn(to io.Writer, n int, things string) *progressbar.ProgressBar {
	if to == nil {
		to = io.Discard
	}
	bar := progressbar.NewOptions(n, progressbar.OptionSetWriter(to), progressbar.OptionSetDescription(things), progressbar.OptionClearOnFinish())
	_ = bar.RenderBlank() // only shown
	return bar
}
