package custody

import (
	"bytes"
	"encoding/json"
	"testing"
	"time"

	"harkara/internal/label"
)

// Any command that parses is decided: as the first of its code, and in the middle of
// a file's life. What comes of it can be stored, by PostgreSQL too.
func FuzzDecide(f *testing.F) {
	const id = `"id":"00000000-0000-0000-0000-000000000009"`
	at := `"code":"` + string(file) + `","at":{"wall":"2025-06-02T05:00:00Z"}`
	for _, seed := range []string{
		`{` + id + `,"kind":"scan","station":"s","method":"qr",` + at + `}`,
		`{` + id + `,"kind":"scan","station":"s","method":"\u0000",` + at + `}`,
		`{` + id + `,"kind":"scan","station":"s","with":{"onward":true},` + at + `}`,
		`{` + id + `,"kind":"scan","station":"s","with":{"runner":"` + string(label.New(label.Badge, 1)) + `"},` + at + `}`,
		`{` + id + `,"kind":"scan","station":"s","at":{"wall":"9999-12-31T23:59:59-12:00"},"code":"` + string(file) + `"}`,
		`{` + id + `,"kind":"scan","station":"s","at":{"wall":"0000-01-01T00:00:00+14:00"},"code":"` + string(file) + `"}`,
		`{` + id + `,"kind":"open","station":"s","with":{"number":"1","subject":"","department":"fin","desk":"d","route":"r"},` + at + `}`,
		`{` + id + `,"kind":"open","with":{"number":"1","subject":"","department":"fin","imported":true},` + at + `}`,
		`{` + id + `,"kind":"open","with":{"number":"1","subject":"","department":"fin","desk":"d"},"with":{"onward":true},` + at + `}`,
		`{` + id + `,"kind":"mark","with":{"desk":"d","route":"r"},` + at + `}`,
		`{` + id + `,"kind":"mark","with":{"route":"r"},` + at + `}`,
		`{` + id + `,"kind":"undo","station":"s","with":{"act":"x"},` + at + `}`,
		`{` + id + `,"kind":"correct","with":{"desk":"d"},"reason":"a\u0000b",` + at + `}`,
		`{` + id + `,"kind":"close","reason":"done","who":"admin",` + at + `}`,
		`{` + id + `,"kind":"reprint","with":{"cover":"` + string(second) + `"},"reason":"torn",` + at + `}`,
		`{` + id + `,"kind":"amend","with":{"number":"2","anyway":true},"reason":"a slip",` + at + `}`,
		`{` + id + `,"kind":"classify","with":{"class":"ordinary"},"who":"gul","reason":"an order",` + at + `}`,
		`{` + id + `,"kind":"reopen","with":{},` + at + `}`,
		`{` + id + `,"kind":"alias","with":{"cover":"` + string(oldCode) + `"},` + at + `}`,
	} {
		f.Add([]byte(seed))
	}
	for _, k := range Kinds() {
		c := Command{ID: "00000000-0000-0000-0000-000000000009", Kind: k.Name, Code: file, With: example(k), Station: "s", Reason: "r", Who: "gul", At: Stamp{Wall: epoch}}
		f.Add(c.Bytes())
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		c, err := ParseCommand(body)
		if err != nil {
			return
		}
		if again, err := ParseCommand(c.Bytes()); err != nil || !bytes.Equal(again.Bytes(), c.Bytes()) {
			t.Fatalf("stored as %s, read as %s, %v", c.Bytes(), again.Bytes(), err)
		}
		bare, texts := c.Split()
		if whole := bare.Join(texts); !bytes.Equal(whole.Bytes(), c.Bytes()) {
			t.Fatalf("taken apart and joined: %s was %s", whole.Bytes(), c.Bytes())
		}
		for _, life := range []func(*clerk){
			func(*clerk) {},
			func(k *clerk) { k.open("a", "b") },
			func(k *clerk) { k.open("a", "b"); k.wait(time.Minute).onward("a") },
			func(k *clerk) { k.open("a", "b"); k.plain(Missing, nil) },
			func(k *clerk) { k.open("a"); k.wait(time.Hour).plain(Close, nil) },
		} {
			k := newClerk()
			life(k)
			r := k.wait(time.Hour).looked(c)
			out := k.do(r)
			if _, _, err := Chain(Head{}, file, k.stored); err != nil {
				t.Fatal(err)
			}
			for _, kept := range []any{out, k.state, r} {
				raw, err := json.Marshal(kept)
				if err != nil {
					t.Fatal(err)
				}
				if _, command := kept.(Resolved); !command && bytes.Contains(raw, []byte(`\u0000`)) {
					t.Fatalf("no jsonb: %s", raw)
				}
			}
		}
	})
}

// looked finds every reference of a command, as the intake does: what a command
// names is there, what it does not name is not.
func (k *clerk) looked(c Command) Resolved {
	var here *Place
	if c.Station != "" {
		here = place("b")
	}
	seq := c
	seq.Code = file
	r := k.resolve(seq, here, nil)
	r.Command.ID = c.ID
	if c.Code != file {
		r.Command.Code, r.File = c.Code, file
	}
	r = having(c).Resolve(r, nil, relied, having(c))
	r.Here, r.Unknown = here, ""
	return r
}

// having is an office in which there is whatever a command names.
func having(c Command) *Office {
	o := chamber()
	for _, ref := range c.refers() {
		code := label.Code(ref.id)
		o.Departments = append(o.Departments, Department{ID: DepartmentID(ref.id)})
		o.Desks = append(o.Desks, Desk{ID: DeskID(ref.id), Code: code, Room: "c", Post: "post-c"})
		o.Officers = append(o.Officers, Officer{ID: runner, Code: code, Role: RoleRunner})
		o.Routes = append(o.Routes, Route{ID: RouteID(ref.id), Stops: []Stop{{Desk: "a"}, {Desk: "d"}}})
		o.Holds = append(o.Holds, HoldCard{ID: HoldCardID(ref.id), Code: code, Days: 5})
		o.Reasons = append(o.Reasons, ReasonCard{ID: "because", Code: code})
	}
	o.Sort()
	return o
}
