package main

import (
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

const unitFile = "harkara-station.service"

// known are the directives that the unit may use (systemd.unit, .service, .exec).
var known = map[string][]string{
	"Unit": {"Description", "Wants"},
	"Service": {
		"ExecStart", "EnvironmentFile", "User", "SupplementaryGroups", "StateDirectory", "StateDirectoryMode", "Restart", "RestartSec", "TimeoutStopSec",
		"NoNewPrivileges", "ProtectSystem", "ProtectHome", "PrivateTmp", "ProtectKernelTunables", "ProtectKernelModules", "ProtectControlGroups",
		"RestrictAddressFamilies", "RestrictNamespaces", "LockPersonality", "ReadWritePaths",
	},
	"Install": {"WantedBy"},
}

// unit is what the unit file says; a directive that is commented out counts as "#".
func unit(t *testing.T) map[string]string {
	t.Helper()
	raw, err := os.ReadFile(unitFile)
	if err != nil {
		t.Fatal(err)
	}
	set, section := map[string]string{}, ""
	for line := range strings.Lines(string(raw)) {
		line = strings.TrimSpace(line)
		if name, is := strings.CutPrefix(line, "["); is {
			section = strings.TrimSuffix(name, "]")
			continue
		}
		name, value, is := strings.Cut(line, "=")
		if line == "" || strings.HasPrefix(line, "# ") {
			continue
		}
		if !is || !slices.Contains(known[section], strings.TrimPrefix(name, "#")) {
			t.Errorf("[%s] %s: no such directive", section, line)
		}
		if _, twice := set[name]; twice {
			t.Errorf("%s is there twice", name)
		}
		set[name] = value
	}
	return set
}

// The unit starts this program with flags that it knows, as the user, with the groups
// and in the folder that the page of docs makes for it.
func TestUnitStartsThisProgram(t *testing.T) {
	set := unit(t)
	docs, err := os.ReadFile("../../docs/station.md")
	if err != nil {
		t.Fatal(err)
	}
	words := strings.Fields(set["ExecStart"])
	var c commands
	parser, err := newParser(&c, io.Discard, io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	if parsed, err := parser.Parse(words[1:]); err != nil || parsed.Command() != "run" {
		t.Errorf("%s: %v", set["ExecStart"], err)
	}
	if folder := "/var/lib/" + set["StateDirectory"]; c.Run.Data != folder || !strings.Contains(string(docs), "`"+folder+"`") {
		t.Errorf("it keeps its data in %s, may write in %s", c.Run.Data, folder)
	}
	groups := strings.Join(strings.Fields(set["SupplementaryGroups"]), ",")
	for _, said := range []string{
		"station-arm64 " + words[0] + "\n",
		"useradd --system --home-dir /var/lib/" + set["StateDirectory"] + " --groups " + groups + " " + set["User"] + "\n",
		"/etc/systemd/system/", "systemctl enable --now " + strings.TrimSuffix(unitFile, ".service"), strings.TrimPrefix(set["EnvironmentFile"], "-"),
	} {
		if !strings.Contains(string(docs), said) {
			t.Errorf("the page of docs does not say %q", said)
		}
	}
}

// systemd itself finds nothing to say about the unit.
func TestUnitIsValid(t *testing.T) {
	analyze, err := exec.LookPath("systemd-analyze")
	if err != nil {
		t.Skip("no systemd here: ", err) // its directives are checked above
	}
	program, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	raw, err := os.ReadFile(unitFile)
	if err != nil {
		t.Fatal(err)
	}
	installed := strings.Replace(string(raw), strings.Fields(unit(t)["ExecStart"])[0], program, 1)
	path := filepath.Join(t.TempDir(), unitFile)
	if err := os.WriteFile(path, []byte(installed), 0o600); err != nil {
		t.Fatal(err)
	}
	if out, err := exec.CommandContext(t.Context(), analyze, "verify", "--man=no", path).CombinedOutput(); err != nil || len(out) > 0 {
		t.Errorf("%v\n%s", err, out) // unknown names are warned of only
	}
}
