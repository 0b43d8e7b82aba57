package kiosk

import (
	"testing"

	"harkara/internal/label"
	"harkara/scanner/gesture"
	"harkara/web/lang"
)

// Every card has its words: printed, that it was read, and while it is open.
func TestCardsHaveWords(t *testing.T) {
	for _, tag := range lang.Tags {
		for _, c := range label.Gestures {
			var keys []string
			if c.Code != "" {
				keys = append(keys, "card."+c.Says, "card."+c.Says+".does")
			}
			if !c.Undo && !c.Idle {
				keys = append(keys, "kiosk.card_"+c.Says)
			}
			if c.Kind != "" && !c.Undo {
				keys = append(keys, "kiosk.banner_"+c.Says)
			}
			if c.Asks != "" {
				keys = append(keys, "kiosk.card_"+c.Then, "kiosk.banner_"+c.Then, "kiosk."+string(gesture.AskedFirst))
			}
			for _, key := range keys {
				if tag.Text(key) == key {
					t.Errorf("%s has no words for %s", tag, key)
				}
			}
		}
	}
}
