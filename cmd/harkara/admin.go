package main

import (
	"errors"
	"fmt"

	"harkara/internal/ledger"
	"harkara/internal/office"
)

type adminCmd struct {
	Token renewCmd `cmd:"" default:"withargs" help:"Make a new administrator's token and print it, or write it to a file, where the old one is lost. Older ones end. It ends every administrator's session, also beside a running serve. On the server's console, or with --database-url."`
}

type renewCmd struct {
	Location `embed:""`
	Issue    `embed:""`
	Acting   `embed:""`
	Who      string `help:"Who orders it." default:"administrator"`
	Reason   string `help:"Why, kept in the history of the office." default:"new administrator's token; older ones end"`
}

// Run replaces the administrator's token. Whoever has the data folder or the
// database's password is the office already.
func (c *renewCmd) Run(w *world) error {
	if c.DatabaseURL != "" { // the ledger alone is enough
		store, err := ledger.Open(w.ctx, c.DatabaseURL, w.log)
		if err != nil {
			return err
		}
		defer store.Close()
		return c.renew(w, store)
	}
	o, err := c.open(w)
	if err != nil {
		return err
	}
	return errors.Join(c.renew(w, o.Ledger), o.Close())
}

func (c *renewCmd) renew(w *world, store *ledger.Store) error {
	by, err := c.by(w, store)
	if err != nil {
		return err
	}
	token, err := store.Renew(w.ctx, "", ledger.Order{Who: c.Who, By: by, Reason: c.Reason})
	if err != nil {
		return err
	}
	issued := c.issue(w, token)
	fmt.Fprintln(w.err, "harkara: older tokens have ended, and with them every administrator's session: sign in anew at /login")
	if c.DatabaseURL != "" {
		return issued
	}
	return errors.Join(issued, office.RemoveToken(c.Data))
}
