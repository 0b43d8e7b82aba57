package board

import (
	"cmp"
	"slices"
	"strings"
	"time"
	"unicode"

	"harkara/internal/custody"
	"harkara/internal/label"
	"harkara/internal/people"
)

// standing is an open file as a board sees it at one moment. It is replaced, never
// changed.
type standing struct {
	*custody.Row
	late   bool // overdue, by the clock of positions
	text   searched
	facets people.Facets
}

// searched is what of a file is compared with a search.
type searched struct{ words, joined, number string }

// searchable prepares a file for searches. Case and punctuation do not count, so that
// any fragment of a number is found however it is written.
func searchable(r *custody.Row) searched {
	words := plain(r.File.Number + " " + r.File.Subject)
	joined := strings.ReplaceAll(words, " ", "") + " " + string(r.File.Code)
	for _, code := range r.Codes {
		joined += " " + strings.ReplaceAll(plain(string(code)), " ", "")
	}
	return searched{words, joined, squeezed(r.File.Number)}
}

// standingOf is a row at a moment; what of it is searched is taken from the one
// before, where that is the same.
func standingOf(r *custody.Row, before *standing, now time.Time) *standing {
	s := &standing{Row: r, late: Overdue(r, now), facets: people.FacetsOf(r)}
	if before != nil && before.File.Number == r.File.Number && before.File.Subject == r.File.Subject && slices.Equal(before.Codes, r.Codes) {
		s.text = before.text
	} else {
		s.text = searchable(r)
	}
	return s
}

// soon: a rung of the ladder has reminded of a deadline that is yet to come.
func (s *standing) soon() bool { return s.Position.Rung > 0 && !s.late }

// waits: a stored command of the file is not decided.
func (s *standing) waits() bool { return s.Pending > 0 || s.Quarantined }

// byDeadline orders files: what is overdue longest first, what has no clock last.
func byDeadline(a, b *standing) int {
	return cmp.Or(cmp.Compare(Rank(a.Row), Rank(b.Row)), cmp.Compare(a.File.Code, b.File.Code))
}

// byStay orders files by how long they lie where they are.
func byStay(a, b *standing) int {
	return cmp.Or(a.Position.Since.Compare(b.Position.Since), cmp.Compare(a.File.Code, b.File.Code))
}

// Conditions are how it may stand with a file, beside where it is.
var Conditions = custody.Conditions()

// filter is one of the numbers on top of the board.
type filter struct {
	name string
	fits func(s *standing) bool
}

// filters are all of them.
var filters = func() []filter {
	list := []filter{
		{"all", func(*standing) bool { return true }},
		{"overdue", func(s *standing) bool { return s.late }},
		{"soon", (*standing).soon},
	}
	for _, c := range Conditions {
		if c.Place > 0 {
			list = append(list, filter{c.Name, func(s *standing) bool { return c.Is(s.Position) }})
		}
	}
	return append(list, filter{"waiting", (*standing).waits})
}()

// counts is how many files fit each filter, of which there are at most so many: it is a
// value.
type counts [16]int

// Places of the filters that do not depend on what there is.
const (
	countAll = iota
	countOverdue
	countSoon
)

// plus is both together.
func (c counts) plus(o counts) counts {
	for i, n := range o {
		c[i] += n
	}
	return c
}

// add counts a file n times; n is 1 or -1.
func (c *counts) add(s *standing, n int) {
	for i, f := range filters {
		if f.fits(s) {
			c[i] += n
		}
	}
}

// question is which files the numbers of a board count.
type question struct {
	department custody.DepartmentID // empty: any
	words      []string             // none: any
	joined     string
}

func ask(department custody.DepartmentID, search string) question {
	q := question{department: department, words: strings.Fields(plain(search))}
	q.joined = strings.Join(q.words, "")
	return q
}

// plain reports whether nothing is searched for.
func (q question) plain() bool { return len(q.words) == 0 }

// fits reports whether a file is of the department, and its number, subject or one of
// its codes holds every word of the search.
func (q question) fits(s *standing) bool {
	switch {
	case q.department != "" && s.File.Department != q.department:
		return false
	case strings.Contains(s.text.joined, q.joined):
		return true
	}
	return !slices.ContainsFunc(q.words, func(w string) bool { return !strings.Contains(s.text.words, w) })
}

// ranks is how many there are.
const ranks = 3

// rank is 0 for the file whose squeezed number is what was searched for, however either is
// written, 1 where the number begins with it, else 2.
func (q question) rank(number string) int {
	if q.plain() {
		return 0
	}
	switch {
	case number == q.joined:
		return 0
	case strings.HasPrefix(number, q.joined):
		return 1
	}
	return 2
}

// Order is where a file stands in a scope's list: what fits a search best first, then by
// deadline.
func (sc Scope) Order(r *custody.Row) int64 {
	const apart = 1 << 41 // more than any Rank
	q := sc.question()
	if q.plain() {
		return Rank(r)
	}
	return int64(q.rank(squeezed(r.File.Number)))*apart + Rank(r)
}

// Words are what is searched for, as it is compared.
func (sc Scope) Words() []string { return sc.question().words }

// squeezed is plain without the spaces.
func squeezed(text string) string { return strings.ReplaceAll(plain(text), " ", "") }

// plain lowers letters and turns everything that is no letter or digit into
// spaces; Urdu digits become Latin ones.
func plain(text string) string {
	return strings.Map(func(r rune) rune {
		if r = label.Digit(r); isWord(r) {
			return r
		}
		return ' '
	}, strings.ToLower(text))
}

func isWord(r rune) bool { return unicode.IsLetter(r) || unicode.IsMark(r) || unicode.IsDigit(r) }
