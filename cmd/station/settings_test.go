package main

import (
	"bytes"
	"strings"
	"testing"
)

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
