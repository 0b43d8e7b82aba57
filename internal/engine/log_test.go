package engine

import (
	"bytes"
	"log/slog"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

func TestTemporalsErrorsAreSeldomWarnings(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var out bytes.Buffer
		log := quiet(slog.New(slog.NewTextHandler(&out, nil)), &phase{began: time.Now()})
		b := bridge{log.With("shard", 1)}
		b.Warn("retrying")
		for range 3 {
			b.Error("store is away")
			log.Error("another")
			time.Sleep(25 * time.Second)
		}
		time.Sleep(time.Minute)
		b.Error("store is away")
		for text, want := range map[string]int{"retrying": 0, `msg="store is away"`: 2, "msg=another": 1, "level=ERROR": 0, "from=temporal": 3, "shard=1": 2} {
			if n := strings.Count(out.String(), text); n != want {
				t.Errorf("%q %d times, want %d in\n%s", text, n, want, &out)
			}
		}
	})
}
