package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"harkara/internal/office"
	"harkara/internal/secret"
)

// A token comes from where it is said: the command line before the environment, and a
// file that others can read, or a command line that they can see, is told once.
func TestWhereATokenComesFrom(t *testing.T) {
	var brought string
	office := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		brought = strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer ")
		_ = json.NewEncoder(w).Encode(map[string]any{"error": map[string]string{"message": "seen"}})
	}))
	defer office.Close()
	dir := t.TempDir()
	mine, open, torn := filepath.Join(dir, "mine"), filepath.Join(dir, "open"), filepath.Join(dir, "torn")
	for path, content := range map[string]string{mine: "of-mine\n", open: "of-open\n", torn: "two\nlines"} {
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Chmod(open, 0o644); err != nil {
		t.Fatal(err)
	}
	const seen, readable, which = "can see --token;", "can read the token in", "which?"
	for name, tt := range map[string]struct {
		env  map[string]string
		args []string
		want string
		says []string
	}{
		"nothing":              {},
		"command line":         {nil, []string{"--token", "typed"}, "typed", []string{seen}},
		"command line with =":  {nil, []string{"--token=typed"}, "typed", []string{seen}},
		"file":                 {nil, []string{"--token-file", mine}, "of-mine", nil},
		"file for others":      {nil, []string{"--token-file", open}, "of-open", []string{readable}},
		"file without a token": {nil, []string{"--token-file", torn}, "", []string{"no file of one token"}},
		"no file":              {nil, []string{"--token-file", mine + "x"}, "", []string{"no such file"}},
		"environment":          {map[string]string{"HARKARA_TOKEN": "env"}, nil, "env", nil},
		"file of environment":  {map[string]string{"HARKARA_TOKEN_FILE": mine}, nil, "of-mine", nil},
		"both of command line": {nil, []string{"--token", "typed", "--token-file", mine}, "", []string{seen, which}},
		"both of environment":  {map[string]string{"HARKARA_TOKEN": "env", "HARKARA_TOKEN_FILE": mine}, nil, "", []string{which}},
		"file before env":      {map[string]string{"HARKARA_TOKEN": "env"}, []string{"--token-file", mine}, "of-mine", nil},
		"token before env":     {map[string]string{"HARKARA_TOKEN_FILE": mine}, []string{"--token", "typed"}, "typed", []string{seen}},
	} {
		t.Run(name, func(t *testing.T) {
			for _, name := range []string{"HARKARA_TOKEN", "HARKARA_TOKEN_FILE"} {
				t.Setenv(name, tt.env[name])
				if tt.env[name] == "" {
					_ = os.Unsetenv(name)
				}
			}
			brought = ""
			for _, command := range [][]string{{"drawer"}, {"quarantine", "list"}, {"status", "16980329642303"}} {
				var errOut bytes.Buffer
				run(t.Context(), append(append(command, tt.args...), "--server", office.URL), strings.NewReader(""), io.Discard, &errOut)
				if brought != tt.want {
					t.Errorf("%s brought %q, want %q: %s", command[0], brought, tt.want, &errOut)
				}
				for _, text := range []string{seen, readable, which} {
					if n := strings.Count(errOut.String(), text); n != strings.Count(strings.Join(tt.says, " "), text) {
						t.Errorf("%s says %d times %q: %s", command[0], n, text, &errOut)
					}
				}
				for _, text := range tt.says {
					if !strings.Contains(errOut.String(), text) {
						t.Errorf("%s does not say %q: %s", command[0], text, &errOut)
					}
				}
				if strings.Contains(errOut.String(), "of-") {
					t.Errorf("%s prints the token: %s", command[0], &errOut)
				}
			}
		})
	}
}

// Other secrets of a command line are told as well.
func TestPasswordsOnTheCommandLineAreTold(t *testing.T) {
	for args, want := range map[string]int{
		"--database-url=postgres://u:secret@127.0.0.1:1/x":          1,
		"--database-url=postgres://u@127.0.0.1:1/x?password=secret": 1,
		"--database-url=postgres://u@127.0.0.1:1/x":                 0,
	} {
		var errOut bytes.Buffer
		run(t.Context(), []string{"person", "list", args}, strings.NewReader(""), io.Discard, &errOut)
		if got := strings.Count(errOut.String(), "can see the password"); got != want || strings.Contains(errOut.String(), "secret") {
			t.Errorf("%s: told %d times: %s", args, got, &errOut)
		}
	}
}

// The first start gives the administrator's one-time secret to a file that its owner alone
// can read, and prints it nowhere; a later start leaves it alone; a new one replaces it. Whoever
// has signed in and has a token acts by it.
func TestFirstStartKeepsTheSecretInAFile(t *testing.T) {
	needPostgres(t)
	dir := dataFolder(t)
	defer os.RemoveAll(dir)
	data := filepath.Join(dir, "data")
	path := filepath.Join(data, office.AdministratorFile)
	var once string
	for start := range 2 {
		out, errOut := served(t, data, func(base string) {
			info, err := os.Stat(path)
			if err != nil || info.Mode() != 0o600 {
				t.Fatal(info, err)
			}
			is, open, err := secret.Read(path)
			if err != nil || open || once != "" && is != once {
				t.Fatal("the secret is not what it was: ", open, err)
			}
			once = is
			token := filepath.Join(dir, fmt.Sprintf("%d.token", start))
			if code, out := harkara(t, "person", "token", "administrator", "--data", data, "-o", token); code != exitOK {
				t.Fatal(code, out)
			}
			t.Setenv("HARKARA_TOKEN_FILE", token)
			retry := time.NewTicker(50 * time.Millisecond)
			defer retry.Stop()
			for status := ""; !strings.Contains(status, `"status":"ok"`) && !strings.Contains(status, "nearly full"); {
				select {
				case <-retry.C:
					_, status = health(t, base)
				case <-t.Context().Done():
					t.Fatal(status)
				}
			}
			if code, out := cli(t, base, "drawer"); code != exitOK || !strings.Contains(out, "empty") {
				t.Errorf("drawer: %d %s", code, out)
			}
		})
		if strings.Contains(out+errOut, once) {
			t.Error("the secret is printed")
		}
		for _, alarm := range []string{"not reached yet", "is not found", "shard status unknown"} {
			if strings.Contains(errOut, alarm) {
				t.Errorf("start %d alarms: %s", start, errOut)
			}
		}
		if strings.Contains(out, path) != (start == 0) {
			t.Errorf("start %d says %q", start, out)
		}
	}
	other := filepath.Join(dir, "new.secret")
	if code, out := harkara(t, "person", "reset", "administrator", "--data", data, "-o", other); code != exitOK || strings.Contains(out, once) {
		t.Fatal(code, out)
	}
	if info, err := os.Stat(other); err != nil || info.Mode() != 0o600 {
		t.Error(info, err)
	}
	if _, err := os.Stat(path); !os.IsNotExist(err) {
		t.Error("the older secret still lies there: ", err)
	}
}

// served runs an office on a folder while f does something with it, and returns what it
// said.
func served(t *testing.T, data string, f func(base string)) (out, errOut string) {
	t.Helper()
	var both [2]bytes.Buffer
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	at := make(chan string, 1)
	ended := make(chan int, 1)
	lines := &readyLine{to: &both[0], at: at}
	go func() {
		ended <- run(ctx, []string{"serve", "--data", data, "--addr", "127.0.0.1:0"}, strings.NewReader(""), lines, &both[1])
	}()
	select {
	case base := <-at:
		f(base)
	case code := <-ended:
		t.Fatalf("serve ended with %d: %s", code, &both[1])
	}
	stop()
	if code := <-ended; code != exitOK {
		t.Errorf("serve ended with %d: %s", code, &both[1])
	}
	return both[0].String(), both[1].String()
}

// readyLine tells where an office serves as soon as it says so.
type readyLine struct {
	to *bytes.Buffer
	at chan string
}

func (l *readyLine) Write(p []byte) (int, error) {
	if _, base, ready := strings.Cut(string(p), "ready on "); ready {
		l.at <- strings.TrimSpace(base)
	}
	return l.to.Write(p)
}
