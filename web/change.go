package web

import (
	"slices"
	"strings"
	"time"

	"harkara/internal/custody"
)

// Change is one alteration of the office's reference data.
type Change struct {
	At     time.Time     `json:"at"`
	Who    string        `json:"who"` // ordered it, in words
	Reason string        `json:"reason"`
	By     custody.Actor `json:"by,omitzero"`
	Things []Alteration  `json:"things"`
}

// Alteration is what a change did to one thing.
type Alteration struct {
	Kind   string       `json:"kind"` // such as "room"
	ID     string       `json:"id"`
	Name   custody.Name `json:"name"` // empty: it has none, or there is one of its kind
	How    string       `json:"how"`  // began, changed, ended
	Fields []string     `json:"fields,omitempty"`
}

type changeLine struct {
	At, Who, By, Reason string // Who: ordered it
	Sum                 string // what was altered, in numbers
	Groups              []changeGroup
}

// changeGroup is what was altered alike.
type changeGroup struct {
	What  string
	Names []changeName
}

type changeName struct{ Name, Fields string }

func (p speaker) changeLine(c Change) changeLine {
	line := changeLine{At: p.clock(c.At), Who: p.ordered(c.Who), By: p.actor(c.By, ""), Reason: c.Reason}
	at := map[string]int{}
	var sums []string
	for _, t := range c.Things {
		what := p.T("change."+t.How, p.T("thing."+t.Kind))
		n, ok := at[what]
		if !ok {
			n = len(line.Groups)
			at[what] = n
			line.Groups = append(line.Groups, changeGroup{What: what})
		}
		line.Groups[n].Names = append(line.Groups[n].Names, changeName{p.altered(t), p.fieldsOf(t)})
	}
	for _, g := range line.Groups {
		sums = append(sums, p.T("change.sum", g.What, len(g.Names)))
	}
	if line.Sum = strings.Join(sums, "; "); line.Sum == "" {
		line.Sum = p.T("change.token")
	}
	return line
}

// altered is how a thing is called: a ladder or a calendar by what the office calls it.
func (p speaker) altered(t Alteration) string {
	if name := p.named(t.Name); name != "" || !slices.Contains([]string{"ladder", "calendar"}, t.Kind) {
		return name
	}
	return t.ID
}

// fieldsOf names what of a thing is otherwise, but for what the office counts for itself.
func (p speaker) fieldsOf(t Alteration) string {
	var names []string
	for _, f := range t.Fields {
		if f != "rev" && f != "was" {
			names = append(names, p.T("field."+f))
		}
	}
	return strings.Join(names, "; ")
}
