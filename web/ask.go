package web

import (
	"cmp"
	"encoding/json"
	"fmt"
	"net/url"
	"slices"

	"github.com/google/uuid"

	"harkara/internal/custody"
	"harkara/internal/label"
)

// asks is a form of a file's page by which a person gives one kind of command: see
// custody.Asks. ID is drawn with it, so that sending it twice acts once.
type asks struct {
	voice
	Code   label.Code
	Kind   custody.CommandKind
	ID     custody.CommandID
	Note   string // what one should know before; empty: nothing
	Open   bool   // unfolded
	Fields []field
	Taken  *taken // who has the number already that was asked for; nil: nobody
}

// Title, Do and Label are the words of the form, of its button and of a field.
func (f asks) Title() string { return f.T(wordOf(f.Kind, "")) }

func (f asks) Do() string { return f.T(wordOf(f.Kind, "do")) }

func (f asks) Label(a field) string {
	if own := wordOf(f.Kind, a.Name); f.T(own) != own {
		return f.T(own)
	}
	return f.T("ask." + a.Name)
}

// wordOf is the key of words for a kind, or for a part of its form.
func wordOf(kind custody.CommandKind, part string) string {
	if part == "" {
		return "act." + string(kind)
	}
	return "act." + string(kind) + "." + part
}

// field is one of a form, as it is shown.
type field struct {
	custody.Ask
	Value   string
	Was     string // as the form showed it at first: sent back so, it stays
	Max     int    // bytes
	Groups  []group
	Choices []choice
}

// asked is a command as a person gives it on a file's page or by a program. ID makes a
// repeat harmless: it gets the first answer. It may be empty.
type asked struct {
	ID          custody.CommandID
	Reason, Who string
	With        map[string]json.RawMessage
	was         url.Values // what the form showed at first
}

// limits are those of fields beside what their inputs say, in bytes.
var limits = map[custody.Field]int{custody.WhoField: custody.MaxWho}

// asks are the forms for a file: what who is spoken to may do to it, as he stands to it.
func (p speaker) asks(row custody.Row) (list []asks) {
	stands := p.eyes.Stands(&row)
forms:
	for _, k := range pageKinds() {
		if !k.By.Has(stands...) || k.Asks.When != nil && !k.Asks.When(row) {
			continue
		}
		f := asks{voice: p.voice, Code: row.File.Code, Kind: k.Name, ID: custody.CommandID(uuid.NewString()), Open: k.Asks.Open}
		if note := wordOf(k.Name, "note"); p.T(note) != note {
			f.Note = p.T(note)
		}
		for _, of := range k.Asks.Of {
			a := field{Ask: of, Max: cmp.Or(limits[custody.Field(of.Name)], of.As.Max, custody.MaxReason)}
			if of.As.Was != nil {
				a.Was = of.As.Was(row)
			}
			if of.As.Shape == custody.Desks {
				a.Groups = p.groups()
			}
			if of.As.Choose != nil {
				if a.Choices = p.choices(of.As.Choose(p.office, row)); a.Choices == nil {
					continue forms
				}
			}
			a.Value = a.Was
			f.Fields = append(f.Fields, a)
		}
		list = append(list, f)
	}
	return list
}

// pageKinds are the kinds of command that somebody may give on a page, in order. Who, says
// each: see people.Eyes.Stands.
func pageKinds() []custody.Kind {
	list := slices.DeleteFunc(custody.Kinds(), func(k custody.Kind) bool { return k.Asks == nil })
	slices.SortStableFunc(list, func(a, b custody.Kind) int { return cmp.Compare(a.Asks.Place, b.Asks.Place) })
	return list
}

// pageKind is one of them. Errors: custody.ErrNotFound.
func pageKind(name string) (custody.Kind, error) {
	list := pageKinds()
	i := slices.IndexFunc(list, func(k custody.Kind) bool { return string(k.Name) == name })
	if i < 0 {
		return custody.Kind{}, custody.ErrNotFound
	}
	return list[i], nil
}

func (p speaker) choices(of []custody.Choice) (list []choice) {
	for _, c := range of {
		list = append(list, choice{ID: c.ID, Name: p.phrase(c.Says)})
	}
	return list
}

const anywayField = "anyway" // the field of a yes to a number that another file has

// askedOn reads a form of the file's page.
func askedOn(k custody.Kind, form url.Values) asked {
	in := asked{
		ID: custody.CommandID(form.Get("id")), Reason: form.Get(string(custody.ReasonField)), Who: form.Get(string(custody.WhoField)),
		With: map[string]json.RawMessage{}, was: url.Values{},
	}
	for _, a := range k.Asks.Of {
		value, was := form.Get(a.Name), form.Get("was_"+a.Name)
		in.was.Set(a.Name, was)
		field, clean := custody.Field(a.Name), custody.Prose
		if a.As == custody.NumberInput {
			clean = custody.Plain
		}
		if field == custody.ReasonField || field == custody.WhoField || value == "" || clean(value) == clean(was) {
			continue
		}
		in.With[a.Name] = quoted(value)
		if a.As == custody.NumberInput && form.Get(anywayField) != "" && form.Get(anywayField) == string(custody.KeyOf(value)) { // the yes was to this number
			in.With[anywayField] = json.RawMessage("true")
		}
	}
	return in
}

func quoted(text string) json.RawMessage {
	raw, err := json.Marshal(text)
	if err != nil {
		panic("web: quote text: " + err.Error()) // it cannot fail
	}
	return raw
}

// UnmarshalJSON reads what a program asks: id, reason and who, and beside them the
// payload's own keys.
func (in *asked) UnmarshalJSON(data []byte) error {
	if err := json.Unmarshal(data, &in.With); err != nil {
		return err
	}
	for name, into := range map[string]any{"id": &in.ID, string(custody.ReasonField): &in.Reason, string(custody.WhoField): &in.Who} {
		if raw, there := in.With[name]; there {
			if err := json.Unmarshal(raw, into); err != nil {
				return fmt.Errorf("%s: %w", name, err)
			}
			delete(in.With, name)
		}
	}
	return nil
}

// again is the forms of a file's page with one of them as it was filled in, and whose the
// number is that it asks for.
func (in asked) again(list []asks, kind custody.CommandKind, has *taken) {
	i := slices.IndexFunc(list, func(f asks) bool { return f.Kind == kind })
	if i < 0 {
		return
	}
	f := &list[i]
	f.ID, f.Taken, f.Open = cmp.Or(in.ID, f.ID), has, true
	for n := range f.Fields {
		a := &f.Fields[n]
		if a.Was = in.was.Get(a.Name); custody.Field(a.Name) == custody.ReasonField {
			a.Value = in.Reason
			continue
		}
		a.Value = a.Was
		if raw, there := in.With[a.Name]; there {
			a.Value = ""
			_ = json.Unmarshal(raw, &a.Value) // a form's values are texts
		}
	}
}
