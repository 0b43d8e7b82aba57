package web

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// deaf is a client that went away: its connection takes no more.
type deaf struct {
	httptest.ResponseRecorder
	headers int
}

func (d *deaf) WriteHeader(int)           { d.headers++ }
func (d *deaf) Write([]byte) (int, error) { return 0, errors.New("broken pipe") }

// A client that goes away in the middle of an answer gets no second one, and is no
// fault of this office.
func TestAnswerThatNobodyTakes(t *testing.T) {
	o := open(t, true)
	for _, path := range []string{"/", "/rooms", "/api/v1/board", "/api/v1/rooms"} {
		d := &deaf{ResponseRecorder: *httptest.NewRecorder()}
		o.handler.ServeHTTP(d, httptest.NewRequest(http.MethodGet, path, nil))
		if d.headers > 1 {
			t.Errorf("%s: %d answers", path, d.headers)
		}
	}
	if strings.Contains(o.log.String(), "level=ERROR") {
		t.Errorf("logged %s", o.log.String())
	}
}
