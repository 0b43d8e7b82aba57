package engine

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"harkara/internal/engine/postgres"
)

// door is the file that leads to an embedded Temporal: its address and the secret
// of this start, a line each. Like the database's passwords beside it, it is for
// the folder's owner alone.
func (e *Engine) door() string { return filepath.Join(e.cfg.Dir, "temporal") }

func (e *Engine) openDoor(address, secret string) error {
	if err := postgres.ReplaceFile(e.door(), address+"\n"+secret+"\n"); err != nil {
		return fmt.Errorf("tell where Temporal is: %w", err)
	}
	return nil
}

// findDoor reads it; an error where the other program's Temporal is not up yet.
func (e *Engine) findDoor() (address, secret string, err error) {
	text, err := os.ReadFile(e.door())
	if err != nil {
		return "", "", fmt.Errorf("find the Temporal of the other program: %w", err)
	}
	lines := strings.Fields(string(text))
	if len(lines) != 2 {
		return "", "", fmt.Errorf("%s does not say where Temporal is", e.door())
	}
	return lines[0], lines[1], nil
}

// shutDoor removes it.
func (e *Engine) shutDoor() error {
	if err := os.Remove(e.door()); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("forget where Temporal was: %w", err)
	}
	return nil
}
