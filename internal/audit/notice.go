package audit

import (
	"encoding/json"
	"slices"
	"strings"
	"time"

	"harkara/internal/custody"
	"harkara/internal/ledger"
)

// notified asks whether everybody whom the chain says that a rung reached has his notice,
// once, and nobody else has one.
func (t *trial) notified() *Finding {
	want := map[string]custody.Notice{}
	for _, n := range t.notices {
		want[n.Key] = n
	}
	for _, row := range t.Notices {
		var n custody.Notice
		if err := json.Unmarshal(row.Body, &n); err != nil {
			return &Finding{Kind: Notice, Place: row.Key, Stored: show(string(row.Body))}
		}
		recorded, there := want[row.Key]
		switch {
		case there:
			if f := differ(Notice, row.Key, n, recorded); f != nil {
				return f
			}
			delete(want, row.Key)
		case n.Revision != 0 || n.Key != row.Key || n.File != t.Code || !t.stood(row.Key):
			return &Finding{Kind: Invented, Place: row.Key, Stored: show(n)}
		}
	}
	for _, n := range t.notices {
		if _, missing := want[n.Key]; missing {
			return &Finding{Kind: Untold, Place: at(n.Revision), Computed: n.Key}
		}
	}
	return nil
}

// stood reports whether a key is of a notice that a queue stands behind one of the file's
// commands.
func (t *trial) stood(key string) bool {
	rest, ok := strings.CutPrefix(key, string(t.Code)+"-")
	return ok && slices.ContainsFunc(t.Commands, func(c ledger.Stored) bool { return strings.HasPrefix(rest, string(c.ID)+"-") })
}

// delivered asks whether what became of each notice was noted when it came about: screens
// have theirs with the entry, and the end of a delivery is on the feed.
func (t *trial) delivered() *Finding {
	for _, row := range t.Notices {
		var n custody.Notice
		_ = json.Unmarshal(row.Body, &n) // notified has read it
		settled := row.State != ledger.Pending && row.State != ledger.Delivering
		switch {
		case n.Channel == custody.Screen:
			if f := unlike(Delivery, row.Key, row.State, ledger.Delivered); f != nil {
				return f
			}
		case settled && !t.announced(custody.Told, row.Changed):
			return &Finding{Kind: Delivery, Place: row.Key, Stored: string(row.State)}
		}
	}
	return nil
}

// announced reports whether the feed has a line of a reason and an instant.
func (t *trial) announced(reason custody.Reason, at time.Time) bool {
	return slices.ContainsFunc(t.Feed, func(a ledger.Announced) bool { return a.Reason == reason && a.At.Equal(at) })
}

// feed asks whether each entry is announced once, in order, and what the ledger announces
// by itself came about.
func (t *trial) feed() *Finding {
	n, freed := 0, 0
	for _, a := range t.Feed {
		switch a.Reason {
		case custody.Freed:
			freed++
			continue
		case custody.Stuck, custody.Told:
			continue
		}
		if n == len(t.entries) {
			return &Finding{Kind: Feed, Place: "feed " + show(a.Seq), Stored: string(a.Reason)}
		}
		e := t.entries[n]
		if f := first(unlike(Feed, "feed "+show(a.Seq), a.Reason, e.Reason), unlikeTimes(Feed, "feed "+show(a.Seq)+".at", a.At, e.At)); f != nil {
			return f
		}
		n++
	}
	if n < len(t.entries) {
		return &Finding{Kind: Feed, Place: at(t.entries[n].Revision), Computed: string(t.entries[n].Reason)}
	}
	acts := 0
	for _, c := range t.Commands {
		acts += c.Freed
	}
	if freed > acts {
		return &Finding{Kind: Feed, Place: "acts of administrators", Stored: show(acts), Computed: show(freed)}
	}
	return nil
}
