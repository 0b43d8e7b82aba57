package activities

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"go.temporal.io/sdk/temporal"

	"harkara/internal/custody"
	"harkara/internal/label"
)

var now = time.Date(2025, 6, 2, 9, 0, 0, 0, time.UTC)

// world is an office with one vacant post, and a ledger that answers as told.
type world struct {
	undecided int
	err       error
	asked     []time.Time
	told      []string
}

func (w *world) Office(_ context.Context, at time.Time) (*custody.Office, error) {
	w.asked = append(w.asked, at)
	o := &custody.Office{
		Posts:    []custody.Post{{ID: "ds", Superior: "sec"}, {ID: "sec"}, {ID: "so", Superior: "ds"}},
		Officers: []custody.Officer{{ID: "gul", Post: "so"}, {ID: "noor", Post: "sec"}},
	}
	o.Sort()
	return o, w.err
}

func (w *world) Undecided(context.Context, label.Code) (int, error) { return w.undecided, w.err }
func (w *world) Record(context.Context, custody.Outcome) error      { return w.err }
func (w *world) Deliver(_ context.Context, n custody.Notice) error {
	w.told = append(w.told, n.Key)
	return w.err
}

func (w *world) activities() *Activities {
	return &Activities{w, w, w, func() time.Time { return now }}
}

func TestResolve(t *testing.T) {
	holder, above := custody.Receiver{}, custody.Receiver{Superior: 1}
	for _, tt := range []struct {
		name string
		q    custody.Question
		want []custody.Person
	}{
		{"the holder", custody.Question{Post: "so", To: []custody.Receiver{holder}}, []custody.Person{{Post: "so", Officer: "gul"}}},
		{"a vacant superior", custody.Question{Post: "so", To: []custody.Receiver{above}}, []custody.Person{{Post: "sec", Officer: "noor"}}},
		{"a runner is told first", custody.Question{Post: "so", Runner: "jan", To: []custody.Receiver{holder}}, []custody.Person{{Officer: "jan"}, {Post: "so", Officer: "gul"}}},
	} {
		w := &world{undecided: 3}
		got, err := w.activities().Resolve(t.Context(), tt.q)
		if err != nil || got.Undecided != 3 || !slices.Equal(got.People, tt.want) {
			t.Errorf("%s: %+v, %v", tt.name, got, err)
		}
		if !slices.Equal(w.asked, []time.Time{now}) {
			t.Errorf("%s: office as of %v", tt.name, w.asked)
		}
	}
	w := &world{err: errors.New("away")}
	if _, err := w.activities().Resolve(t.Context(), custody.Question{File: "f"}); !errors.Is(err, w.err) {
		t.Errorf("%v", err)
	}
}

// past is an office that has abolished what it had before now.
type past struct{ *world }

func (p past) Office(ctx context.Context, at time.Time) (*custody.Office, error) {
	o, err := p.world.Office(ctx, at)
	if at.Before(now) {
		o.Posts = append(o.Posts, custody.Post{ID: "old-ds", Superior: "sec"}, custody.Post{ID: "old-so", Superior: "old-ds"})
		o.Sort()
	}
	return o, err
}

// A rung of a file at a post that is no more reaches whoever is above it, and in
// the end a top of the office.
func TestResolveOfAnAbolishedPost(t *testing.T) {
	for _, to := range [][]custody.Receiver{{{}}, {{Superior: 1}}, {{Superior: 2}}, {{Post: "old-so"}}, {{Post: "never"}}} {
		for _, post := range []custody.PostID{"old-so", "never"} {
			a := (&world{}).activities()
			a.Office = past{&world{}}
			got, err := a.Resolve(t.Context(), custody.Question{Post: post, To: to, Since: now.Add(-time.Hour)})
			if want := []custody.Person{{Post: "sec", Officer: "noor"}}; err != nil || !slices.Equal(got.People, want) {
				t.Errorf("%s, %v: %v, %v", post, to, got.People, err)
			}
		}
	}
}

// What no retry mends ends the attempts; everything else passes.
func TestRecordTellsWhatNoRetryMends(t *testing.T) {
	for _, tt := range []struct {
		name string
		err  error
		ends bool
	}{
		{"kept", nil, false},
		{"away", errors.New("connection refused"), false},
		{"another past", fmt.Errorf("file f revision 3: %w", custody.ErrDiverged), true},
		{"entries before it are gone", fmt.Errorf("file f revision 3: %w", custody.ErrGap), true},
		{"no such file", fmt.Errorf("file f: %w", custody.ErrNotFound), true},
		{"what no database takes", fmt.Errorf("%w: \\u0000 cannot be converted to text", custody.ErrUnfit), true},
	} {
		err := (&world{err: tt.err}).activities().Record(t.Context(), custody.Outcome{})
		var app *temporal.ApplicationError
		ends := errors.As(err, &app) && app.NonRetryable() && app.Type() == Hopeless
		if ends != tt.ends || !errors.Is(err, tt.err) {
			t.Errorf("%s: %v", tt.name, err)
		}
	}
}

func TestDeliver(t *testing.T) {
	w := &world{}
	if err := w.activities().Deliver(t.Context(), custody.Notice{Key: "k"}); err != nil || !slices.Equal(w.told, []string{"k"}) {
		t.Errorf("%v, %v", w.told, err)
	}
}
