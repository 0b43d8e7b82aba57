package custody

import (
	"time"

	"harkara/internal/label"
)

// Ladder is an escalation policy: rungs at percents of a leg's budget, in
// growing order, then the last one again every Repeat working seconds.
type Ladder struct {
	ID     LadderID `json:"id"`
	Rungs  []Rung   `json:"rungs"`
	Repeat Seconds  `json:"repeat,omitempty"` // 0: never again
}

// Rung says who is told at a percent of the budget. 100 is the breach.
type Rung struct {
	Percent int        `json:"percent"`
	To      []Receiver `json:"to"`
	Channel string     `json:"channel"` // "screen" is always there
}

// Receiver names a person by relation to the holder, so that a policy outlives
// every transfer: superior 0 is the holder, 1 the superior, and so on; a Post
// names one outright.
type Receiver struct {
	Superior int    `json:"superior,omitempty"`
	Post     PostID `json:"post,omitempty"`
}

// Screen is the channel that every office has: the board and the kiosk.
const Screen = "screen"

// Person is an officer in a post at one moment; Officer is empty when vacant.
type Person struct {
	Post    PostID    `json:"post"`
	Officer OfficerID `json:"officer,omitempty"`
}

// Question asks who is to be told of the rung that is due now.
type Question struct {
	File    label.Code `json:"file"`
	Post    PostID     `json:"post"`             // of the leg's holder
	Runner  OfficerID  `json:"runner,omitempty"` // charged instead of the post
	Percent int        `json:"percent"`
	To      []Receiver `json:"to"`
	Since   time.Time  `json:"since"` // of the leg: the question dies with it
	Rung    int        `json:"rung"`  // its place on the ladder, repeats included
}

// Evidence is what the office knows at the moment a rung falls due.
type Evidence struct {
	Undecided int      `json:"undecided"` // stored commands of this file that are not decided yet
	People    []Person `json:"people"`    // receivers, vacancies already gone one up
}
