package main

import (
	"cmp"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"harkara/internal/custody"
	"harkara/web"
)

// kept is what a running office keeps for its administrator.
type kept struct {
	Quarantined []web.Stuck
	Audit       []web.Audited
	Drawer      []web.Drawn
	Overdrawn   []web.Overdrawn
	Changes     []web.Change

	office *custody.Office // whose zone times are said in, and names things are called by
}

func (r Remote) kept(w *world, limit int) (k kept, err error) {
	if k.office, err = r.office(w); err != nil {
		return k, err
	}
	return k, r.call(w, http.MethodGet, fmt.Sprintf("/api/v1/attention?limit=%d", limit), nil, &k)
}

type quarantineCmd struct {
	List  stuckCmd `cmd:"" default:"withargs" help:"Show the commands that could not be decided."`
	Retry retryCmd `cmd:"" help:"Let one be tried again."`
	Void  voidCmd  `cmd:"" help:"Set one aside: it moves nothing, and the file's chain says who did that and why."`
}

type stuckCmd struct {
	Remote `embed:""`
}

// Run shows what is stuck; that something is makes it fail, for scripts that watch.
func (c *stuckCmd) Run(w *world) error {
	k, err := c.kept(w, 1)
	if err != nil {
		return err
	}
	for _, s := range k.Quarantined {
		by := cmp.Or(string(s.Command.Station), acted(k.office, s.Command.By), "the office")
		fmt.Fprintf(w.out, "%s  %s  %s by %s, stored %s, tried %d times, %d behind it\n", s.Command.ID, cmp.Or(s.Number, s.File.Format()), s.Command.Kind, by, w.local(s.Received), s.Attempts, s.Behind)
		fmt.Fprintf(w.out, "  %s: %s\n", s.Cause, s.Error)
	}
	if len(k.Quarantined) > 0 {
		return errFound
	}
	fmt.Fprintln(w.out, "every stored command is decided or on its way")
	return nil
}

type retryCmd struct {
	Remote `embed:""`
	ID     string `arg:"" help:"The command's id, as the list shows it."`
	Reason string `help:"Why it can be decided now." required:""`
}

// Run has a command tried again.
func (c *retryCmd) Run(w *world) error { return c.free(w, c.ID, "retry", c.Reason) }

type voidCmd struct {
	Remote `embed:""`
	ID     string `arg:"" help:"The command's id, as the list shows it."`
	Reason string `help:"Why, or the order's number." required:""`
}

// Run sets a command aside.
func (c *voidCmd) Run(w *world) error { return c.free(w, c.ID, "void", c.Reason) }

// free frees a stuck command and says what it came to.
func (r Remote) free(w *world, id, act, reason string) error {
	var out decided
	path := "/api/v1/quarantine/" + url.PathEscape(id) + "/" + act
	if err := r.call(w, http.MethodPost, path, map[string]string{"reason": reason}, &out); err != nil {
		return err
	}
	err := out.print(w)
	if errors.Is(err, errFound) && out.Outcome != nil && out.Outcome.Reason == custody.Voided {
		return nil // as it was asked
	}
	return err
}

type drawerCmd struct {
	Remote `embed:""`
	Limit  int `help:"How many of the newest." default:"50"`
}

// Run shows what stations sent that no file can take.
func (c *drawerCmd) Run(w *world) error {
	k, err := c.kept(w, c.Limit)
	if err != nil {
		return err
	}
	for _, d := range k.Drawer {
		fmt.Fprintf(w.out, "%s  %s  %q\n  %q\n", w.local(d.Received), d.Station, d.Reason, d.Body)
		if d.Length > int64(len(d.Body)) {
			fmt.Fprintf(w.out, "  the first %d of %d bytes; SHA-256 %x\n", len(d.Body), d.Length, d.Digest)
		}
	}
	for _, o := range k.Overdrawn {
		fmt.Fprintf(w.out, "%s  %s sent more than is kept whole on %s: %d records are whole, of %d the beginning and digest are kept, %d are only counted; %d bytes in all\n",
			w.local(o.Last), o.Station, o.Day.UTC().Format(time.DateOnly), o.Whole, o.Short, o.Counted, o.Bytes)
	}
	if len(k.Drawer) == 0 {
		fmt.Fprintln(w.out, "the drawer is empty")
	}
	return nil
}

type historyCmd struct {
	Remote `embed:""`
	Limit  int `help:"How many of the newest of each kind." default:"50"`
}

// Run shows who changed the office, and who freed which command, newest first.
func (c *historyCmd) Run(w *world) error {
	k, err := c.kept(w, c.Limit)
	if err != nil {
		return err
	}
	type line struct {
		at   time.Time
		text string
	}
	var lines []line
	for _, h := range k.Changes {
		lines = append(lines, line{h.At, fmt.Sprintf("%s  office, %s: %s", ordered(acted(k.office, h.By), h.Who), alteredIn(h), h.Reason)})
	}
	for _, a := range k.Audit {
		lines = append(lines, line{a.At, fmt.Sprintf("%s  %s of command %s: %s", acted(k.office, a.By), a.Act, a.Command, a.Reason)})
	}
	slices.SortStableFunc(lines, func(a, b line) int { return b.at.Compare(a.at) })
	for _, l := range lines {
		fmt.Fprintf(w.out, "%s  %s\n", w.local(l.at), l.text)
	}
	if len(lines) == 0 {
		fmt.Fprintln(w.out, "nothing was changed yet")
	}
	return nil
}

// alteredIn says what a change altered: each thing where they are few, else how many of
// each kind.
func alteredIn(c web.Change) string {
	const few = 8
	if len(c.Things) == 0 {
		return "a token was replaced"
	}
	var parts []string
	counts := map[string]int{}
	for _, t := range c.Things {
		what := t.How + " " + t.Kind
		switch counts[what]++; {
		case len(c.Things) <= few:
			parts = append(parts, strings.TrimSpace(what+" "+cmp.Or(t.Name.En, t.ID)))
		case counts[what] == 1:
			parts = append(parts, what)
		}
	}
	if len(c.Things) > few {
		for i, what := range parts {
			parts[i] = fmt.Sprintf("%s (%d)", what, counts[what])
		}
	}
	return strings.Join(parts, ", ")
}
