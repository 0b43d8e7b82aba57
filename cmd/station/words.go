package main

import (
	"encoding/json"
	"net/http"

	"harkara/internal/label"
	"harkara/scanner/gesture"
	"harkara/scanner/source"
	"harkara/scanner/uplink"
	"harkara/web/lang"
)

// say is an answer in words, in the office's form.
type say struct {
	Word     string `json:"word"`
	Headline string `json:"headline,omitempty"`
	Next     string `json:"next,omitempty"`
	Tone     string `json:"tone"`
}

// worded is a result that the station gives by itself, for the panel.
func worded(s say) json.RawMessage {
	raw, err := json.Marshal(struct {
		Stored bool `json:"stored"`
		Say    say  `json:"say"`
	}{s.Tone != toneDown, s})
	if err != nil {
		panic("station: encode answer: " + err.Error()) // strings only
	}
	return raw
}

// sayKept is said where the office does not answer, or not to this station. Whether
// somebody else's label is a registered old cover only the office knows.
func sayKept(in lang.Tag, code label.Code, server uplink.Status) say {
	headline := "kiosk.kept_next"
	switch {
	case server == uplink.Refused:
		headline = "kiosk.kept_refused"
	case code.Kind() == 0:
		headline = "kiosk.kept_old"
	}
	return say{Word: in.Text("kiosk.kept"), Headline: in.Text(headline), Tone: toneKept}
}

// saidIn is what a result says in words; of an error without any, its message.
func saidIn(in lang.Tag, result json.RawMessage) say {
	var r struct {
		Error *problem
		Say   *say
	}
	_ = json.Unmarshal(result, &r) // then it says nothing
	switch {
	case r.Say != nil:
		return *r.Say
	case r.Error != nil:
		return say{Word: in.Text("kiosk.no"), Headline: r.Error.Message}
	}
	return say{Word: in.Text("kiosk.stored")}
}

// sayRead words a read that gave no command.
func sayRead(in lang.Tag, e readEvent) say {
	switch {
	case e.Problem == "not_stored":
		return say{Word: in.Text("kiosk.not_kept"), Headline: in.Text("error.not_stored"), Tone: toneDown}
	case e.Problem == source.Part: // as a page with a gun says it
		return say{Word: in.Text("kiosk.no"), Headline: in.Text("kiosk.part"), Tone: toneDown}
	case e.Problem != "":
		return say{Word: in.Text("kiosk.no"), Headline: in.Text("error." + e.Problem), Tone: toneDown}
	}
	answer := gesture.Answers[e.Says]
	words := in.Text("kiosk." + answer.Words)
	if answer.Tone == gesture.Down {
		return say{Word: in.Text("kiosk.no"), Headline: words, Tone: toneDown}
	}
	return say{Word: words, Tone: toneSoft}
}

// tongue is the language that a page asks for.
func tongue(r *http.Request) lang.Tag {
	if asked := r.URL.Query().Get("lang"); asked != "" {
		return lang.Parse(asked)
	}
	return lang.Parse(r.Header.Get("Accept-Language"))
}
