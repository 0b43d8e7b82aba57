package kiosk

import (
	"testing"

	"harkara/scanner/gesture"
	"harkara/web/lang"
)

// Every card that does something has its words: that it was read, and while it is open.
func TestCardsHaveWords(t *testing.T) {
	for _, tag := range lang.Tags {
		for _, c := range gesture.Cards {
			var keys []string
			if !c.Undo {
				keys = append(keys, "kiosk.card_"+string(c.Says))
			}
			if c.Kind != "" && !c.Undo {
				keys = append(keys, "kiosk.banner_"+string(c.Says))
			}
			if c.Asks != "" {
				keys = append(keys, "kiosk.card_"+string(c.Then), "kiosk.banner_"+string(c.Then), "kiosk."+string(gesture.AskedFirst))
			}
			for _, key := range keys {
				if tag.Text(key) == key {
					t.Errorf("%s has no words for %s", tag, key)
				}
			}
		}
	}
}
