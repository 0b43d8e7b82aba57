package gate

import (
	"fmt"
	"testing"
	"time"
)

// Whoever comes under ever new addresses fills no memory.
func TestTriesAreBounded(t *testing.T) {
	count := newTries()
	now := time.Unix(0, 0)
	for i := range 3 * mostTried {
		now = now.Add(time.Millisecond)
		if !count.allow(fmt.Sprint(i), "1234", now) {
			t.Fatal("a first try is refused")
		}
	}
	if n := max(len(count.callers.used), len(count.codes.used)); n > mostTried {
		t.Errorf("%d are remembered", n)
	}
	for range triesAtOnce {
		count.allow("one", fmt.Sprint(now.UnixNano()), now)
	}
	if count.allow("one", "1234", now) {
		t.Error("one who has just tried is forgotten")
	}
}
