package main

import (
	"bufio"
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"harkara/internal/label"
	"harkara/web/wire"
)

func TestEvents(t *testing.T) {
	o := newOffice(t)
	at, _ := o.serve(t, "")
	s := startStation(t, o.enrolled(t, "http://"+at))
	s.until("ok", func(v statusView) bool { return v.Server == "ok" })
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, s.url+"/api/v1/events", nil)
	if err != nil {
		t.Fatal(err)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	stream := bufio.NewScanner(resp.Body)
	next := func(name string) (data map[string]any) {
		t.Helper()
		for begins := true; stream.Scan(); begins = stream.Text() == "" {
			if name != "" && stream.Text() != "event: "+name || name == "" && (!begins || !strings.HasPrefix(stream.Text(), "data: ")) {
				continue
			}
			if name != "" {
				stream.Scan()
			}
			if err := json.Unmarshal([]byte(strings.TrimPrefix(stream.Text(), "data: ")), &data); err != nil {
				t.Fatal(err)
			}
			return data
		}
		t.Fatal("no event ", name)
		return nil
	}
	if q := next("queue"); q["server"] != "ok" || q["waiting"] != 0.0 {
		t.Error(q)
	}
	s.read(string(label.Onward))
	if e := next("read"); e["says"] != "onward" || e["tone"] != wire.ToneOpen || e["left"].(float64) < 10_000 {
		t.Error(e)
	}
	s.read(file(1))
	if e := next("read"); e["says"] != "scan" || e["tone"] != nil {
		t.Error(e)
	}
	if e := next(""); e["tone"] != wire.ToneUp || e["result"].(map[string]any)["say"].(map[string]any)["headline"] != "Received" {
		t.Error(e)
	}
	s.read("123")
	e := next("")
	if say := e["result"].(map[string]any)["say"].(map[string]any); e["tone"] != wire.ToneDown || say["tone"] != wire.ToneDown || say["headline"] != "Not a code of ours: check the digits" {
		t.Error(e)
	}
	s.read(file(1))
	e = next("")
	if c := e["command"].(map[string]any); e["tone"] != wire.ToneUp || e["result"] == nil || c["code"] != file(1) || c["with"].(map[string]any)["onward"] != true {
		t.Error(e)
	}
	if code := s.stop(); code != exitOK {
		t.Error(code)
	}
	for stream.Scan() {
	}
	if err := stream.Err(); err != nil {
		t.Error("the stream is torn off, not ended: ", err)
	}
}
