package main

import (
	"bufio"
	"crypto/ed25519"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"strings"

	"harkara/internal/secret"
	"harkara/scanner/uplink"
)

// Files of the data folder.
const (
	identityFile = "station.json" // uplink.Identity
	pendingFile  = "token.new"    // drawn for an enrolment whose answer is not known yet
	viewFile     = "view.json"    // the office's last view of the station
)

var errNotEnrolled = errors.New("this machine is no station yet: station enrol --server ADDRESS CODE")

// loadIdentity reads who this station is, with the token of another file where one is
// named. open are those files that others can read. errNotEnrolled.
func loadIdentity(data, tokenFile string) (id uplink.Identity, open []string, err error) {
	path := filepath.Join(data, identityFile)
	raw, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return id, nil, errNotEnrolled
	}
	if err != nil {
		return id, nil, fmt.Errorf("read identity: %w", err)
	}
	damaged := json.Unmarshal(raw, &id) != nil || id.Station == "" || len(id.Key) != ed25519.PublicKeySize
	if info, err := os.Stat(path); err == nil && id.Token != "" && secret.Open(info) {
		open = append(open, path)
	}
	if tokenFile != "" {
		var seen bool
		if id.Token, seen, err = secret.Read(tokenFile); err != nil {
			return id, nil, err
		}
		if seen {
			open = append(open, tokenFile)
		}
	}
	if damaged || id.Token == "" {
		return id, nil, fmt.Errorf("read identity %s: it is damaged, enrol again", path)
	}
	return id, open, nil
}

// spoolFile names the spool of one station of one office: what was read as one is
// never sent as another.
func spoolFile(id uplink.Identity) string {
	return "spool-" + strings.ReplaceAll(id.Fingerprint(), " ", "")[:8] + "-" + url.PathEscape(id.Station) + ".db"
}

// writeFile puts a file in the place of another, whole and on the disk, readable
// for its owner alone.
func writeFile(path string, raw []byte) error {
	fresh := path + ".tmp"
	f, err := os.OpenFile(fresh, os.O_CREATE|os.O_WRONLY|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	_, err = f.Write(raw)
	if err := errors.Join(err, f.Sync(), f.Close()); err != nil {
		return err
	}
	if err := os.Rename(fresh, path); err != nil {
		return err
	}
	dir, err := os.Open(filepath.Dir(path))
	if err != nil {
		return err
	}
	return errors.Join(dir.Sync(), dir.Close())
}

type enrolCmd struct {
	Place  `embed:""`
	Server string `help:"Address of the office: http://10.1.1.5:8470." required:"" env:"HARKARA_STATION_SERVER"`
	Code   string `arg:"" help:"The one-time code, as it was printed by: harkara station enrol ID. With - it is read from standard input, where nobody else sees it."`
}

// Run exchanges the code. An answer that was lost is asked again with the same
// token, so that the code is not wasted.
func (c *enrolCmd) Run(w *world) error {
	if c.Code == "-" {
		line, err := bufio.NewReader(io.LimitReader(w.in, 200)).ReadString('\n')
		if err != nil && !errors.Is(err, io.EOF) {
			return fmt.Errorf("read one-time code: %w", err)
		}
		c.Code = strings.TrimSpace(line)
	}
	if err := os.MkdirAll(c.Data, 0o700); err != nil {
		return fmt.Errorf("make data folder: %w", err)
	}
	pending := filepath.Join(c.Data, pendingFile)
	token, err := os.ReadFile(pending)
	if errors.Is(err, fs.ErrNotExist) {
		token = []byte(uplink.NewToken())
		err = writeFile(pending, token)
	}
	if err != nil {
		return fmt.Errorf("keep token: %w", err)
	}
	id, err := uplink.Enrol(w.ctx, c.Server, c.Code, string(token))
	if err != nil {
		return err
	}
	raw, err := json.MarshalIndent(id, "", "  ")
	if err != nil {
		return err
	}
	if err := writeFile(filepath.Join(c.Data, identityFile), raw); err != nil {
		return fmt.Errorf("keep identity: %w", err)
	}
	if err := os.Remove(pending); err != nil {
		return fmt.Errorf("remove token: %w", err)
	}
	fmt.Fprintf(w.out, "This machine is station %s.\nThe office's key is %s\nCompare it with what the office printed beside the code. If it is another, you enrolled somewhere else: stop here.\n", id.Station, id.Fingerprint())
	return nil
}
