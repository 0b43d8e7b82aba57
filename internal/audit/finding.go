// Package audit is the judge of an office: whether what its ledger says of a file, at one
// place, is what it says at every other, and what the engine says of its workflow. Chains,
// commands, words, registry, notices, feed and covers are each told from the others, by
// custody's one interpreter; what was decided is never decided again.
//
// It convicts nobody: who can write past the database's guards to every place at once
// leaves no difference. A hash that is kept elsewhere tells of that.
package audit

import (
	"fmt"
	"reflect"
	"strings"
	"time"

	"harkara/internal/label"
)

// Kind names what is wrong; pages and the command line have words for each.
type Kind string

// The kinds of findings, of a file.
const (
	Unregistered Kind = "unregistered" // the ledger has things of a file that the registry does not have
	Unqueued     Kind = "unqueued"     // nothing says how far its commands have come
	Broken       Kind = "broken"       // its chain
	Column       Kind = "column"       // an entry's, against its body
	Head         Kind = "head"         // the registry ends elsewhere than the chain
	Command      Kind = "command"      // one is missing, out of turn, or not what was stored
	Word         Kind = "word"         // a text, or its salt, against the chain's digest
	Answer       Kind = "answer"       // what a command came to, against what the chain says
	Sealed       Kind = "sealed"       // the chain was sealed anew since a command was answered
	Turn         Kind = "turn"         // how far its commands have come
	Name         Kind = "name"         // number or subject in the registry
	Registry     Kind = "registry"     // anything else there
	Position     Kind = "position"
	Final        Kind = "final" // what was kept when it was closed
	Untold       Kind = "untold"
	Invented     Kind = "invented" // a notice that nothing brought about
	Notice       Kind = "notice"   // one that says something else
	Delivery     Kind = "delivery" // one said to be delivered, or not, that was not settled so
	Cover        Kind = "cover"
	Number       Kind = "number" // by which it is found
	Feed         Kind = "feed"   // what was announced of it
	Refusal      Kind = "refusal"
	Content      Kind = "content"     // what its entries rely on
	Homeless     Kind = "homeless"    // open, and it has no workflow
	Mute         Kind = "mute"        // its workflow does not answer
	Workflow     Kind = "workflow"    // its workflow says otherwise
	Stray        Kind = "stray"       // a workflow without a file
	Incarnation  Kind = "incarnation" // its workflow is of a life of the office that is over
	Nowhere      Kind = "nowhere"     // open, at a place that the office does not have, or on its way there or from there
	Newer        Kind = "newer"       // a newer program decided it: this one cannot judge it
)

// The kinds of findings of the office.
const (
	Reference Kind = "reference" // its history is not what was recorded
	Gap       Kind = "gap"       // of the feed
	Sum       Kind = "sum"       // files in rooms, on the way and of unknown place are not the open ones
)

// Kinds are all of them.
var Kinds = []Kind{
	Unregistered, Unqueued, Broken, Column, Head, Command, Word, Answer, Sealed, Turn, Name, Registry, Position, Final, Untold, Invented, Notice, Delivery,
	Cover, Number, Feed, Refusal, Content, Homeless, Mute, Workflow, Stray, Incarnation, Nowhere, Newer, Reference, Gap, Sum,
}

// Finding is the first thing of a file that is not what everything else says that it
// should be. What people typed does not stand in it.
type Finding struct {
	File             label.Code // empty: it is about the office
	Kind             Kind
	Place            string // where: a field, an entry, a command
	Stored, Computed string // what is there, and what should be; empty: nothing
}

func (f Finding) String() string {
	return fmt.Sprintf("file %s: %s: %s: %q, should be %q", f.File, f.Kind, f.Place, f.Stored, f.Computed)
}

// at is a place in the chain.
func at(revision int64) string { return fmt.Sprintf("entry %d", revision) }

// turn is a place in the queue.
func turn(seq int64) string { return fmt.Sprintf("command %d", seq) }

// unlike is a finding unless two values are the same.
func unlike[T comparable](kind Kind, place string, stored, computed T) *Finding {
	if stored == computed {
		return nil
	}
	return &Finding{Kind: kind, Place: place, Stored: show(stored), Computed: show(computed)}
}

// unlikeTimes is unlike for instants, of whatever zone.
func unlikeTimes(kind Kind, place string, stored, computed time.Time) *Finding {
	return unlike(kind, place, stored.UTC(), computed.UTC())
}

// differ finds the first field in which a thing is not as it should be.
func differ[T any](kind Kind, place string, stored, computed T) *Finding {
	field, is, should, same := difference(reflect.ValueOf(stored), reflect.ValueOf(computed))
	if same {
		return nil
	}
	return &Finding{Kind: kind, Place: strings.Trim(place+field, "."), Stored: is, Computed: should}
}

var instant = reflect.TypeFor[time.Time]()

// difference goes down to the first field that differs, by the names that it has in JSON.
func difference(a, b reflect.Value) (field, is, should string, same bool) {
	switch {
	case a.Type() == instant:
		same = a.Interface().(time.Time).Equal(b.Interface().(time.Time))
	case a.Kind() == reflect.Struct:
		for i := range a.NumField() {
			f := a.Type().Field(i)
			if !f.IsExported() && !f.Anonymous {
				continue
			}
			if field, is, should, same = difference(a.Field(i), b.Field(i)); !same {
				if name := nameOf(f); name != "" {
					field = "." + name + field
				}
				return field, is, should, false
			}
		}
		return "", "", "", true
	case a.Kind() == reflect.Pointer && !a.IsNil() && !b.IsNil():
		return difference(a.Elem(), b.Elem())
	case a.Kind() == reflect.Slice:
		if same = a.Len() == b.Len(); !same {
			break
		}
		for i := range a.Len() {
			if field, is, should, same = difference(a.Index(i), b.Index(i)); !same {
				return fmt.Sprintf(".%d%s", i+1, field), is, should, false
			}
		}
		return "", "", "", true
	default:
		same = a.Kind() == reflect.Pointer && a.IsNil() && b.IsNil() || a.Kind() != reflect.Pointer && reflect.DeepEqual(a.Interface(), b.Interface())
	}
	if same {
		return "", "", "", true
	}
	return "", show(a.Interface()), show(b.Interface()), false
}

// nameOf is a field's name in JSON; empty for a part that has none there.
func nameOf(f reflect.StructField) string {
	name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
	switch {
	case name != "":
		return name
	case f.Anonymous:
		return ""
	}
	return strings.ToLower(f.Name)
}

const maxShown = 200 // bytes of a value

// show is a value as a finding says it.
func show(v any) string {
	var text string
	switch v := v.(type) {
	case time.Time:
		if !v.IsZero() {
			text = v.UTC().Format(time.RFC3339Nano)
		}
	case string:
		text = v
	default:
		switch r := reflect.ValueOf(v); {
		case r.Kind() == reflect.Pointer && r.IsNil():
		case r.Kind() == reflect.Pointer:
			return show(r.Elem().Interface())
		default:
			text = fmt.Sprintf("%+v", v)
		}
	}
	if len(text) > maxShown {
		text = strings.ToValidUTF8(text[:maxShown], "") + "…"
	}
	return text
}

// first is the first of some findings, if there is one.
func first(findings ...*Finding) *Finding {
	for _, f := range findings {
		if f != nil {
			return f
		}
	}
	return nil
}
