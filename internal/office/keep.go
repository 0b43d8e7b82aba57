package office

import (
	"context"
	"strings"
	"time"

	"harkara/internal/custody"
	"harkara/internal/intake"
	"harkara/internal/ledger"
	"harkara/web"
	"harkara/web/board"
)

// keeper gives pages what the ledger keeps for an administrator.
type keeper struct{ *ledger.Store }

// causes of a quarantine that pages have words for, by what is noted of each. First
// match wins.
var causes = []struct {
	err   error
	cause string
}{
	{custody.ErrDiverged, "diverged"},
	{custody.ErrGap, "gap"},
	{custody.ErrContents, "contents"},
	{intake.ErrSequence, "sequence"},
	{intake.ErrGone, "gone"},
	{intake.ErrNotReady, "not_ready"},
	{intake.ErrSilent, "silent"},
}

func causeOf(noted string) string {
	for _, c := range causes {
		if strings.Contains(noted, c.err.Error()) {
			return c.cause
		}
	}
	return "failed"
}

// each turns rows of the ledger into those of a page.
func each[A, B any](list []A, err error, to func(A) B) ([]B, error) {
	out := make([]B, len(list))
	for i, a := range list {
		out[i] = to(a)
	}
	return out, err
}

func (k keeper) Quarantined(ctx context.Context) ([]web.Stuck, error) {
	list, err := k.Store.Quarantined(ctx)
	return each(list, err, func(s ledger.Stuck) web.Stuck {
		return web.Stuck{
			Command: s.Command, Who: s.Who, File: s.File, Number: s.Number, Received: s.Received, Attempts: s.Attempts,
			Cause: causeOf(s.Error), Error: s.Error, Behind: s.Behind,
		}
	})
}

func (k keeper) Audit(ctx context.Context, limit int) ([]web.Audited, error) {
	list, err := k.Store.Audit(ctx, limit)
	return each(list, err, func(a ledger.Audited) web.Audited { return web.Audited(a) })
}

func (k keeper) Drawer(ctx context.Context, limit int) ([]web.Drawn, error) {
	list, err := k.Store.Drawer(ctx, limit)
	return each(list, err, func(d ledger.Drawn) web.Drawn { return web.Drawn(d) })
}

func (k keeper) Overdrawn(ctx context.Context, station custody.StationID, limit int) ([]web.Overdrawn, error) {
	list, err := k.Store.Overdrawn(ctx, station, limit)
	return each(list, err, func(o ledger.Overdrawn) web.Overdrawn { return web.Overdrawn(o) })
}

func (k keeper) RefusedAt(ctx context.Context, station custody.StationID, past time.Duration, limit int) ([]web.Refused, error) {
	list, err := k.Store.RefusedAt(ctx, station, past, limit)
	return each(list, err, func(r ledger.Refused) web.Refused { return web.Refused(r) })
}

func (k keeper) Refusals(ctx context.Context, limit int) ([]web.Refusal, error) {
	list, err := k.Store.Refusals(ctx, limit)
	return each(list, err, func(r ledger.Refusal) web.Refusal { return web.Refusal(r) })
}

func (k keeper) Changes(ctx context.Context, limit int) ([]web.Change, error) {
	list, err := k.Store.Changes(ctx, limit)
	return each(list, err, func(c ledger.Change) web.Change {
		page := web.Change{At: c.At, Who: c.Who, Reason: c.Reason, By: c.By}
		for _, t := range c.Things {
			a := web.Alteration{Kind: t.Kind, ID: t.ID, Name: t.Name, How: string(t.How)}
			for _, f := range t.Fields {
				a.Fields = append(a.Fields, f.Name)
			}
			page.Things = append(page.Things, a)
		}
		return page
	})
}

// Newest is the newest backup.
func (k keeper) Newest(ctx context.Context) (board.Backup, error) {
	b, err := k.Store.Backup(ctx)
	return board.Backup{Kept: true, Taken: b.Taken, Place: b.Place, Bytes: b.Bytes}, err
}

func (k keeper) Told(ctx context.Context, posts []custody.PostID, limit int) ([]web.Told, error) {
	list, err := k.Store.Told(ctx, posts, limit)
	return each(list, err, told)
}

func (k keeper) ToldTo(ctx context.Context, officers []custody.OfficerID, limit int) ([]web.Told, error) {
	list, err := k.Store.ToldTo(ctx, officers, limit)
	return each(list, err, told)
}

func (k keeper) Untold(ctx context.Context, limit int) ([]web.Told, error) {
	list, err := k.Store.Untold(ctx, limit)
	return each(list, err, told)
}

func told(t ledger.Told) web.Told {
	return web.Told{Notice: t.Notice, State: string(t.State), Detail: t.Detail, Changed: t.Changed, Number: t.Number, Class: t.Class}
}
