package engine

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"go.temporal.io/api/serviceerror"
	"go.temporal.io/server/common/log/tag"
	"go.temporal.io/server/service/history/shard"
)

// What Temporal says while it comes up is no trouble then; the same later, or anything
// else at any time, is.
func TestWhatPassesAtAStart(t *testing.T) {
	fresh := serviceerror.NewNamespaceNotFound("harkara")
	slow := serviceerror.NewDeadlineExceeded("context deadline exceeded")
	other := errors.New("connection refused")
	for name, tt := range map[string]struct {
		err      error
		after    time.Duration
		answered bool
		want     error
	}{
		"not brought up":         {ErrStarting, 0, false, ErrStarting},
		"not up for long":        {ErrStarting, startTime, false, errNotUp},
		"a fresh namespace":      {fresh, 5 * time.Second, false, ErrStarting},
		"no such namespace":      {fresh, startTime, false, fresh},
		"a namespace that went":  {fresh, 5 * time.Second, true, fresh},
		"a shard being taken":    {shard.ErrShardStatusUnknown, 5 * time.Second, false, ErrStarting},
		"a shard that was lost":  {shard.ErrShardStatusUnknown, 5 * time.Second, true, shard.ErrShardStatusUnknown},
		"refused":                {other, 0, false, other},
		"refused after a while":  {other, time.Hour, true, other},
		"slow to come up":        {slow, 5 * time.Second, false, ErrStarting},
		"slow":                   {slow, 5 * time.Second, true, slow},
		"it answers":             {nil, 0, false, nil},
		"not brought up, visits": {ErrStarting, time.Hour, true, errNotUp},
	} {
		now := time.Now()
		e := &Engine{phase: phase{began: now.Add(-tt.after)}, answered: tt.answered}
		if got := e.calm(tt.err, now); got != tt.want {
			t.Errorf("%s: %v, want %v", name, got, tt.want)
		}
		if tt.err == nil && !e.answered {
			t.Error("that it answered is forgotten")
		}
	}
}

func TestStartsLogIsCalm(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var out bytes.Buffer
		e := &Engine{phase: phase{began: time.Now()}}
		b := bridge{quiet(slog.New(slog.NewTextHandler(&out, nil)), &e.phase)}
		say := func() {
			b.Error("Operation failed", tag.Error(shard.ErrShardStatusUnknown))
			b.Error("Namespace lookup failed", tag.Error(serviceerror.NewNamespaceNotFound("harkara")))
		}
		say()
		if out.Len() > 0 {
			t.Errorf("a start warns: %s", &out)
		}
		b.Error("Operation failed", tag.Error(errors.New("disk is full")))
		if strings.Count(out.String(), "level=WARN") != 1 || !strings.Contains(out.String(), "disk is full") {
			t.Errorf("a true warning is hidden: %s", &out)
		}
		time.Sleep(startTime)
		say()
		for _, text := range []string{"shard status unknown", "Namespace lookup failed"} {
			if !strings.Contains(out.String(), text) {
				t.Errorf("%q is hidden for ever in %s", text, &out)
			}
		}
		out.Reset()
		cut := func() { b.Error("Unable to call matching.PollWorkflowTaskQueue.", tag.Error(context.Canceled)) }
		cut()
		if !strings.Contains(out.String(), "PollWorkflowTaskQueue") {
			t.Error("a call that is cut off in the middle of work is hidden")
		}
		out.Reset()
		time.Sleep(repeatAfter)
		e.Ending()
		cut()
		if out.Len() > 0 {
			t.Errorf("the end warns: %s", &out)
		}
	})
}
