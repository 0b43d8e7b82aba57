package main

import (
	"testing"
	"time"
)

// A station shows times as the office's clocks do, whatever zone its machine was left in.
func TestZoneIsTheOffices(t *testing.T) {
	_, local := time.Now().Zone()
	for view, want := range map[string]int{`{"east":18000}`: 18000, `{"east":0}`: 0, `{"east":-12600}`: -12600, `{"room":"x"}`: local, `{"east":"x"}`: local, ``: local} {
		if _, east := time.Now().In(zoneOf([]byte(view))).Zone(); east != want {
			t.Errorf("%s: %d s east, want %d", view, east, want)
		}
	}
}
