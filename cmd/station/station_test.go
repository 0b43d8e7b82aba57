package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"image/png"
	"net/http"
	"os"
	"os/signal"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"

	"github.com/google/uuid"
	"github.com/makiuchi-d/gozxing"
	"github.com/makiuchi-d/gozxing/qrcode"

	"harkara/internal/engine/postgres/pgtest"
	"harkara/internal/label"
	"harkara/web/wire"
)

// asProgram makes the test binary behave as station itself, for the test that kills
// it.
const asProgram = "HARKARA_TEST_STATION"

func TestMain(m *testing.M) {
	if os.Getenv(asProgram) != "" {
		ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
		defer stop()
		os.Exit(run(ctx, os.Args[1:], os.Stdin, os.Stdout, os.Stderr))
	}
	pgtest.Main(m)
}

// A refusal that the office lists is told once, whatever else it lists later and after a
// new start; one that comes after a scan was said to be kept is, too.
func TestRefusedAfterItWasKept(t *testing.T) {
	o := newOffice(t)
	at, down := o.serve(t, "")
	data := o.enrolled(t, "http://"+at)
	s := startStation(t, data)
	s.until("ok", func(v statusView) bool { return v.Server == "ok" })
	list := func(numbers ...uint64) {
		var list []string
		for _, n := range numbers {
			list = append(list, fmt.Sprintf(`{"id":"c%d","code":%q,"what":"In another room","at":"10:40"}`, n, file(n)))
		}
		o.mu.Lock()
		o.refused = strings.Join(list, ",")
		o.mu.Unlock()
	}
	told := func() (commands []string) {
		for line := range strings.Lines(s.log.String()) {
			if _, after, is := strings.Cut(line, " command="); is && strings.Contains(line, "refused after it was kept") {
				commands = append(commands, strings.Fields(after)[0])
			}
		}
		return commands
	}
	for _, tt := range []struct {
		listed []uint64
		told   []string
	}{
		{[]uint64{1}, []string{"c1"}},
		{[]uint64{2, 1}, []string{"c1", "c2"}},
		{[]uint64{2}, []string{"c1", "c2"}},
		{[]uint64{4, 3, 2}, []string{"c1", "c2", "c4", "c3"}},
	} {
		list(tt.listed...)
		s.read(file(7)) // an answer has the view asked for anew
		s.until("told of what is listed", func(statusView) bool {
			var view struct{ Refused []wire.Refusal }
			_, raw := s.call(http.MethodGet, "/api/v1/station", "")
			return json.Unmarshal(raw, &view) == nil && len(view.Refused) == len(tt.listed) && slices.Equal(told(), tt.told)
		})
	}
	if code := s.stop(); code != exitOK {
		t.Fatal(code, s.log)
	}
	s = startStation(t, data)
	s.until("listed again", func(statusView) bool {
		var view struct{ Refused []wire.Refusal }
		_, raw := s.call(http.MethodGet, "/api/v1/station", "")
		return json.Unmarshal(raw, &view) == nil && len(view.Refused) == 3
	})
	s.until("ok", func(v statusView) bool { return v.Server == "ok" })
	s.read(file(8))
	if got := told(); len(got) != 0 {
		t.Errorf("told %v again after a new start", got)
	}
	down()
	if line := s.read("FIN/COURIER-9"); !strings.HasPrefix(line, "kept ") {
		t.Error(line)
	}
	o.serve(t, at)
	s.until("delivered", func(v statusView) bool { return v.Waiting == 0 })
	s.until("told of the last", func(statusView) bool { return len(told()) == 1 })
}

// What is read is answered by the office; while it is away it is kept, and when it
// comes back it gets everything in order, with its cards, once.
func TestOffline(t *testing.T) {
	o := newOffice(t)
	at, down := o.serve(t, "")
	data := o.enrolled(t, "http://"+at)
	s := startStation(t, data)
	s.until("ok", func(v statusView) bool { return v.Server == "ok" })
	if line := s.read(file(1)); !strings.HasPrefix(line, "up ") || !strings.HasSuffix(line, file(1)+" Yes. Received. Keep it") {
		t.Error(line)
	}
	hold := string(label.New(label.Card, 505))
	for text, want := range map[string]string{
		"123":              "down 123 No. Not a code of ours: check the digits",
		hold:               "down " + hold + " No. This card is not in use yet: nothing was recorded",
		string(label.Done): "soft " + string(label.Done) + " End of batch",
	} {
		if line := s.read(text); line != want {
			t.Errorf("%q, want %q", line, want)
		}
	}
	down()
	if line := s.read(file(2)); !strings.HasPrefix(line, "kept ") {
		t.Error(line)
	}
	s.until("away", func(v statusView) bool { return v.Server == "away" && v.Waiting == 1 })
	s.read(string(desk)) // it takes the file before, and no other
	if line := s.read(string(desk)); !strings.HasPrefix(line, "open ") {
		t.Errorf("read first it opens a batch: %q", line)
	}
	if line := s.read(file(3)); !strings.HasPrefix(line, "kept ") {
		t.Error(line)
	}
	if code := s.stop(); code != exitOK {
		t.Fatal(code, s.log)
	}
	s = startStation(t, data) // the power was gone; the card still lies open
	if line := s.read(file(4)); !strings.HasPrefix(line, "kept ") {
		t.Error(line)
	}
	var view struct {
		Room, Server string
		Waiting      int
		Expected     []struct{ Number string }
	}
	if code, raw := s.call(http.MethodGet, "/api/v1/station", ""); code != 200 || json.Unmarshal(raw, &view) != nil || view.Room != "Room 7" || view.Server != "away" || view.Waiting != 4 || len(view.Expected) != 1 {
		t.Errorf("the office's last word: %d %s", code, raw)
	}
	o.set(func() {
		o.fault = func(n int, _ http.ResponseWriter) bool {
			if n%3 == 0 {
				panic(http.ErrAbortHandler) // done but reported failed
			}
			return true
		}
	})
	o.serve(t, at)
	s.until("all delivered", func(v statusView) bool { return v.Waiting == 0 && v.Server == "ok" })
	var got []string
	for i, c := range o.has() {
		got = append(got, fmt.Sprint(c.Code, c.desk()))
		if c.At.Seq != int64(i+1) || len(c.At.Boot) < 36 {
			t.Errorf("%+v at place %d", c.At, i)
		}
	}
	with := func(n uint64) string { return file(n) + string(desk) }
	if want := []string{file(1), file(2), with(2), with(3), with(4)}; !slices.Equal(got, want) {
		t.Errorf("got  %v\nwant %v", got, want)
	}
}

// A label that no file has is a refusal that says so: no matter for the administrator.
// While the office is away nobody says where to put what may be a parcel.
func TestForeignLabels(t *testing.T) {
	o := newOffice(t)
	at, down := o.serve(t, "")
	s := startStation(t, o.enrolled(t, "http://"+at))
	s.until("ok", func(v statusView) bool { return v.Server == "ok" })
	if line := s.read("courier-77"); !strings.HasPrefix(line, "down ") || !strings.HasSuffix(line, " COURIER-77 No. No file has this code") {
		t.Errorf("%q", line)
	}
	photo := oldCover(t, "FIN-2019/0123")
	if code, raw := s.call(http.MethodPost, "/api/v1/images?wait=5s", photo); code != http.StatusOK || !strings.Contains(string(raw), `"foreign"`) {
		t.Errorf("a photograph: %d %s", code, raw)
	}
	down()
	line := s.read("courier-78")
	if !strings.HasPrefix(line, "kept ") || strings.Contains(line, "nothing is lost") || !strings.Contains(line, "will be told when the server is back") {
		t.Errorf("%q", line)
	}
	o.serve(t, at)
	s.until("all delivered", func(v statusView) bool { return v.Waiting == 0 })
	if v := s.status(); v.Drawer != 0 || strings.Contains(s.log.String(), "level=ERROR") || len(o.has()) != 3 {
		t.Errorf("%+v, %d stored\n%s", v, len(o.has()), s.log)
	}
}

// oldCover is a photograph of somebody else's label.
func oldCover(t *testing.T, text string) string {
	t.Helper()
	matrix, err := qrcode.NewQRCodeWriter().Encode(text, gozxing.BarcodeFormat_QR_CODE, 300, 300, nil)
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	if err := png.Encode(&b, matrix); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

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
	if code := run(t.Context(), []string{"drawer", "--addr", strings.TrimPrefix(s.url, "http://")}, nil, &out, &out); code != exitOK || strings.Count(out.String(), "\n") != 2 || !strings.Contains(out.String(), `{"kind":"scan"}`) {
		t.Error(code, out.String())
	}
	out.Reset()
	if code := run(t.Context(), []string{"status", "--addr", strings.TrimPrefix(s.url, "http://")}, nil, &out, &out); code != exitOK || !strings.Contains(out.String(), "waiting  1") || !strings.Contains(out.String(), "office   away") {
		t.Error(code, out.String())
	}
}

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

// A lost answer of the office does not waste the code, and the machine then works.
func TestEnrol(t *testing.T) {
	o := newOffice(t)
	o.codes["1234 5678 9012"], o.deaf = true, 1
	at, _ := o.serve(t, "")
	data := filepath.Join(t.TempDir(), "new")
	var out bytes.Buffer
	enrol := func(code string) int {
		out.Reset()
		return run(t.Context(), []string{"enrol", "--data", data, "--server", "http://" + at, code}, nil, &out, &out)
	}
	if code := run(t.Context(), []string{"run", "--data", data, "--addr", "127.0.0.1:0"}, nil, &out, &out); code != exitFailed || !strings.Contains(out.String(), "station enrol") {
		t.Error(code, out.String())
	}
	if code := enrol("0000 0000 0000"); code != exitFailed || !strings.Contains(out.String(), "one-time code") {
		t.Error(code, out.String())
	}
	if code := enrol("1234 5678 9012"); code != exitFailed {
		t.Error(code, out.String())
	}
	if code := enrol("1234 5678 9012"); code != exitOK || !strings.Contains(out.String(), "station st-7") {
		t.Fatal(code, out.String())
	}
	for _, name := range []string{identityFile} {
		if info, err := os.Stat(filepath.Join(data, name)); err != nil || info.Mode().Perm() != 0o600 {
			t.Error(info, err)
		}
	}
	if _, err := os.Stat(filepath.Join(data, pendingFile)); err == nil {
		t.Error("the token lies about")
	}
	s := startStation(t, data)
	s.until("ok", func(v statusView) bool { return v.Server == "ok" })
	if line := s.read(file(1)); !strings.HasPrefix(line, "up ") {
		t.Error(line)
	}
}

// A one-time code may come where nobody sees it, and the token from a file of its own;
// that others can read one is told.
func TestSecretsOfFiles(t *testing.T) {
	o := newOffice(t)
	o.codes["1234 5678 9012"] = true
	at, _ := o.serve(t, "")
	data := filepath.Join(t.TempDir(), "new")
	var out bytes.Buffer
	if code := run(t.Context(), []string{"enrol", "--data", data, "--server", "http://" + at, "-"}, strings.NewReader("1234 5678 9012\r\n"), &out, &out); code != exitOK {
		t.Fatal(code, &out)
	}
	id, open, err := loadIdentity(data, "")
	if err != nil || len(open) != 0 {
		t.Fatal(open, err)
	}
	file, path := filepath.Join(t.TempDir(), "token"), filepath.Join(data, identityFile)
	if err := os.WriteFile(file, []byte("another\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if other, open, err := loadIdentity(data, file); err != nil || other.Token != "another" || other.Station != id.Station || len(open) != 0 {
		t.Error(other.Token, open, err)
	}
	for _, f := range []string{file, path} {
		if err := os.Chmod(f, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if _, open, err := loadIdentity(data, file); err != nil || len(open) != 2 {
		t.Errorf("%v can be read by others, it says %v, %v", []string{file, path}, open, err)
	}
	if _, _, err := loadIdentity(data, file+".gone"); err == nil {
		t.Error("a token file that is not there is taken for none")
	}
	s := startStation(t, data)
	s.until("ok", func(v statusView) bool { return v.Server == "ok" })
	if code := s.stop(); code != exitOK || !strings.Contains(s.log.String(), "others can read this station's token") {
		t.Error(code, s.log)
	}
}

// A station whose token was ended says that it must be enrolled again, not that the
// server is away.
func TestRefusedStation(t *testing.T) {
	o := newOffice(t)
	at, _ := o.serve(t, "")
	s := startStation(t, o.enrolled(t, "http://"+at))
	s.until("ok", func(v statusView) bool { return v.Server == "ok" })
	o.set(func() { o.token = "another machine's" })
	for _, text := range []string{file(1), file(2), "courier-77"} {
		if line := s.read(text); !strings.HasPrefix(line, "kept ") || strings.Contains(line, "away") || !strings.Contains(line, "enrol") {
			t.Errorf("%q", line)
		}
	}
	s.until("refused", func(v statusView) bool { return v.Server == "refused" && v.Waiting == 3 })
}

// A line that is no code, however long, is answered as such, and the next is heard. Input
// that breaks off is shown as lost; what ended is not.
func TestStandardInput(t *testing.T) {
	o := newOffice(t)
	folder := t.TempDir() // another source: the station outlives its input
	for _, why := range []error{nil, errors.New("input/output error")} {
		s := startStation(t, o.enrolled(t, "http://127.0.0.1:1"), "--folder", folder)
		if line := s.read(strings.Repeat("9", 70_000)); line != "down  No. Not a code of ours: check the digits" {
			t.Errorf("%q", line)
		}
		if line := s.read(label.Code(file(1)).Format()); !strings.HasPrefix(line, "kept ") {
			t.Errorf("%q", line)
		}
		is := func(v statusView) (state string) {
			for _, src := range v.Sources {
				if src.Name == "standard input" {
					state = "there " + src.Lost
				}
			}
			return state
		}
		if state := is(s.status()); state != "there " {
			t.Errorf("%q", state)
		}
		if err := s.in.CloseWithError(why); err != nil {
			t.Fatal(err)
		}
		s.until("ended", func(v statusView) bool {
			return why == nil && is(v) == "" || why != nil && strings.Contains(is(v), why.Error())
		})
		s.stop()
	}
}

// Standard input that ends ends the station, after its answers.
func TestPipeEnds(t *testing.T) {
	o := newOffice(t)
	at, _ := o.serve(t, "")
	var out, log safeBuffer
	code := run(t.Context(), []string{"run", "--data", o.enrolled(t, "http://"+at), "--addr", "127.0.0.1:0", "--stdin"}, strings.NewReader(file(1)+"\n"), &out, &log)
	if code != exitOK || strings.Count(out.String(), "\n") != 2 || !strings.Contains(out.String(), file(1)) {
		t.Error(code, out.String(), log.String())
	}
}

func TestSettings(t *testing.T) {
	var out bytes.Buffer
	code := run(t.Context(), []string{
		"run", "--data", t.TempDir(), "--addr", "0.0.0.0:80", "--server", "office", "--serial", "/dev/ttyS0@fast", "--camera", "rtsp://kiosk:secret@camera/", "--lamp", "/nowhere/lamp", "--lang", "fr",
	}, nil, &out, &out)
	if code != exitUsage || strings.Contains(out.String(), "secret") {
		t.Error(code, out.String())
	}
	for _, problem := range []string{"--addr", "--server", "--serial", "--camera", "--lamp", "--lang"} {
		if !strings.Contains(out.String(), problem) {
			t.Errorf("%s is not named in %s", problem, &out)
		}
	}
}
