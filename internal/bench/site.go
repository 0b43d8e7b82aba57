package bench

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"os"
	"time"

	"github.com/google/uuid"
	"github.com/schollz/progressbar/v3"

	"harkara/internal/custody"
	"harkara/internal/demo"
	"harkara/internal/engine"
	"harkara/internal/label"
	"harkara/internal/office"
	"harkara/web"
)

// Site is where an office stands that is measured, with fsync on, and where figures go.
type Site struct {
	Postgres string       // folder of PostgreSQL's programs; empty: found by itself
	Data     string       // folder of the office, which is kept; empty: a temporary one
	Log      *slog.Logger // nil: nothing is logged
	Out      io.Writer
	Progress io.Writer // a terminal; nil: none
}

// newBar shows on a terminal how many of n things are done; nil: nowhere.
func newBar(to io.Writer, n int, things string) *progressbar.ProgressBar {
	if to == nil {
		to = io.Discard
	}
	return progressbar.NewOptions(n, progressbar.OptionSetWriter(to), progressbar.OptionSetDescription(things), progressbar.OptionClearOnFinish())
}

// measured is an office under measurement, and its stations.
type measured struct {
	office *office.Office
	data   string // folder
	remove bool   // in the end

	address  string
	client   *http.Client
	stations []custody.StationID // each in another room of one department
	tokens   map[custody.StationID]string

	stop  context.CancelFunc // of its pages; nil: they are not served
	ended chan struct{}
	fault error // of them, once ended
}

// open opens the site's office.
func (s Site) open(ctx context.Context, r office.Roles) (m *measured, err error) {
	m = &measured{data: s.Data, remove: s.Data == ""}
	if m.remove {
		if m.data, err = os.MkdirTemp("", "harkara-bench"); err != nil {
			return nil, fmt.Errorf("make temporary folder: %w", err)
		}
		err = os.Chmod(m.data, 0o711)
	}
	began := time.Now()
	if err == nil {
		m.office, err = office.Open(ctx, engine.Config{Dir: m.data, Binaries: s.Postgres, Log: s.Log}, r)
	}
	if err == nil {
		err = m.office.Engine.Ready(ctx)
	}
	if err == nil {
		err = m.office.Ledger.SetOffice(ctx, demo.Sample(3600), "bench", "set up")
	}
	if err != nil {
		return nil, errors.Join(err, m.close())
	}
	fmt.Fprintf(s.Out, "ready after %.1f s\n", time.Since(began).Seconds())
	return m, nil
}

// serve opens the site's office, whole, and serves it to stations that send so much at once.
func (s Site) serve(ctx context.Context, atOnce int) (*measured, error) {
	m, err := s.open(ctx, office.Roles{Worker: true, Dispatch: true})
	if err == nil {
		err = m.serve(ctx, atOnce)
	}
	if err != nil && m != nil {
		err = errors.Join(err, m.close())
	}
	return m, err
}

func (m *measured) serve(ctx context.Context, atOnce int) error {
	sample, err := m.office.Ledger.Office(ctx, time.Now())
	if err != nil {
		return err
	}
	m.client = &http.Client{Timeout: 30 * time.Second, Transport: &http.Transport{MaxIdleConnsPerHost: atOnce}}
	m.stations, m.tokens = stationsOf(sample, "fin"), map[custody.StationID]string{}
	for _, station := range m.stations {
		if m.tokens[station], err = m.office.Ledger.Enrol(ctx, station); err != nil {
			return err
		}
	}
	ctx, m.stop = context.WithCancel(ctx)
	m.ended = make(chan struct{})
	at := make(chan string, 1)
	cfg := web.Config{Open: true, StationToken: func(id custody.StationID) string { return m.tokens[id] }}
	go func() {
		defer close(m.ended)
		m.fault = m.office.Pages(ctx, "127.0.0.1:0", cfg, func(address string) { at <- address })
	}()
	select {
	case m.address = <-at:
		return nil
	case <-m.ended:
		return errors.New("its pages are not served") // close says why
	}
}

// close ends everything, and says what was wrong with the pages.
func (m *measured) close() error {
	var faults []error
	if m.stop != nil {
		m.stop()
		<-m.ended
		faults = append(faults, m.fault)
	}
	if m.office != nil {
		faults = append(faults, m.office.Close())
	}
	if m.remove {
		faults = append(faults, os.RemoveAll(m.data))
	}
	return errors.Join(faults...)
}

// stationsOf are those of a department: files that go from each to the next move with every
// scan.
func stationsOf(o *custody.Office, department custody.DepartmentID) []custody.StationID {
	var out []custody.StationID
	for _, s := range o.Stations {
		if r, ok := o.RoomByID(s.Room); ok && r.Department == department {
			out = append(out, s.ID)
		}
	}
	return out
}

// open opens the n-th file and returns its code.
func (m *measured) open(ctx context.Context, n int) (label.Code, error) {
	code, err := m.office.Ledger.Mint(ctx, label.File)
	if err != nil {
		return "", err
	}
	open := custody.Command{Kind: custody.Open, Code: code, With: custody.Opening{Number: fmt.Sprintf("bench/%d", n), Department: "fin"}}
	if _, err := m.post(ctx, m.stations[0], open); err != nil {
		return "", fmt.Errorf("open file %d: %w", n, err)
	}
	return code, nil
}

// scan sends the n-th scan of a file, from 0, at the station of its turn, and returns when
// it is decided and committed, and has moved the file.
func (m *measured) scan(ctx context.Context, code label.Code, n int) error {
	scan := custody.Command{Kind: custody.Scan, Code: code, Method: custody.ByQR}
	out, err := m.post(ctx, m.stations[(n+1)%len(m.stations)], scan)
	if err == nil && out.Verdict != custody.Accepted {
		err = fmt.Errorf("scan of %s moved nothing: %s", code, out.Reason)
	}
	return err
}

// patience is how long a station sends a command again until it is decided.
const patience = time.Minute

// post sends a command as a station does, and waits until it is decided and committed:
// again and again, as a station does while it has no answer.
func (m *measured) post(ctx context.Context, station custody.StationID, c custody.Command) (out custody.Outcome, err error) {
	c.ID, c.At.Wall = custody.CommandID(uuid.NewString()), time.Now().UTC()
	for until := time.Now().Add(patience); ; {
		answered, raw, err := m.send(ctx, station, c)
		switch {
		case err != nil:
			return out, err
		case answered != nil:
			return *answered, nil
		case time.Now().After(until):
			return out, fmt.Errorf("scan of %s is not decided: %s", c.Code, raw)
		}
	}
}

// send posts a command once; no outcome: it is stored and not decided yet.
func (m *measured) send(ctx context.Context, station custody.StationID, c custody.Command) (out *custody.Outcome, raw []byte, err error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://"+m.address+"/api/v1/scans?wait=5s", bytes.NewReader(c.Bytes()))
	if err != nil {
		return nil, nil, err
	}
	req.Header.Set("Authorization", "Bearer "+m.tokens[station])
	resp, err := m.client.Do(req)
	if err != nil {
		return nil, nil, fmt.Errorf("post scan: %w", err)
	}
	defer resp.Body.Close()
	if raw, err = io.ReadAll(resp.Body); err != nil {
		return nil, nil, fmt.Errorf("read answer: %w", err)
	}
	var answer struct {
		Results []struct {
			Stored  bool
			Outcome *custody.Outcome
		}
	}
	if err := json.Unmarshal(raw, &answer); err != nil || len(answer.Results) != 1 || !answer.Results[0].Stored {
		return nil, raw, fmt.Errorf("scan of %s is not stored: %s: %s", c.Code, resp.Status, raw)
	}
	return answer.Results[0].Outcome, raw, nil
}
