package custody

import "time"

// Rules are the figures that decide between rows of the scan table. They may change with
// any release, under open files too: what was decided stands.
type Rules struct {
	SentAgain   time.Duration // a file scanned again where it was just sent from: soft tick
	SeenAgain   time.Duration // a file scanned again where it is: soft tick
	UndoWindow  time.Duration
	ReturnFloor Seconds       // least working time a returning file has
	Slack       time.Duration // clocks of two stations may differ by this much
	Spooled     time.Duration // a station keeps scans this long; older times are wrong clocks
}
