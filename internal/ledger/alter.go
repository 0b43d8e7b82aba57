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

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"harkara/internal/custody"
	"harkara/internal/label"
)

// Alteration is what a change did to one thing of the office.
type Alteration struct {
	Kind, ID string
	Name     custody.Name // as it is called then; a desk as its post; of a ladder or calendar none
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
	Moves       map[custody.DeskID]custody.DeskID // each file at one, or on its way to it, is corrected to the other
	Dry         bool                              // nothing is changed: only what would come of it is told
}

// Altered is what came of a change.
type Altered struct {
	Things []Alteration
	Files  []Touched // open ones whose desk, room or post is altered
	Clocks Clocks    // that run on calendars that are altered
}

// Touched is an open file at a desk that a change alters, or on its way to it.
type Touched struct {
	File   label.Code
	Number string
	Desk   custody.DeskID
	Coming bool

	room custody.RoomID
	post custody.PostID
}

// ErrHolds marks a change that would leave open files without a place.
var ErrHolds = errors.New("files would be nowhere")

var errDry = errors.New("only looked at")

const selectTouched = `
SELECT code, number, COALESCE(position->>'desk', ''), COALESCE(position->>'room', ''), COALESCE(position->>'post', ''), false
FROM files WHERE revision > 0 AND final IS NULL AND position->>'phase' <> 'transit'
    AND (position->>'desk' = ANY ($1) OR position->>'room' = ANY ($2) OR position->>'post' = ANY ($3))
UNION ALL
SELECT code, number, COALESCE(position->>'to', ''), COALESCE(position->>'to_room', ''), '', true
FROM files WHERE revision > 0 AND final IS NULL AND position->>'phase' = 'transit'
    AND (position->>'to' = ANY ($1) OR position->>'to_room' = ANY ($2))
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
		return t, r.Scan(&t.File, &t.Number, &t.Desk, &t.room, &t.post, &t.Coming)
	})
}

// rehouse has files go where an order says whose desk, room or post ends. ErrHolds, with
// their number, where it does not say.
func rehouse(ctx context.Context, tx pgx.Tx, files []Touched, ended []key, o *custody.Office, order Order, at time.Time) error {
	gone := func(kind, id string) bool { return slices.Contains(ended, key{kind, id}) }
	var moves []putting
	type left struct{ here, coming int }
	lost := map[custody.DeskID]left{}
	for _, f := range files {
		if !gone("desk", string(f.Desk)) && !gone("room", string(f.room)) && !gone("post", string(f.post)) {
			continue
		}
		to, ok := order.Moves[f.Desk]
		n := lost[f.Desk]
		switch {
		case ok:
			moves = append(moves, putting{custody.Command{
				ID: custody.CommandID(uuid.NewString()), Kind: custody.Correct, Code: f.File, With: custody.Correction{Desk: to},
				By: order.By, Who: order.Who, Reason: order.Reason, At: custody.Stamp{Wall: at.UTC()},
			}, custody.Later}) // hundreds, beside the scans of a morning
		case f.Coming:
			n.coming++
			lost[f.Desk] = n
		default:
			n.here++
			lost[f.Desk] = n
		}
	}
	var problems []error
	for _, desk := range slices.Sorted(maps.Keys(lost)) {
		problems = append(problems, fmt.Errorf("%w: desk %s or its room or post is taken out, where %d open files are and %d are on their way: order where they go, as in --move %s=DESK", ErrHolds, desk, lost[desk].here, lost[desk].coming, desk))
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
		a := Alteration{Kind: k.kind, ID: k.id, How: Changed}
		switch {
		case was[k] == nil:
			a.How = Began
		case is[k] == nil:
			a.How = Ended
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

// nameIn is how a thing is called: a desk as its post is.
func nameIn(body json.RawMessage, among ...map[key]json.RawMessage) custody.Name {
	var thing struct {
		Name custody.Name `json:"name"`
		Post string       `json:"post"`
		Room string       `json:"room"`
	}
	_ = json.Unmarshal(body, &thing) // what the database keeps is JSON; a thing that ended has none
	for _, m := range among {
		if post := m[key{"post", thing.Post}]; thing.Name == (custody.Name{}) && thing.Room != "" && post != nil {
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
