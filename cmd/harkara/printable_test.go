package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"unicode/utf8"
)

// What a terminal obeys is shown, not done; letters of both languages stay.
func TestPrintable(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{"No. 7\tبجٹ نمبر\u200cها\n", "No. 7\tبجٹ نمبر\u200cها\n"},
		{"\x1b]0;owned\x07\x1b[2J", `\u001b]0;owned\u0007\u001b[2J`},
		{"\u009b31m\u0090", `\u009b31m\u0090`},
		{"a\rb\x08\x7f", `a\u000db\u0008\u007f`},
		{"\u202eabc\u202c\u2066\u200f\u061c", `\u202eabc\u202c\u2066\u200f\u061c`},
		{"\u2028\ufeff\U000e0041", `\u2028\ufeff\udb40\udc41`},
		{"\x9b31m\xff", "\ufffd31m\ufffd"},
		{"é\xc3", "é\ufffd"},
		{"؁۲۰۲۶", "؁۲۰۲۶"},
	} {
		for size := 1; size <= len(c.text); size++ { // however it is cut
			var b bytes.Buffer
			p := &printable{to: &b}
			for rest := c.text; rest != ""; {
				n, err := p.Write([]byte(rest[:min(size, len(rest))]))
				if err != nil || n != min(size, len(rest)) {
					t.Fatal(n, err)
				}
				rest = rest[n:]
			}
			p.end()
			if b.String() != c.want {
				t.Errorf("%+q in pieces of %d: %+q, want %+q", c.text, size, b.String(), c.want)
			}
		}
	}
}

// Every command prints through it: what the office says, what a file says, what was
// asked wrongly. JSON stays what it was.
func TestCommandsPrintNothingThatATerminalObeys(t *testing.T) {
	const evil = "x\x1b[2J\u202e\u009b"
	office := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.WriteHeader(map[bool]int{true: http.StatusNotFound, false: http.StatusOK}[strings.Contains(r.URL.Path, "11112222")])
		_ = json.NewEncoder(w).Encode(map[string]any{
			"file": map[string]any{"code": "OLD-1", "number": evil}, "position": map[string]any{"phase": evil}, "codes": []string{evil}, "error": map[string]string{"message": evil},
		})
	}))
	defer office.Close()
	for _, args := range [][]string{{"status", "OLD-1"}, {"status", "11112222"}, {"status", evil}, {evil}, {"serve", "--role", evil}, {"decode", "--json", evil}, {"covers", "--from", sheetOf(t, evil)}} {
		_, out := cli(t, office.URL, args...)
		if strings.ContainsAny(out, "\x1b\u202e\u009b") || args[0] != "covers" && !strings.Contains(out, `\u202e`) && !strings.Contains(out, `\x1b`) {
			t.Errorf("%q: %q", args, out)
		}
	}
}

// The log of a terminal has colours of its own and none of what it tells.
func TestLogOnATerminalObeysNothing(t *testing.T) {
	var b bytes.Buffer
	log := slog.New(coloured(&b, slog.LevelInfo))
	log.With("with", "\x1b[2J").Error("request failed", "path", "/\x1b]0;owned\x07", "err", errors.New("no file \x1b[31m\u202e"), "n", 7)
	out := b.String()
	for _, evil := range []string{"\x1b[2J", "\x1b]0", "\x1b[31m", "\u202e", "\x07"} {
		if strings.Contains(out, evil) {
			t.Errorf("%q: %q", evil, out)
		}
	}
	if !strings.Contains(out, "request failed") || !strings.Contains(out, `\u001b]0;owned`) {
		t.Errorf("%q", out)
	}
}

func FuzzPrintable(f *testing.F) {
	f.Add("a\x1b[2Jb\u202e", 1)
	f.Add("\xe2\x80", 2)
	f.Fuzz(func(t *testing.T, text string, size int) {
		var b bytes.Buffer
		p := &printable{to: &b}
		at := max(0, min(size, len(text)))
		_, _ = p.Write([]byte(text[:at]))
		_, _ = p.Write([]byte(text[at:]))
		p.end()
		if !utf8.Valid(b.Bytes()) || strings.ContainsFunc(b.String(), obeyed) {
			t.Fatalf("%+q prints %+q", text, b.String())
		}
	})
}
