package audit

import (
	"context"

	"harkara/internal/custody"
	"harkara/internal/ledger"
)

const (
	revisionsOf = 100
	numbersOf   = 50_000 // of the feed, in one look
)

// house judges what is of no file: the history of the reference data, the feed's numbers,
// and the sums.
func (a *Auditor) house(ctx context.Context) (tally ledger.Tally, found []Finding, err error) {
	for _, look := range []func(context.Context) (*Finding, error){a.reference, a.gaps, func(ctx context.Context) (f *Finding, err error) {
		tally, f, err = a.sums(ctx)
		return f, err
	}} {
		f, err := look(ctx)
		if err != nil {
			return tally, found, err
		}
		if f != nil {
			found = append(found, *f)
		}
	}
	nowhere, err := a.nowhere(ctx)
	return tally, append(found, nowhere...), err
}

// reference asks whether the history of the office is what was recorded: each change
// sealed behind the one before, none recorded before that, and what one says true from one
// instant on.
func (a *Auditor) reference(ctx context.Context) (*Finding, error) {
	var before ledger.Revision
	var seal custody.Hash
	for {
		list, err := a.Ledger.Revisions(ctx, before.ID, revisionsOf)
		if err != nil || len(list) == 0 {
			return nil, err
		}
		for _, r := range list {
			place := "change " + show(r.ID)
			if f := consistent(place, before, r); f != nil {
				return f, nil
			}
			if seal = r.Hash(seal); r.Stored != seal {
				return unlike(Reference, place, r.Stored, seal), nil
			}
			before = r
		}
	}
}

// consistent asks what can be asked of a change without its seal.
func consistent(place string, before, r ledger.Revision) *Finding {
	if r.At.Before(before.At) {
		return unlikeTimes(Reference, place+".at", r.At, before.At)
	}
	for _, t := range r.Things {
		of := place + "." + t.Kind
		if t.ID != "" {
			of += "." + t.ID
		}
		if f := first(
			unlikeTimes(Reference, of+".recorded", t.Recorded, r.At),
			unlikeTimes(Reference, of+".from", t.From, r.Things[0].From),
		); f != nil {
			return f
		}
	}
	return nil
}

// gaps asks whether the feed has every number that it gave.
func (a *Auditor) gaps(ctx context.Context) (*Finding, error) {
	given, has, err := a.Ledger.FeedEnds(ctx)
	if err != nil {
		return nil, err
	}
	for after := int64(0); after < given; after += numbersOf {
		n, err := a.Ledger.FeedGap(ctx, after, min(after+numbersOf, given))
		if err != nil {
			return nil, err
		}
		if n > 0 {
			return &Finding{Kind: Gap, Place: "feed " + show(n)}, nil
		}
	}
	return unlike(Gap, "feed", max(has, given), given), nil
}

// nowhereOf is how many files in no place are named.
const nowhereOf = 100

// nowhere asks whether each open file is at a desk, in a room and with a post of the office,
// or on its way from one to another: no list shows it else, or nobody has it.
func (a *Auditor) nowhere(ctx context.Context) (found []Finding, err error) {
	files, office, err := a.Ledger.Nowhere(ctx, nowhereOf)
	for _, f := range files {
		kind, id := f.Missing(office)
		place := "position." + kind
		if f.Way == ledger.Coming {
			place = "position.to." + kind
		}
		found = append(found, Finding{File: f.File, Kind: Nowhere, Place: place, Stored: id, Computed: "a " + kind + " of the office"})
	}
	return found, err
}

// sums asks whether every open file is somewhere.
func (a *Auditor) sums(ctx context.Context) (ledger.Tally, *Finding, error) {
	t, err := a.Ledger.Tally(ctx)
	if err != nil {
		return t, nil, err
	}
	return t, unlike(Sum, "files", t.InRooms+t.OnTheWay+t.Unknown, t.Open), nil
}
