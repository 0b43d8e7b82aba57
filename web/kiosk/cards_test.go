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
		for says, answer := range gesture.Answers {
			if key := "kiosk." + answer.Words; tag.Text(key) == key {
				t.Errorf("%s has no words for %s", tag, says)
			}
		}
		for _, c := range label.Gestures {
			var keys []string
			if c.Code != "" {
				keys = append(keys, "card."+c.Says, "card."+c.Says+".does")
			}
			if c.Kind != "" && !c.Undo {
				keys = append(keys, "kiosk.banner_"+c.Says)
			}
			if c.Asks != "" {
				keys = append(keys, "kiosk.banner_"+c.Then)
			}
			for _, key := range keys {
				if tag.Text(key) == key {
					t.Errorf("%s has no words for %s", tag, key)
				}
			}
		}
	}
}
