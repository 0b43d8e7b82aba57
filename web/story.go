package web

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"harkara/internal/custody"
	"harkara/internal/label"
)

// story is everything that is known of one file, worded.
type story struct {
	voice
	Row        row
	Digits     string   // on its present cover
	Print      bool     // that is to be printed
	Moved      bool     // in it: printing it again needs a reason
	Old        []string // codes of old covers that are registered
	Department string
	Opened     string
	State      string // one word: held, on the way, closed
	Since      known  // only its time
	SinceAt    string
	Next       string
	Wake       string
	Closed     bool
	Missing    bool
	Class      custody.Class
	Chain      chain
	Legs       []leg
	Entries    []entry
	Asks       []asks // how one may act on it
}

// chain is what the judge says of the file, by its entries and all that is told by them.
type chain struct {
	Judged  bool
	Finding *findingLine // nil: it is whole
	Mute    bool         // only its workflow does not answer
	Count   int
	Head    string // first digits of the last hash
	Href    string
}

// leg is one holder's stretch: what was allowed and what it took.
type leg struct {
	Holder, Officer string
	State           string
	From, Until     string
	Worked, Budget  string
	Over, Running   bool
	Planned, Taken  int // percent of the longest, for its bar
}

// entry is one line of the chain, newest first.
type entry struct {
	Revision    int64
	Kind        string // moved, seen, refused, rung, note: its icon
	At          string
	What, Where string
	Waits       bool // Where says for whom and until when
	Names       []rename
	Told        string
	Station     string
	By          string // who did it
	Who         string // ordered it, in words
	Note        string
	Papers      []string // that it goes by: a letter, an order
	Cover       string   // the code that was read, printed or registered
	Marks       []string
	Recorded    string // when that was clearly later than it happened
}

// rename is a number or a subject that was put right.
type rename struct{ Was, Now string }

// story reads and words a file, for who sees it whole; else custody.ErrNotFound.
func (s *Server) story(ctx context.Context, p speaker, code label.Code) (story, error) {
	file, err := s.file(ctx, p.eyes, code)
	if err != nil {
		return story{}, err
	}
	code = file.File.Code
	past, err := s.past(ctx, code)
	if err != nil {
		return story{}, err
	}
	class := file.File.Class
	if class != custody.Ordinary {
		file.File.Subject = past.name().Subject
	}
	pos := file.Position
	t := story{
		voice: p.voice, Row: p.row(&file, ""), Digits: present(file).Format(), Department: p.department(file.File.Department),
		Opened: p.clock(file.File.Opened), State: p.T("phase." + pos.State()), SinceAt: p.clock(pos.Since),
		Since: known{voice: p.voice, At: pos.Since, Ago: p.ago(pos.Since)}, Wake: p.clock(pos.Wake),
		Closed: pos.Phase == custody.Ended, Missing: pos.Missing,
		Class: class,
		Chain: chain{Judged: s.Judge != nil, Count: len(past.entries), Href: "/api/v1/files/" + string(code) + "/entries"},
	}
	switch found, err := s.judged(ctx, code); {
	case err != nil:
		return story{}, err
	case found != nil:
		line := p.finding(*found)
		t.Chain.Finding, t.Chain.Mute = &line, found.Kind == mute
	}
	if t.Legs, err = s.legs(ctx, p, custody.Legs(past.entries, p.office, p.now)); err != nil {
		return story{}, err
	}
	t.Moved, t.Asks = pos.Moved, p.asks(file)
	for _, code := range file.Codes {
		if code.Kind() == 0 {
			t.Old = append(t.Old, string(code))
		}
	}
	if hash := past.head.Hash; len(hash) > 12 {
		t.Chain.Head = string(hash[:12])
	}
	if !t.Closed && !pos.Waits() { // its deadline says until when
		t.Next = p.next(pos)
	}
	for i, e := range slices.Backward(past.entries) {
		then, err := s.asOf(ctx, p, e.At)
		if err != nil {
			return story{}, err
		}
		line := then.entry(e, past.texts[i])
		if i > 0 && e.Effect() == custody.Renames {
			line.Names = renames(past.called[i-1], past.called[i], class)
		}
		t.Entries = append(t.Entries, line)
	}
	return t, nil
}

// renames says what an amendment changed; never the subject of what is not open to
// everybody.
func renames(was, is custody.Naming, class custody.Class) (list []rename) {
	if was.Number != is.Number {
		list = append(list, rename{was.Number, is.Number})
	}
	if was.Subject != is.Subject && class == custody.Ordinary {
		list = append(list, rename{was.Subject, is.Subject})
	}
	return list
}

// entry words one line of the chain with what was typed for it.
func (p speaker) entry(e custody.Entry, texts custody.Texts) entry {
	line := entry{
		Revision: e.Revision, At: p.clock(e.At), What: p.reason(e.Reason, e.Rung), Kind: kindOf(e),
		Where: p.whereOf(e), Waits: moves(e) && e.Leg.Waits() && !e.Leg.Wait.Laid, By: p.actor(e.By, e.Station), Who: p.ordered(texts[custody.WhoField]), Note: texts[custody.ReasonField], Cover: e.Cover.Format(),
	}
	if e.Reason == custody.Voided { // why it was set aside, not what the command itself said
		line.Who, line.Note = "", texts[custody.VoidReasonField]
	}
	for _, field := range slices.Sorted(maps.Keys(texts)) {
		if said := entryWord(field); p.T(said) != said {
			line.Papers = append(line.Papers, p.T(said, texts[field]))
		}
	}
	if e.Why != "" {
		line.Note = p.why(e.Why)
	}
	if e.Then.Class != nil {
		line.Where = p.T(e.Then.Class.Key())
	}
	if e.Station != "" {
		line.Station = p.station(e.Station)
	}
	var told []string
	for _, person := range e.Told {
		name := p.post(person.Post)
		if person.Officer != "" {
			name += " (" + p.officer(person.Officer) + ")"
		}
		told = append(told, name)
	}
	line.Told = strings.Join(told, p.T("list.and"))
	for _, m := range e.Marks {
		line.Marks = append(line.Marks, p.T("mark."+m))
	}
	if e.Recorded.Sub(e.Happened) > near {
		line.Recorded = p.clock(e.Recorded)
	}
	return line
}

// entryWord is the key of words for what was typed into a field of one kind's.
func entryWord(field custody.Field) string { return "entry.typed_" + string(field) }

// kindOf sorts entries by what a reader looks for.
func kindOf(e custody.Entry) string {
	switch {
	case e.Refused:
		return "refused"
	case e.Reason == custody.RungDue:
		return "rung"
	case moves(e):
		return "moved"
	case e.Seen != "":
		return "seen"
	}
	return "note"
}

// moves reports whether custody passed: a leg began, or one stands again.
func moves(e custody.Entry) bool {
	return e.Begins() || e.Undoes != "" && e.Leg != nil
}

func (p speaker) whereOf(e custody.Entry) string {
	switch {
	case moves(e) && e.Leg.Wait.Laid: // what it came to says it all
		return ""
	case moves(e) && e.Leg.Waits():
		return p.phrase(e.Leg.Wait.Phrase())
	case moves(e) && e.Leg.To != nil:
		return p.T("entry.from_to", p.room(e.Leg.Place.Room), p.desk(e.Leg.To.Desk))
	case moves(e) && e.Leg.Runner != "":
		return p.officer(e.Leg.Runner)
	case moves(e) && e.Leg.Place.Desk != "":
		return p.T("entry.at", p.desk(e.Leg.Place.Desk), p.room(e.Leg.Place.Room))
	case e.Seen != "":
		return p.room(e.Seen)
	case e.Effect() == custody.SetsNext && e.Then.Path != nil:
		return p.desk(e.Then.Path.Next.Desk)
	}
	return ""
}

// legs words the stretches of a file's life, each by the names of when it began; bars are
// in proportion to the longest.
func (s *Server) legs(ctx context.Context, p speaker, spans []custody.Span) ([]leg, error) {
	longest := custody.Seconds(1)
	for _, span := range spans {
		longest = max(longest, span.Worked)
		if !span.Waits() {
			longest = max(longest, span.Budget-span.Consumed)
		}
	}
	var out []leg
	for _, span := range spans {
		then, err := s.asOf(ctx, p, span.Since)
		if err != nil {
			return nil, err
		}
		out = append(out, then.leg(span, longest))
	}
	return out, nil
}

func (p speaker) leg(s custody.Span, longest custody.Seconds) leg {
	l := leg{
		Holder: p.desk(s.Place.Desk), Officer: p.officer(s.Place.Officer), State: p.T("phase." + string(s.Phase)),
		From: p.clock(s.Since), Until: p.clock(s.End), Running: s.End.IsZero(),
		Worked: p.span(s.Worked.Duration()), Taken: int(100 * s.Worked / longest),
	}
	if s.Phase == custody.Transit && s.To != nil {
		l.State = p.T("leg.to", p.desk(s.To.Desk))
	}
	if s.Waits() {
		l.State = p.phrase(s.Wait.Phrase())
	}
	if s.Runner != "" {
		l.Holder, l.Officer = p.officer(s.Runner), ""
	}
	if s.Wait.Charged {
		l.Holder, l.Officer = p.hold(s.Wait.For), l.Holder
	}
	if allowed := s.Budget - s.Consumed; s.Budget > 0 && !s.Waits() {
		l.Budget, l.Planned, l.Over = p.span(allowed.Duration()), int(100*allowed/longest), s.Worked > allowed
	}
	return l
}

// group is the desks of one department, for a form.
type group struct {
	Name  string
	Desks []choice
}

func (p speaker) groups() []group {
	at := map[custody.DepartmentID]int{}
	out := make([]group, len(p.office.Departments))
	for i, d := range p.office.Departments {
		out[i].Name, at[d.ID] = p.named(d.Name), i
	}
	for _, d := range p.office.Desks {
		room, _ := p.office.RoomByID(d.Room)
		if i, ok := at[room.Department]; ok {
			out[i].Desks = append(out[i].Desks, choice{ID: string(d.ID), Name: fmt.Sprintf("%s – %s", p.post(d.Post), p.named(room.Name))})
		}
	}
	return slices.DeleteFunc(out, func(g group) bool { return len(g.Desks) == 0 })
}
