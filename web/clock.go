package web

import (
	"net/http"
	"strconv"
	"strings"
	"time"

	"harkara/internal/custody"
)

// clockHeader carries what a station's clocks show as it sends, as
// boot=ID;monotonic=NANOSECONDS.
const clockHeader = "Harkara-Clock"

// clockOf reads a station's clock; one that says nothing sensible says nothing.
func clockOf(r *http.Request) (c custody.Clock) {
	c.Monotonic = -1
	for part := range strings.SplitSeq(r.Header.Get(clockHeader), ";") {
		name, value, _ := strings.Cut(strings.TrimSpace(part), "=")
		switch name {
		case "boot":
			c.Boot = value
		case "monotonic":
			if ns, err := strconv.ParseInt(value, 10, 64); err == nil {
				c.Monotonic = time.Duration(ns)
			}
		}
	}
	return c
}
