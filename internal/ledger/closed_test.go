package ledger

import (
	"slices"
	"testing"
	"time"

	"harkara/internal/custody"
)

// Closed files are found by number, however it is written, and by subject: the one whose
// number was asked for first; open files and secret subjects are not.
func TestClosedFilesAreFound(t *testing.T) {
	o := open(t)
	d := newDecider()
	for n, f := range []struct {
		number, subject string
		class           custody.Class
		open            bool
	}{
		{"E.O. 9-33/2025", "Leave of a clerk", "", false},
		{"E.O. 9-33", "Water supply", "", false},
		{"SO(B) EO 9 33", "بجٹ", "", false},
		{"ای او ۹", "Water supply of a hospital", "", false},
		{"SO(Conf) 7", "Water supply inquiry", custody.Secret, false},
		{"E.O. 9-33/Open", "Water supply", "", true},
		{"100%", "Percent_", "", false},
	} {
		c := entitled(opening(newCode(t)), f.number, f.subject)
		c.At.Wall = c.At.Wall.Add(time.Duration(n-60) * time.Minute)
		put(t, o.store, c)
		if f.class != "" {
			put(t, o.store, custody.Command{ID: newID(), Kind: custody.Classify, Code: c.Code, With: custody.Classification{Class: f.class.Name()}, Who: "x", Reason: "order", At: c.At})
		}
		if !f.open {
			put(t, o.store, custody.Command{ID: newID(), Kind: custody.Close, Code: c.Code, Who: "x", Reason: "disposed", At: c.At})
		}
	}
	drain(t, o.store, d)
	for _, tt := range []struct {
		words []string
		want  []string
	}{
		{[]string{"eo", "9", "33"}, []string{"E.O. 9-33", "E.O. 9-33/2025", "SO(B) EO 9 33"}},
		{[]string{"supply", "water"}, []string{"ای او ۹", "E.O. 9-33"}},
		{[]string{"بجٹ"}, []string{"SO(B) EO 9 33"}},
		{[]string{"9", "ای"}, []string{"ای او ۹"}},
		{[]string{"inquiry"}, nil},
		{[]string{"100"}, []string{"100%"}},
		{[]string{"nothing"}, nil},
	} {
		rows, err := o.store.Closed(t.Context(), tt.words, "", 0, 10)
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, r := range rows {
			got = append(got, r.File.Number)
		}
		if !slices.Equal(got, tt.want) {
			t.Errorf("%v: %q, want %q", tt.words, got, tt.want)
		}
	}
	for skip := range 3 {
		all, err := o.store.Closed(t.Context(), []string{"33"}, "", 0, 10)
		if err != nil || len(all) != 3 {
			t.Fatalf("%d, %v", len(all), err)
		}
		want := all[skip].File.Number
		if rows, err := o.store.Closed(t.Context(), []string{"33"}, all[skip].File.Department, skip, 1); err != nil || len(rows) != 1 || rows[0].File.Number != want {
			t.Errorf("after %d: %+v, %v", skip, rows, err)
		}
	}
	if rows, err := o.store.Closed(t.Context(), []string{"33"}, "another", 0, 9); err != nil || len(rows) != 0 {
		t.Errorf("of another department: %d, %v", len(rows), err)
	}
}
