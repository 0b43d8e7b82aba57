package kiosk

import (
	"fmt"
	"strings"
	"testing"

	"harkara/internal/chromium"
)

// The office can tell how old a scan is by the page's clock, until that machine
// sleeps or its clock is set: then another boot begins.
func TestPageTellsItsClock(t *testing.T) {
	c := serve(t, Page{Station: "st-a-102", Token: "token"})
	b := chromium.Start(t)
	before(b, `const now = Date.now; window.slept = 0; Date.now = () => now() + slept;`)
	c.open(b)
	type told struct {
		boot string
		at   int64 // of the scan, ns
		sent int64
	}
	scan := func(n int) told {
		t.Helper()
		burst(b, code(uint64(n))+"\r", 4)
		b.Until(fmt.Sprintf(`document.querySelectorAll("#recent li.up").length === %d`, n))
		c.mu.Lock()
		defer c.mu.Unlock()
		post := c.posts[len(c.posts)-1]
		stamp := post[len(post)-1].At
		var boot string
		var sent int64
		if _, err := fmt.Sscanf(strings.Replace(c.clocks[len(c.clocks)-1], ";", " ", 1), "boot=%s monotonic=%d", &boot, &sent); err != nil || boot != stamp.Boot {
			t.Fatalf("%q, scan of boot %q: %v", c.clocks, stamp.Boot, err)
		}
		return told{boot, stamp.Monotonic, sent}
	}
	first, second := scan(1), scan(2)
	chromium.Ask[bool](b, `(() => { slept = 3600e3; return true; })()`)
	third := scan(3)
	if first.boot != second.boot || third.boot == second.boot {
		t.Errorf("boots %q, %q, after an hour's sleep %q", first.boot, second.boot, third.boot)
	}
	chromium.Ask[bool](b, `(() => { slept -= 600e3; return true; })()`)
	if fourth := scan(4); fourth.boot != third.boot || fourth.at < third.at {
		t.Errorf("a clock that was put right began another boot: %+v, %+v", third, fourth)
	}
	if first.at < 0 || first.sent < first.at || second.at < first.sent || third.at > second.at || third.sent < third.at {
		t.Errorf("%+v, %+v, %+v", first, second, third)
	}
}
