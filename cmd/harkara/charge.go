package main

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"time"

	"harkara/internal/custody"
	"harkara/internal/label"
)

type chargeCmd struct {
	Remote `embed:""`
	Post   string    `arg:"" help:"Id of the post."`
	Began  time.Time `help:"When the list was begun, as 2026-12-01T13:00:00+05:00: what was scanned in the room since is produced. Without it, now."`
}

// Run lists what a post holds, for handing over charge of it. Nothing is changed.
func (c *chargeCmd) Run(w *world) error {
	o, err := c.office(w)
	if err != nil {
		return err
	}
	path := "/api/v1/posts/" + url.PathEscape(c.Post) + "/handover"
	if !c.Began.IsZero() {
		path += "?began=" + url.QueryEscape(c.Began.UTC().Format(time.RFC3339))
	}
	var list struct {
		Officer  custody.OfficerID
		Began    time.Time
		Produced []label.Code
		Files    []custody.Row
	}
	if err := c.call(w, http.MethodGet, path, nil, &list); err != nil {
		return err
	}
	in := "nobody is in it"
	if officer, ok := o.OfficerByID(list.Officer); ok {
		in = officer.Name.En
	}
	post, _ := o.PostByID(custody.PostID(c.Post))
	fmt.Fprintf(w.out, "%s, %s: %d files, %d produced since %s\n", post.Name.En, in, len(list.Files), len(list.Produced), w.local(list.Began))
	for _, f := range list.Files {
		mark := " "
		if slices.Contains(list.Produced, f.File.Code) {
			mark = "x"
		}
		fmt.Fprintf(w.out, "[%s] %s  %s  since %s, seen %s\n", mark, f.File.Code.Format(), f.File.Number, w.local(f.Position.Since), w.local(f.Position.Seen))
	}
	return nil
}
