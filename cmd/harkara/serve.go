package main

import (
	"fmt"

	"harkara/internal/custody"
)

type serveCmd struct {
	Engine `embed:""`
	Addr   string `help:"Where pages and stations are served." default:"127.0.0.1:8470"`
}

// Run serves until it is interrupted.
func (c *serveCmd) Run(w *world) error {
	o, err := openOffice(w.ctx, c.config(w.log), roles{worker: true, dispatch: true}, custody.Book, w.log)
	if err != nil {
		return err
	}
	fmt.Fprintln(w.out, "ready")
	<-w.ctx.Done()
	return o.close()
}
