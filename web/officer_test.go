package web

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"

	"harkara/internal/custody"
	"harkara/web/wire"
)

// A runner who is late is told on a page of his own, by his badge at any station, and
// so is who gave him the file; never an empty post.
func TestRunnerIsTold(t *testing.T) {
	r := open(t, true)
	jan, _ := r.office.OfficerByID("runner-1")
	code := r.file("SO(Dev) 3-9/2025", "Water supply scheme")
	r.scan(code, "a-104", custody.Context{Runner: jan.Code})
	r.clock.wait(24 * time.Hour)
	r.climb()
	page := r.call("GET", "/officers/"+string(jan.ID), "").Body.String()
	if !strings.Contains(page, "SO(Dev) 3-9/2025") || !strings.Contains(page, jan.Name.En) || !strings.Contains(page, "/files/"+string(code)) {
		t.Errorf("his page: %s", page)
	}
	sender := custody.OfficerID("")
	for _, n := range r.notices {
		if n.Notice.Post == "" && n.Notice.Officer == "" {
			t.Errorf("to nobody: %+v", n)
		}
		if n.Notice.File == code && n.Notice.Post != "" {
			sender = n.Notice.Officer
		}
	}
	if sender == "" {
		t.Error("the sender is not told")
	}
	r.tokens["t"] = "st-b-307" // another room's station
	var view wire.View
	w := r.call("GET", "/api/v1/station", "", bearer("t")...)
	if err := json.Unmarshal(w.Body.Bytes(), &view); err != nil || w.Code != http.StatusOK {
		t.Fatalf("%d %s, %v", w.Code, w.Body, err)
	}
	his := view.Badges[jan.Code]
	if len(view.Badges) != 1 || !strings.Contains(his.Title, jan.Name.En) || len(his.Told) == 0 || his.Told[0].Code != code {
		t.Errorf("by badge: %+v", view.Badges)
	}
	if w := r.call("GET", "/officers/nobody", ""); w.Code != http.StatusNotFound {
		t.Errorf("nobody's page: %d", w.Code)
	}
}
