//go:build !next

package custody

import "time"

// Today are the rules of this program.
var Today = Rules{
	SentAgain:   2 * time.Minute,
	SeenAgain:   30 * time.Second,
	UndoWindow:  10 * time.Minute,
	ReturnFloor: 3600,
	Slack:       2 * time.Minute,
	Spooled:     14 * 24 * time.Hour,
}

// later is what a next program may add to stored forms: see next.go.
type later struct{}

var added later
