package custody

import (
	"slices"
	"testing"
)

func TestWarningsOfAnOffice(t *testing.T) {
	for _, tt := range []struct {
		name  string
		spoil func(*Office)
		want  []string
	}{
		{"each post has its officer", func(*Office) {}, nil},
		{"vacant", func(o *Office) { o.Officers = o.Officers[1:] }, []string{"posts/a: found 0 officers"}},
		{"two in one", func(o *Office) { o.Officers[1].Post = "a" }, []string{`posts/a: found the officers ["x" "y"]`, "posts/b: found 0 officers"}},
		{"who is above is told alone", func(o *Office) { o.Ladders[0].Rungs[0].To = []Receiver{{Superior: 1}} }, []string{"posts/a: found a post that no ladder reaches"}},
		{"one post is told of all", func(o *Office) { o.Ladders[0].Rungs[0].To = []Receiver{{Post: "a"}} }, []string{"posts/b: found a post that no ladder reaches"}},
	} {
		o := Office{
			Posts:    []Post{{ID: "a", Superior: "b", Ladder: "l"}, {ID: "b", Ladder: "l"}},
			Officers: []Officer{{ID: "x", Post: "a"}, {ID: "y", Post: "b"}},
			Ladders:  []Ladder{{ID: "l", Rungs: []Rung{{Percent: 100, To: []Receiver{{}}}}}},
		}
		tt.spoil(&o)
		var got []string
		for _, w := range o.Warnings() {
			got = append(got, w.At+": found "+w.Found)
		}
		if !slices.Equal(got, tt.want) {
			t.Errorf("%s: %q", tt.name, got)
		}
	}
}
