// Package lang holds every word of the pages in the office's languages.
package lang

import (
	"embed"
	"encoding/json"
	"fmt"
	"strings"
	"time"
)

//go:embed en.json ur.json
var files embed.FS

// Tag names a language: "en" or "ur".
type Tag string

// The languages.
const (
	English Tag = "en"
	Urdu    Tag = "ur"
)

// Tags lists them.
var Tags = [...]Tag{English, Urdu}

var catalogue = func() map[Tag]map[string]string {
	all := map[Tag]map[string]string{}
	for _, tag := range Tags {
		raw, err := files.ReadFile(string(tag) + ".json")
		words := map[string]string{}
		if err == nil {
			err = json.Unmarshal(raw, &words)
		}
		if err != nil {
			panic("lang: " + err.Error()) // embedded: a test reads it
		}
		all[tag] = words
	}
	return all
}()

// Parse returns the language a request asks for, English where it is not ours.
func Parse(text string) Tag {
	if strings.HasPrefix(strings.ToLower(strings.TrimSpace(text)), "ur") {
		return Urdu
	}
	return English
}

// Dir returns the writing direction for HTML.
func (t Tag) Dir() string {
	if t == Urdu {
		return "rtl"
	}
	return "ltr"
}

// Other returns the language to switch to.
func (t Tag) Other() Tag {
	if t == Urdu {
		return English
	}
	return Urdu
}

// Text returns the words of a key; {0}, {1} stand for args. A key nobody wrote is
// returned itself, and a test finds it.
func (t Tag) Text(key string, args ...any) string {
	text, ok := catalogue[t][key]
	if !ok {
		return key
	}
	for i, arg := range args {
		text = strings.ReplaceAll(text, fmt.Sprintf("{%d}", i), fmt.Sprint(arg))
	}
	return text
}

// Span says a length of time in its largest whole unit.
func (t Tag) Span(d time.Duration) string {
	d = d.Abs()
	switch {
	case d < time.Minute:
		return t.Text("time.seconds", int(d.Seconds()))
	case d < time.Hour:
		return t.Text("time.minutes", int(d.Minutes()))
	case d < 48*time.Hour:
		return t.Text("time.hours", int(d.Hours()))
	}
	return t.Text("time.days", int(d.Hours()/24))
}

// Ago says how long before now an instant lies.
func (t Tag) Ago(at, now time.Time) string {
	if d := now.Sub(at); d >= time.Second {
		return t.Text("time.ago", t.Span(d))
	}
	return t.Text("time.now")
}

// Script returns the words of the given prefixes, for a page's own script.
func (t Tag) Script(prefixes ...string) map[string]string {
	words := map[string]string{}
	for key, text := range catalogue[t] {
		for _, p := range prefixes {
			if strings.HasPrefix(key, p) {
				words[key] = text
			}
		}
	}
	return words
}
