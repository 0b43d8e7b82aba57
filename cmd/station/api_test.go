package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/google/uuid"

	"harkara/web/wire"
)

// The page's commands are kept by the agent as the office would keep them, and
// answered by the office where it is there.
func TestPageSpeaksWithTheAgentAsWithTheOffice(t *testing.T) {
	o := newOffice(t)
	at, down := o.serve(t, "")
	s := startStation(t, o.enrolled(t, "http://"+at))
	s.until("ok", func(v statusView) bool { return v.Server == "ok" })
	post := func(body string) (int, []struct {
		ID     string
		Stored bool
		Error  *wire.Problem
		Say    *struct{ Headline string }
	},
	) {
		t.Helper()
		var out struct {
			Results []struct {
				ID     string
				Stored bool
				Error  *wire.Problem
				Say    *struct{ Headline string }
			}
		}
		code, raw := s.call(http.MethodPost, "/api/v1/scans?wait=5s&lang=ur", body, "Authorization", "Bearer whatever")
		if err := json.Unmarshal(raw, &out); err != nil {
			t.Fatal(err, string(raw))
		}
		return code, out.Results
	}
	one := func(id string) string {
		return fmt.Sprintf(`{"id":%q,"kind":"scan","code":%q,"at":{"wall":"2026-01-12T04:00:00Z"}}`, id, file(9))
	}
	id := uuid.NewString()
	for range 2 { // the page lost the first answer
		code, results := post(one(id))
		if code != http.StatusOK || len(results) != 1 || !results[0].Stored || results[0].ID != id {
			t.Fatal(code, results)
		}
		if results[0].Say == nil || results[0].Say.Headline != "Received" {
			t.Errorf("%+v", results[0])
		}
	}
	down()
	code, results := post("[" + one(uuid.NewString()) + "," + one("no id") + `,{"kind":"scan"}]`)
	if code != http.StatusOK || len(results) != 3 || !results[0].Stored || results[0].Say != nil || results[1].Error == nil || !results[1].Stored || results[2].Error == nil {
		t.Error(code, results)
	}
	if v := s.status(); v.Waiting != 1 || v.Drawer != 2 {
		t.Errorf("%+v", v)
	}
	for _, bad := range []string{"", "{", `"`} {
		if code, _ := s.call(http.MethodPost, "/api/v1/scans", bad); code != http.StatusBadRequest {
			t.Errorf("%q: %d", bad, code)
		}
	}
	var out bytes.Buffer
	if code := run(t.Context(), []string{"drawer", "--addr", strings.TrimPrefix(s.url, "http://")}, nil, &out, &out); code != exitOK || strings.Count(out.String(), "\n") != 2 || !strings.Contains(out.String(), `{"kind":"scan"}`) || strings.Count(out.String(), " UTC-03:30\t") != 2 {
		t.Error(code, out.String())
	}
	out.Reset()
	if code := run(t.Context(), []string{"status", "--addr", strings.TrimPrefix(s.url, "http://")}, nil, &out, &out); code != exitOK || !strings.Contains(out.String(), "waiting  1") || !strings.Contains(out.String(), "office   away") {
		t.Error(code, out.String())
	}
}

// Other sites get nowhere, whatever name leads them here.
func TestGuard(t *testing.T) {
	o := newOffice(t)
	s := startStation(t, o.enrolled(t, "http://127.0.0.1:1"))
	host := strings.TrimPrefix(s.url, "http://")
	_, port, _ := strings.Cut(host, ":")
	for name, c := range map[string]struct {
		headers []string
		want    int
	}{
		"by address":          {nil, 200},
		"by name":             {[]string{"Host", "localhost:" + port}, 200},
		"its own page":        {[]string{"Origin", s.url, "Sec-Fetch-Site", "same-origin"}, 200},
		"typed by a person":   {[]string{"Sec-Fetch-Site", "none"}, 200},
		"another name":        {[]string{"Host", "evil.example:" + port}, 403},
		"a name like ours":    {[]string{"Host", "localhost.evil.example"}, 403},
		"the machine's other": {[]string{"Host", "192.168.1.7:" + port}, 403},
		"another origin":      {[]string{"Origin", "http://evil.example"}, 403},
		"another port":        {[]string{"Origin", "http://127.0.0.1:1"}, 403},
		"no origin":           {[]string{"Origin", "null"}, 403},
		"across sites":        {[]string{"Sec-Fetch-Site", "cross-site"}, 403},
	} {
		for _, path := range []string{"/api/v1/status", "/api/v1/station", "/api/v1/drawer"} {
			if code, _ := s.call(http.MethodGet, path, "", c.headers...); code != c.want {
				t.Errorf("%s: %s %d, want %d", name, path, code, c.want)
			}
		}
		if code, _ := s.call(http.MethodPost, "/api/v1/scans", "[]", c.headers...); code != c.want {
			t.Errorf("%s: post %d, want %d", name, code, c.want)
		}
	}
	if code, _ := s.call(http.MethodGet, "/api/v1/nothing", ""); code != http.StatusNotFound {
		t.Error(code)
	}
}
