package custody

import "time"

// Lane is how urgent a command is. Within a file the order is always its queue's; a
// queue is in the lane of the most urgent command that waits in it.
type Lane int16

// The lanes, most urgent first.
const (
	People Lane = iota // somebody waits for the answer
	Wakes              // the office's own: see Wake
	Later              // nobody waits: a register that is brought in
	lanes
)

// LaneNames are the lanes' names, in order.
var LaneNames = Lanes[string]{"people", "wakes", "later"}

// Lanes has something of each lane.
type Lanes[T any] [lanes]T

// Each returns as many of every lane.
func Each(n int) Lanes[int] { return Lanes[int]{n, n, n} }

// Waiting is what waits in a lane to be decided. Since is when the oldest was stored;
// zero: nothing waits.
type Waiting struct {
	Commands int
	Since    time.Time
}
