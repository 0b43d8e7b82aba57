package main

import (
	"testing"
	"testing/synctest"
	"time"
)

// A card that was open is closed once: by itself after its time, or at once by a read that
// ends it; each read that uses it gives it more time.
func TestBatchEndsOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var b batch
		ended := 0
		says := func(left time.Duration, after time.Duration, want int) {
			t.Helper()
			b.lasts(left, func() { ended++ })
			time.Sleep(after)
			synctest.Wait()
			if ended != want {
				t.Errorf("ended %d times, want %d", ended, want)
			}
		}
		says(0, time.Minute, 0)
		says(20*time.Second, 19*time.Second, 0)
		says(20*time.Second, 19*time.Second, 0)
		says(20*time.Second, 21*time.Second, 1)
		says(0, time.Minute, 1)
		says(20*time.Second, time.Second, 1)
		says(0, time.Minute, 2)
	})
}
