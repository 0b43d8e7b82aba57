package web

import (
	"context"
	"errors"
	"testing"
	"time"

	"harkara/internal/custody"
	"harkara/internal/people"
	"harkara/web/lang"
)

// unknowing is a directory whose ledger does not answer.
type unknowing struct{ Directory }

func (unknowing) Office(context.Context, time.Time) (*custody.Office, error) {
	return nil, errors.New("the ledger is away")
}

// Who would speak of an office that is not known says so: the board's follower goes on.
func TestNobodySpeaksOfAnUnknownOffice(t *testing.T) {
	r := open(t, true)
	r.server.Directory = unknowing{r.server.Directory}
	if _, err := r.server.speaker(t.Context(), lang.English, people.Office); err == nil {
		t.Error("somebody speaks")
	}
}
