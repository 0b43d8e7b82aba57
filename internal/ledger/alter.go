package ledger

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"harkara/internal/custody"
	"harkara/internal/label"
)

// Alteration is what a change did to one thing of the office.
type Alteration struct {
	Kind, ID string
	Name     custody.Name // as it is called then; a desk or a charge as its post; of a ladder or calendar none
	How      How
	Fields   []Field // that are otherwise in a thing that changed
}

// How a thing was altered.
type How string

// The ways.
const (
	Began   How = "began"
	Changed How = "changed"
	Ended   How = "ended"
)

// Field is one key of a thing, with what it said and says as JSON; empty: nothing.
type Field struct{ Name, Was, Is string }

// Order is by whose order an office is changed and why, who does that, and where files go
// whose place it takes away.
type Order struct {
	Who, Reason string
	By          custody.Actor
	Moves       map[custody.DeskID]custody.DeskID // what files have to do with one that ends, they have to do with the other
	Dry         bool                              // nothing is changed: only what would come of it is told
}

// Altered is what came of a change.
type Altered struct {
	Things []Alteration
	Files  []Touched // open ones whose desk, room or post is altered
	Clocks Clocks    // that run on calendars that are altered
}

// Touched is an open file at a desk that a change alters, or on its way to or from it.
type Touched struct {
	File   label.Code
	Number string
	Desk   custody.DeskID
	Way    Way

	room custody.RoomID
	post custody.PostID
}

// Way is how an open file has to do with a desk.
type Way string

// The ways.
const (
	There   Way = ""        // it is at it
	Coming  Way = "coming"  // it is on its way to it
	Leaving Way = "leaving" // it is on its way from it, and may come back
)

// ErrHolds marks a change that would leave open files without a place.
var ErrHolds = errors.New("files would be nowhere")

var errDry = errors.New("only looked at")

const selectTouched = `
SELECT code, number, COALESCE(e.desk, ''), COALESCE(e.room, ''), COALESCE(e.post, ''), e.way FROM files, LATERAL (VALUES
    (CASE position->>'phase' WHEN 'transit' THEN 'leaving' ELSE '' END, position->>'desk', position->>'room', position->>'post'),
    ('coming', position->>'to', position->>'to_room', NULL)) e (way, desk, room, post)
WHERE revision > 0 AND final IS NULL AND (e.way <> 'coming' OR position->>'phase' = 'transit')
    AND (e.desk = ANY ($1) OR e.room = ANY ($2) OR e.post = ANY ($3))
ORDER BY 3, 6, 2, 1`

// touched are the open files where one of some things is.
func touched(ctx context.Context, tx pgx.Tx, keys []key) ([]Touched, error) {
	ids := map[string][]string{"desk": {}, "room": {}, "post": {}}
	for _, k := range keys {
		ids[k.kind] = append(ids[k.kind], k.id)
	}
	rows, err := tx.Query(ctx, selectTouched, ids["desk"], ids["room"], ids["post"])
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, func(r pgx.CollectableRow) (t Touched, err error) {
		return t, r.Scan(&t.File, &t.Number, &t.Desk, &t.room, &t.post, &t.Way)
	})
}

// rehouse has files go where an order says whose desk ends; one that goes on takes its own
// along to another room, or under another post. ErrHolds, with their number, where it does
// not say.
func rehouse(ctx context.Context, tx pgx.Tx, files []Touched, ended []key, o *custody.Office, order Order, at time.Time) error {
	gone := func(kind, id string) bool { return slices.Contains(ended, key{kind, id}) }
	var moves []putting
	lost := map[custody.DeskID]map[Way]int{}
	for _, f := range files {
		desk, stays := o.DeskByID(f.Desk)
		if !gone("desk", string(f.Desk)) && !gone("room", string(f.room)) && !gone("post", string(f.post)) && (!stays || desk.Room == f.room) {
			continue
		}
		to, ordered := order.Moves[f.Desk]
		switch {
		case ordered:
		case stays:
			to = f.Desk
		default:
			if lost[f.Desk] == nil {
				lost[f.Desk] = map[Way]int{}
			}
			lost[f.Desk][f.Way]++
			continue
		}
		moves = append(moves, putting{order.rehousing(f.File, f.Desk, to, at), custody.Later}) // hundreds, beside the scans of a morning
	}
	var problems []error
	for _, desk := range slices.Sorted(maps.Keys(lost)) {
		problems = append(problems, fmt.Errorf("%w: desk %s is taken out, where %d open files are, to which %d are on their way and from which %d: order where they go, as in --move %s=DESK", ErrHolds, desk, lost[desk][There], lost[desk][Coming], lost[desk][Leaving], desk))
	}
	for from, to := range order.Moves {
		if _, ok := o.DeskByID(to); !ok {
			problems = append(problems, fmt.Errorf("the files of desk %s are to go to %q, which is no desk", from, to))
		}
	}
	if err := errors.Join(problems...); err != nil || len(moves) == 0 {
		return err
	}
	if strings.TrimSpace(order.Reason) == "" {
		return errors.New("files are moved by an order: give its number as the reason")
	}
	for _, m := range moves {
		if err := m.Validate(); err != nil {
			return err
		}
	}
	_, err := tx.Exec(ctx, storeCommands, newStoring(moves).args()...)
	return err
}

// alterations tells what became of things.
func alterations(changed []key, was, is map[key]json.RawMessage) (list []Alteration) {
	for _, k := range changed {
		if k.kind == heirs { // told with the desk
			continue
		}
		a := Alteration{Kind: k.kind, ID: k.id, How: Changed}
		switch {
		case was[k] == nil:
			a.How = Began
		case is[k] == nil:
			a.How = Ended
			a.Fields = heirIn(is, k)
		default:
			a.Fields = fields(was[k], is[k])
		}
		if a.Name = nameIn(is[k], is, was); a.How == Ended {
			a.Name = nameIn(was[k], was)
		}
		list = append(list, a)
	}
	return list
}

// heirIn says where the files are of a desk that has ended.
func heirIn(is map[key]json.RawMessage, k key) []Field {
	var h struct {
		To json.RawMessage `json:"to"`
	}
	if body := is[key{heirs, k.id}]; k.kind != "desk" || body == nil || json.Unmarshal(body, &h) != nil {
		return nil
	}
	return []Field{{"files", "", string(h.To)}}
}

// inherit carries on which desks stand for those that orders took out, and adds what the
// order of this change says. A desk that is there stands for itself.
func inherit(have, want map[key]json.RawMessage, moves map[custody.DeskID]custody.DeskID) error {
	maps.DeleteFunc(want, func(k key, _ json.RawMessage) bool { return k.kind == heirs })
	for k, body := range have {
		if k.kind == heirs && want[key{"desk", k.id}] == nil {
			want[k] = body
		}
	}
	for from, to := range moves {
		desk := key{"desk", string(from)}
		if have[desk] == nil || want[desk] != nil {
			continue
		}
		raw, err := json.Marshal(custody.Heir{Desk: from, To: to})
		if err != nil {
			return err
		}
		want[key{heirs, string(from)}] = raw
	}
	return nil
}

// nameIn is how a thing is called: a desk and a charge as their post is.
func nameIn(body json.RawMessage, among ...map[key]json.RawMessage) custody.Name {
	var thing struct {
		Name custody.Name `json:"name"`
		Post string       `json:"post"`
		Room string       `json:"room"`
		As   string       `json:"as"`
	}
	_ = json.Unmarshal(body, &thing) // what the database keeps is JSON; a thing that ended has none
	for _, m := range among {
		if post := m[key{"post", thing.Post}]; thing.Name == (custody.Name{}) && thing.Room+thing.As != "" && post != nil {
			return nameIn(post)
		}
	}
	return thing.Name
}

// fields are the keys in which two forms of a thing differ.
func fields(was, is json.RawMessage) (list []Field) {
	var a, b map[string]json.RawMessage
	if json.Unmarshal(was, &a) != nil || json.Unmarshal(is, &b) != nil {
		return nil
	}
	for name := range b {
		if _, ok := a[name]; !ok {
			a[name] = nil
		}
	}
	for name, w := range a {
		if !sameJSON(w, b[name]) {
			list = append(list, Field{name, string(w), string(b[name])})
		}
	}
	slices.SortFunc(list, func(a, b Field) int { return cmp.Compare(a.Name, b.Name) })
	return list
}
