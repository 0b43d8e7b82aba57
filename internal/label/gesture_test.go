package label

import "testing"

// No two cards are one, and each either opens something, ends it or is printed ahead.
func TestGestures(t *testing.T) {
	for i, g := range Gestures {
		for _, o := range Gestures[:i] {
			if g.Says == o.Says || g.Code == o.Code && g.Of == o.Of {
				t.Errorf("%+v and %+v", g, o)
			}
		}
		if (g.Of == 0) == (g.Code == "") || g.Kind == "" && g.Key != "" || g.Of != 0 && g.Key == "" || g.Undo && g.Key == "" || (g.Asks == "") != (g.Then == "") || g.Asks != "" && g.Key != "" || g.Idle && g.Kind != "" {
			t.Errorf("%+v", g)
		}
		if code, err := Check(string(g.Code)); g.Code != "" && (err != nil || code.Kind() != Card) {
			t.Errorf("%s is on no card: %v", g.Says, err)
		}
	}
}
