package bench

import (
	"fmt"
	"os/exec"
)

// browser finds Chromium by Debian's name or Ubuntu's.
func browser() (path string, err error) {
	for _, name := range []string{"chromium", "chromium-browser"} {
		if path, err = exec.LookPath(name); err == nil {
			return path, nil
		}
	}
	return "", fmt.Errorf("find Chromium (Debian's package chromium, Ubuntu's chromium-browser): %w", err)
}
