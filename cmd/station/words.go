package main

import (
	"encoding/json"
	"net/http"
	"slices"
	"strings"

	"harkara/internal/label"
	"harkara/scanner/gesture"
	"harkara/scanner/source"
	"harkara/scanner/uplink"
	"harkara/web/lang"
	"harkara/web/wire"
)

// worded is a result that the station gives by itself, for the panel.
func worded(s wire.Say) json.RawMessage {
	raw, err := json.Marshal(wire.Result{Stored: s.Tone != wire.ToneDown, Say: &s})
	if err != nil {
		panic("station: encode answer: " + err.Error()) // texts only
	}
	return raw
}

// sayKept is said where the office does not answer, or not to this station. Whether
// somebody else's label is a registered old cover only the office knows.
func sayKept(in lang.Tag, code label.Code, number string, server uplink.Status) wire.Say {
	headline := "kiosk.kept_next"
	switch {
	case server == uplink.Refused:
		headline = "kiosk.kept_refused"
	case code.Kind() == 0 && number == "":
		headline = "kiosk.kept_old"
	}
	return wire.Say{Word: in.Text("kiosk.kept"), Number: number, Headline: in.Text(headline), Tone: wire.ToneKept}
}

// saidIn is what a result says in words; of an error without any, its message.
func saidIn(in lang.Tag, result json.RawMessage) wire.Say {
	var r struct {
		Error *wire.Problem
		Say   *wire.Say
	}
	_ = json.Unmarshal(result, &r) // then it says nothing
	switch {
	case r.Say != nil:
		return *r.Say
	case r.Error != nil:
		return wire.Say{Word: in.Text("kiosk.no"), Headline: r.Error.Message}
	}
	return wire.Say{Word: in.Text("kiosk.stored")}
}

// sentences is what is said, in one line.
func sentences(s wire.Say) string {
	parts := slices.DeleteFunc([]string{s.Word, s.Number, s.Name, s.Headline, s.Next}, func(part string) bool { return part == "" })
	return strings.Join(parts, ". ")
}

// sayRead words a read that gave no command. A card has the name of what it stands for.
func sayRead(in lang.Tag, e readEvent, known names) wire.Say {
	switch {
	case e.Problem == "not_stored":
		return wire.Say{Word: in.Text("kiosk.not_kept"), Headline: in.Text("error.not_stored"), Tone: wire.ToneDown}
	case e.Problem == source.Part: // as a page with a gun says it
		return wire.Say{Word: in.Text("kiosk.no"), Headline: in.Text("kiosk.part"), Tone: wire.ToneDown}
	case e.Problem != "":
		return wire.Say{Word: in.Text("kiosk.no"), Headline: in.Text("error." + e.Problem), Tone: wire.ToneDown}
	}
	answer := gesture.Answers[e.Says]
	words := in.Text("kiosk." + answer.Words)
	if answer.Tone == gesture.Down {
		return wire.Say{Word: in.Text("kiosk.no"), Headline: words, Tone: wire.ToneDown}
	}
	return wire.Say{Word: words, Name: known.ofCard(e.Context), Tone: string(answer.Tone)}
}

// hearken has the station, and the office towards it, speak the language that a page asks
// for, if it does.
func (a *agent) hearken(r *http.Request) {
	if !r.URL.Query().Has("lang") {
		return
	}
	in := tongue(r)
	a.mu.Lock()
	other := a.lang != in
	a.lang = in
	a.mu.Unlock()
	if other {
		a.uplink.Speak(string(in))
	}
}

// language is what the station speaks.
func (a *agent) language() lang.Tag {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.lang
}

// tongue is the language that a page asks for.
func tongue(r *http.Request) lang.Tag {
	if asked := r.URL.Query().Get("lang"); asked != "" {
		return lang.Parse(asked)
	}
	return lang.Parse(r.Header.Get("Accept-Language"))
}
