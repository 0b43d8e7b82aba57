//go:build next

package custody

import "time"

// Today are the rules of a program that could come next: a test runs it beside this one,
// on one office.
var Today = Rules{
	SentAgain:   time.Second,
	SeenAgain:   -1,
	UndoWindow:  time.Minute,
	ReturnFloor: 60,
	Slack:       time.Minute,
	Spooled:     14 * 24 * time.Hour,
}

// later is what it adds to stored forms.
type later struct {
	Weather string `json:"weather,omitempty"`
}

var added = later{"snow & wind"}
