package custody

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"harkara/internal/label"
)

// columns of the table of rights; the last is who takes it back.
var columns = []Giver{StationHere, StationElsewhere, Holder, Superior, Manager, Auditor, Administrator, TheOffice}

// rights is who may give which kind of command, as he stands to its file, and how it is
// taken back: at the station that did it, by an order, or not at all, since it moves
// nothing. A kind that is new adds its row in its own test; a change of any right is a
// change here.
var rights = func() map[string][]string {
	rows := map[string][]string{}
	for _, line := range strings.Split(strings.TrimSpace(`
		alias     -    -         may    may      -       -       may           -      | -
		amend     -    -         may    may      -       -       may           -      | -
		back      may  may       may    may      -       -       may           -      | station
		back_here may  may       -      -        -       -       -             -      | station
		classify  -    -         -      may      -       -       may           -      | -
		close     -    -         may    may      -       -       may           -      | order
		contest   -    -         -      -        -       -       may           -      | order
		correct   -    -         -      -        -       -       may           -      | order
		found     may  -         may    may      may     -       may           -      | station
		hold      may  -         may    may      -       -       may           -      | station
		lay_by    may  may       may    may      -       -       may           -      | station
		mark      -    -         may    may      -       -       may           -      | order
		missing   may  -         may    may      may     -       may           -      | station
		open      may  -         may    may      -       -       may           -      | order
		reopen    may  may       may    may      -       -       may           -      | order
		reprint   -    -         may    may      -       -       may           -      | -
		resume    may  -         may    may      -       -       may           -      | station
		scan      may  may       -      -        -       -       -             -      | station
		shown     may  may       -      -        -       -       -             -      | station
		unalias   -    -         may    may      -       -       may           -      | -
		undo      may  may       -      -        -       -       -             -      | -
		wake      -    -         -      -        -       -       -             may    | -`), "\n") {
		//        here elsewhere holder superior manager auditor administrator office | undone
		row := strings.Fields(line)
		rows[row[0]] = row[1:]
	}
	return rows
}()

func TestRights(t *testing.T) {
	if len(columns) != int(givers) {
		t.Fatalf("%d givers, %d columns", givers, len(columns))
	}
	for _, k := range Kinds() {
		var got []string
		for _, g := range columns {
			got = append(got, map[bool]string{true: "may", false: "-"}[k.By.Has(g)])
		}
		got = append(got, "|", map[Takeback]string{AtStation: "station", OrderOnly: "order", Beside: "-"}[k.Undo])
		if want := rights[string(k.Name)]; !slices.Equal(got, want) {
			t.Errorf("%s\n%v\nwant\n%v", k.Name, got, want)
		}
	}
	if len(Kinds()) != len(rights) {
		t.Errorf("%d kinds, %d rows", len(Kinds()), len(rights))
	}
}

// What a station may do with a file that another room has it is refused when its turn
// comes, and moves nothing: every kind, at the room that has the file and at another.
func TestStationsRights(t *testing.T) {
	const next = label.Code("FIN-2019/9")
	for _, life := range []struct {
		name string
		live func(*clerk)
	}{
		{"held in a", func(k *clerk) { k.open() }},
		{"sent from a to c", func(k *clerk) { k.open(); k.send("a", "c") }},
		{"missing in a", func(k *clerk) { k.open(); k.plain(Missing, nil) }},
		{"closed in a, seen in c", func(k *clerk) { k.open(); k.plain(Close, nil); k.wait(time.Hour).scan("c") }},
	} {
		for _, kind := range Kinds() {
			for room, giver := range map[string]Giver{"a": StationHere, "c": StationElsewhere} {
				t.Run(fmt.Sprintf("%s: %s at %s", life.name, kind.Name, room), func(t *testing.T) {
					k := newClerk()
					life.live(k)
					before := k.state
					r := k.wait(time.Hour).resolve(Command{Kind: kind.Name, With: example(kind)}, place(room), nil)
					if r.Command.local() {
						r.To = place(room)
					}
					r.Stray = r.Command.Reads() == next
					out := k.do(r)
					if refused := out.Reason == NotHere; refused == kind.By.Has(giver) {
						t.Errorf("%s %s", out.Verdict, out.Reason)
					}
					if out.Reason == NotHere && (out.Verdict != Refused || !k.state.Leg.Same(before.Leg) || k.state.Missing != before.Missing || k.state.Paper != before.Paper) {
						t.Errorf("it was refused, and %+v became %+v", before, k.state)
					}
				})
			}
		}
	}
}

// example is what a command of a kind says beside, where it must say something.
func example(k Kind) Payload {
	if k.Example == nil {
		return k.nothing
	}
	return k.Example(furnished())
}

// furnished is an office that has some of everything.
func furnished() *Office {
	o := chamber()
	o.Departments = []Department{{ID: "fin"}}
	o.Holds = []HoldCard{{ID: "fin", Code: label.New(label.Hold, 1), Days: 5}}
	return o
}

// What stands beside a kind as its example passes the door, and is decided in every part of
// a file's life, at a station or on a page, whoever may give it.
func TestExamples(t *testing.T) {
	lives := map[string]func(*clerk){
		"of a code that has no file": func(*clerk) {},
		"held":                       func(k *clerk) { k.open() },
		"missing on its way":         func(k *clerk) { k.open(); k.send("a", "c"); k.plain(Missing, nil) },
		"closed":                     func(k *clerk) { k.open(); k.plain(Close, nil) },
	}
	for _, kind := range Kinds() {
		if kind.By.Has(TheOffice) {
			continue
		}
		for name, live := range lives {
			for _, room := range []string{"", "a"} {
				if room == "" && kind.By.atStations() {
					continue
				}
				k := newClerk()
				live(k)
				c := Command{Kind: kind.Name, Method: ByQR, With: example(kind), Reason: "because", Who: "gul"}
				r := k.wait(time.Hour).resolve(c, k.station(room), nil)
				if err := r.Command.Validate(); err != nil {
					t.Fatalf("%s: %v", kind.Name, err)
				}
				pos := k.state.Position()
				r = furnished().Resolve(r, &pos, relied, furnished())
				if r.Unknown != "" {
					t.Errorf("%s names what is not there: %s", kind.Name, r.Unknown)
				}
				if out := k.do(r); out.Verdict == "" || out.Reason == "" {
					t.Errorf("%s of a file that is %s, at %q: %+v", kind.Name, name, room, out)
				}
			}
		}
	}
}

// A station opens, and reopens, what lies before it: at a desk of its own room.
func TestStationsOpenAtTheirOwnDesks(t *testing.T) {
	open := func(k *clerk, room, desk string) Outcome {
		return k.do(k.resolve(Command{Kind: Open, With: Opening{Number: "1", Department: "fin", Desk: DeskID(desk)}}, place(room), place(desk)))
	}
	reopen := func(k *clerk, room, desk string) Outcome {
		return k.do(k.resolve(Command{Kind: Reopen, With: Reopening{DeskID(desk)}}, place(room), place(desk)))
	}
	for _, tt := range []struct {
		desk string
		want Reason
	}{{"a", Opened}, {"a2", Opened}, {"b", NotHere}} {
		k := newClerk()
		out := open(k, "a", tt.desk)
		if out.Reason != tt.want || (tt.want == NotHere) != (len(out.Entries) == 0) {
			t.Errorf("opened at %s: %s", tt.desk, out.Reason)
		}
		if tt.want == NotHere {
			if out := open(k, "b", "b"); out.Reason != Opened { // its label is free for the room that has it
				t.Errorf("opened at its own desk then: %s", out.Reason)
			}
			continue
		}
		k.wait(time.Hour).plain(Close, nil)
		if out := reopen(k, "a", "b"); out.Reason != NotHere {
			t.Errorf("reopened at b: %s", out.Reason)
		}
		if out := reopen(k, "a", "a2"); out.Reason != Reopened {
			t.Errorf("reopened at a2: %s", out.Reason)
		}
	}
}

// does is what entries do to what the file is called, to its covers and to its next stop:
// the registry of files goes by it. A kind that is new adds what its entries do in its own
// test.
var does = map[Reason]Effect{
	Opened: Renames, Imported: Renames, Amended: Renames, Relabelled: GivesCover, Aliased: GivesCover, Unaliased: FreesCover, Marked: SetsNext,
}

func TestEffects(t *testing.T) {
	for _, reason := range Reasons() {
		if got := (Entry{Reason: reason}).Effect(); got != does[reason] {
			t.Errorf("%s does %d, want %d", reason, got, does[reason])
		}
		if got := (Entry{Reason: reason, Refused: true}).Effect(); got != 0 {
			t.Errorf("a refusal, %s, does %d", reason, got)
		}
	}
}

// Every entry's reason is one that its command's kind may come to.
func TestKindsSayWhatTheyComeTo(t *testing.T) {
	k, commands, _ := everything()
	kinds := map[CommandID]Kind{}
	for _, c := range commands {
		kinds[c.Command.ID] = registry[c.Command.Kind]
	}
	for _, e := range k.entries {
		kind, of := kinds[e.Command], []Reason{Voided, NoSuchPlace, NotHere}
		if !slices.Contains(append(of, kind.Comes...), e.Reason) {
			t.Errorf("%s comes to %s", kind.Name, e.Reason)
		}
	}
	for _, kind := range Kinds() {
		for reason := range kind.Does {
			if !slices.Contains(kind.Comes, reason) {
				t.Errorf("%s does something by %s, and never comes to that", kind.Name, reason)
			}
		}
		if kind.Asks != nil && !kind.By.Has(Holder, Superior, Manager, Administrator) {
			t.Errorf("%s is asked for on pages, and nobody there may give it", kind.Name)
		}
	}
}

// What a kind does not know is refused at the door, and carried by who reads what is
// stored.
func TestDoor(t *testing.T) {
	const id, at = `"id":"00000000-0000-4000-8000-000000000009"`, `"at":{"wall":"2025-06-02T05:00:00Z"}`
	for _, tt := range []struct {
		name, body string
		ok         bool
	}{
		{"with what it says", `{` + id + `,"kind":"mark","code":"` + string(file) + `","with":{"desk":"d"},` + at + `}`, true},
		{"with nothing", `{` + id + `,"kind":"close","code":"` + string(file) + `","with":{},` + at + `}`, true},
		{"with no object", `{` + id + `,"kind":"close","code":"` + string(file) + `","with":null,` + at + `}`, true},
		{"with what another says", `{` + id + `,"kind":"mark","code":"` + string(file) + `","with":{"desk":"d","onward":true},` + at + `}`, false},
		{"where it says nothing", `{` + id + `,"kind":"close","code":"` + string(file) + `","with":{"desk":"d"},` + at + `}`, false},
		{"beside it", `{` + id + `,"kind":"mark","code":"` + string(file) + `","desk":"d",` + at + `}`, false},
		{"a list", `{` + id + `,"kind":"mark","code":"` + string(file) + `","with":["d"],` + at + `}`, false},
		{"a version", `{"v":1,` + id + `,"kind":"close","code":"` + string(file) + `",` + at + `}`, false},
		{"a kind that is none", `{` + id + `,"kind":"levitate","code":"` + string(file) + `",` + at + `}`, false},
	} {
		c, err := ParseCommand([]byte(tt.body))
		if (err == nil) != tt.ok {
			t.Errorf("%s: %v", tt.name, err)
		}
		if read, err := ReadCommand(c.Bytes()); tt.ok && (err != nil || !slices.Equal(read.Bytes(), c.Bytes())) {
			t.Errorf("%s: read as %s, %v", tt.name, read.Bytes(), err)
		}
	}
	var unheard Resolved
	stored := `{"v":1,"command":{` + id + `,"kind":"levitate","code":"1","at":{"wall":"2025-06-02T05:00:00Z"},"with":{"height":3}},"seq":1,"received":"2025-06-02T05:00:00Z","void":true}`
	unheard, err := ReadResolved([]byte(stored))
	if err != nil || string(unheard.Bytes()) != stored {
		t.Errorf("%v\n%s\n%s", err, unheard.Bytes(), stored)
	}
}
