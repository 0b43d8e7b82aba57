package ledger

import (
	"encoding/json"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"harkara/internal/custody"
)

// selectReference reads the office as it was known at revision $1. As of an instant a
// thing is what the row of its highest revision among those valid by then says. So a row
// is in force from its valid_from until the earliest one of a higher revision is, or
// never. The office begins with its first change: what is valid from before is so from then on.
const selectReference = `
WITH known AS (
    SELECT kind, id, revision, body, greatest(valid_from, first_value(valid_from) OVER (ORDER BY revision)) AS valid_from
    FROM reference WHERE revision <= $1
)
SELECT kind, id, revision, valid_from,
    min(valid_from) OVER (PARTITION BY kind, id ORDER BY revision ROWS BETWEEN 1 FOLLOWING AND UNBOUNDED FOLLOWING), body::text
FROM known`

// forever is the end of what is in force until further notice.
var forever = time.Date(9999, 1, 1, 0, 0, 0, 0, time.UTC)

// Newest is an instant at which all that was said of an office by now is in force.
var Newest = forever.Add(-time.Hour)

// item is one thing of the office over one stretch of time: from included, to not.
type item struct {
	key
	revision int64
	from, to time.Time
	body     json.RawMessage       // nil: it has ended
	addTo    func(*custody.Office) // what body says, once it was read
}

func toItem(r pgx.CollectableRow) (item, error) {
	var i item
	var to *time.Time
	var body *string
	err := r.Scan(&i.kind, &i.id, &i.revision, &i.from, &to, &body)
	i.to = forever
	if to != nil {
		i.to = *to
	}
	if body != nil {
		i.body = json.RawMessage(*body)
	}
	return i, err
}

// assign makes the thing a part of an office.
func (i *item) assign(o *custody.Office) error {
	if i.body == nil {
		return nil
	}
	if i.addTo == nil {
		k, err := kindNamed(i.kind)
		if err == nil {
			i.addTo, err = k.read(i.body)
		}
		if err != nil {
			i.addTo = nil
			return fmt.Errorf("read %s %q: %w", i.kind, i.id, err)
		}
	}
	i.addTo(o)
	return nil
}

// builtOffice is an office with the stretch of time in which it is the same for every
// instant: from included, to not.
type builtOffice struct {
	from, to time.Time
	office   *custody.Office
}

// build puts together the office of an instant. Before the first change it is what
// that one said.
func build(items []item, at time.Time) (builtOffice, error) {
	first := forever
	for _, i := range items {
		if i.from.Before(first) {
			first = i.from
		}
	}
	b := builtOffice{to: forever, office: &custody.Office{}}
	if at.Before(first) {
		at = first
	} else {
		b.from = first
	}
	ended := map[key]*item{}
	for n := range items {
		i := &items[n]
		for _, edge := range []time.Time{i.from, i.to} {
			if edge.After(first) {
				b.split(edge, at)
			}
		}
		if i.from.After(at) || !at.Before(i.to) {
			continue
		}
		b.office.Revision = max(b.office.Revision, i.revision)
		if err := i.assign(b.office); err != nil {
			return b, err
		}
		if i.body == nil {
			ended[i.key] = i
		}
	}
	b.office.Sort()
	for _, edge := range b.office.Edges() {
		b.split(edge, at)
	}
	b.office.AsOf(at)
	return b, b.remember(items, ended)
}

// split keeps the stretch on the side of an edge on which an instant lies.
func (b *builtOffice) split(edge, at time.Time) {
	if edge.After(at) && edge.Before(b.to) {
		b.to = edge
	}
	if !edge.After(at) && edge.After(b.from) {
		b.from = edge
	}
}

// remember gives the office what has ended, each as the last item before its end says.
func (b *builtOffice) remember(items []item, ended map[key]*item) error {
	last := map[key]*item{}
	for n := range items {
		i := &items[n]
		if end := ended[i.key]; end != nil && i.body != nil && i.revision < end.revision && (last[i.key] == nil || i.revision > last[i.key].revision) {
			last[i.key] = i
		}
	}
	if len(last) == 0 {
		return nil
	}
	b.office.Former = &custody.Office{}
	for _, i := range last {
		if err := i.assign(b.office.Former); err != nil {
			return err
		}
	}
	b.office.Former.Sort()
	return nil
}
