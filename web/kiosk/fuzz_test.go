package kiosk

import (
	"encoding/json"
	"fmt"
	"testing"

	"github.com/chromedp/chromedp"

	"harkara/internal/chromium"
)

// Whatever keys come, a hand's or a scanner's, at whatever pace: no code is read whose
// digits were not typed, Enter and Tab are taken from the page only when they end a
// read, and a field is left with every key that was not part of one, in order. The
// wedge runs where it always does, in Chromium.
func FuzzWedge(f *testing.F) {
	_, url := blank(f)
	b := chromium.Start(f)
	b.Do(chromedp.Navigate(url))
	chromium.Ask[bool](b, `import("/test/keys.js").then((m) => { window.drive = m.drive; return true; })`)
	for _, keys := range [][]byte{
		{},
		{0, 171, 4, 140, 4},     // a label and Enter
		{32, 171, 49, 140, 10},  // slowly, no field
		{48, 222, 48, 162, 218}, // Tab after a silence
		{6, 178, 4, 171, 4, 105, 4, 105, 4, 141, 4}, // prefix and suffix
		{0, 172, 4, 171, 4, 140, 4},                 // GS1's identifier
		{0, 176, 4, 171, 4, 176, 4, 141, 4},         // in the middle of something longer
		{0, 80, 10, 81, 10, 82, 10, 83, 10, 84, 10, 85, 10, 86, 10, 87, 10, 88, 80, 89, 80, 90, 80, 91, 80, 92, 80, 93, 80, 94, 80, 95, 80, 96, 80}, // a roll, then a hand
		{0, 80, 10, 81, 10, 82, 10, 83, 10, 84, 10, 85, 10, 86, 10, 87, 10, 143, 10, 88, 10},                                                        // a key that edits in the middle of a roll
	} {
		f.Add(keys)
	}
	f.Fuzz(func(t *testing.T, keys []byte) {
		numbers := make([]int, len(keys))
		for i, k := range keys {
			numbers[i] = int(k)
		}
		list, err := json.Marshal(numbers)
		if err != nil {
			t.Fatal(err)
		}
		b.T = t
		if wrong := chromium.Ask[string](b, fmt.Sprintf(`drive(%s)`, list)); wrong != "" {
			t.Error(wrong)
		}
	})
}
