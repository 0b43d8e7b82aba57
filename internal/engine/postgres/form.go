package postgres

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// Form is what a cluster was founded with and keeps for ever. It lies in the cluster
// itself, so that every copy of that carries it.
type Form struct {
	Number int // of everything that is stored: a program uses one alone
	Shards int // of Temporal's history
}

// ErrForm means that a cluster has another form; the message around it says what to do.
var ErrForm = errors.New("keep the folder and use the program that made it, or begin a new office in another folder")

const formFile = "harkara.form"

func (f Form) String() string { return fmt.Sprintf("form %d\nshards %d\n", f.Number, f.Shards) }

// found marks a cluster that is not in its place yet.
func (c *Cluster) found(fresh string) error {
	path := filepath.Join(fresh, formFile)
	if err := ReplaceFile(path, c.cfg.Form.String()); err != nil {
		return fmt.Errorf("write form: %w", err)
	}
	return c.account.own(path) // the server's own backups read it
}

// checkForm refuses a cluster of another form, and changes nothing. Errors: ErrForm.
func (c *Cluster) checkForm() error {
	if c.missing() {
		return nil
	}
	path := filepath.Join(c.data(), formFile)
	text, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return c.otherForm("an earlier harkara, which gave it no form")
	}
	if err != nil {
		return fmt.Errorf("read form: %w", err)
	}
	var has Form
	want := c.cfg.Form
	read, _ := fmt.Sscanf(string(text), "form %d\nshards %d\n", &has.Number, &has.Shards) // a newer one may go on in another way
	switch {
	case string(text) == want.String():
		return nil
	case read >= 1 && has.Number < want.Number:
		return c.otherForm(fmt.Sprintf("an earlier harkara, in form %d where this one has %d", has.Number, want.Number))
	case read >= 1 && has.Number > want.Number:
		return c.otherForm(fmt.Sprintf("a newer harkara, in form %d where this one has %d", has.Number, want.Number))
	case read == 2 && has.Shards != want.Shards:
		return c.otherForm(fmt.Sprintf("a harkara of %d history shards where this one has %d", has.Shards, want.Shards))
	}
	return fmt.Errorf("%s is damaged: put it back from a backup of the folder", path)
}

func (c *Cluster) otherForm(maker string) error {
	return fmt.Errorf("%s was made by %s: %w", c.cfg.Dir, maker, ErrForm)
}
