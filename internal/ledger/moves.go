package ledger

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"harkara/internal/calendar"
	"harkara/internal/custody"
	"harkara/internal/label"
)

// Moved is an open file whose clock a change moves.
type Moved struct {
	File   label.Code
	Number string
	Desk   custody.DeskID
	custody.Move
}

// Clocks are the running clocks of an office that a change has to do with.
type Clocks struct {
	Running int     // of files on calendars that change
	Moved   []Moved // in the order of their codes
}

// ErrPast marks a change of what was worked already without an order.
var ErrPast = errors.New("it reaches into the past")

const selectPositions = `SELECT code, number, position FROM files WHERE revision > 0 AND final IS NULL ORDER BY code`

// clocks tells which running clocks move between two offices. They are those of files whose
// holder, or whoever they wait for, is on a calendar that has a new revision.
func clocks(ctx context.Context, tx pgx.Tx, have, want map[key]json.RawMessage, now time.Time) (of Clocks, err error) {
	was, err := assemble(have)
	is, errIs := assemble(want)
	if err := errors.Join(err, errIs); err != nil {
		return of, err
	}
	revised := map[string]bool{}
	for _, c := range is.Calendars {
		old, there := was.CalendarByID(c.ID)
		revised[c.ID] = there && old.Revision != c.Revision
	}
	if !slices.ContainsFunc(is.Calendars, func(c calendar.Calendar) bool { return revised[c.ID] }) {
		return of, nil
	}
	rows, err := tx.Query(ctx, selectPositions)
	if err != nil {
		return of, err
	}
	before, after := custody.NewClocks(was), custody.NewClocks(is)
	var f Moved
	var p custody.Position
	_, err = pgx.ForEachRow(rows, []any{&f.File, &f.Number, &p}, func() error {
		post, _ := was.PostByID(p.Post)
		on := post.Calendar
		if p.Wait.Count.Days > 0 {
			on = p.Wait.Count.Calendar
		}
		if revised[on] && !before.Due(p).IsZero() {
			of.Running++
			var moves bool
			if f.Move, moves = custody.Moves(before, after, p, now); moves {
				f.Desk = p.Desk
				of.Moved = append(of.Moved, f)
			}
		}
		p = custody.Position{}
		return nil
	})
	return of, err
}

// ordered sees that what was worked already is changed by an order alone.
func (c Clocks) ordered(by Order) error {
	past := slices.DeleteFunc(slices.Clone(c.Moved), func(m Moved) bool { return !m.Past })
	if len(past) == 0 || by.Dry || strings.TrimSpace(by.Reason) != "" {
		return nil
	}
	return fmt.Errorf("%w: of %d running clocks, such as that of file %s, it changes what was worked already: give the number of the order as the reason", ErrPast, len(past), past[0].Number)
}
