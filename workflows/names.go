// Package workflows is the durable workflow of a file, and of a notice. A file's
// workflow owns no data beyond its snapshot: it gives every command its turn,
// keeps the clock, and asks custody what follows.
package workflows

import (
	"encoding/json"
	"strings"

	"harkara/internal/custody"
	"harkara/internal/label"
)

// Names that callers and recorded histories know.
const (
	FileType   = "file"
	NoticeType = "notice"

	CommandUpdate  = "command"
	SnapshotQuery  = "snapshot"
	RolloverSignal = "rollover"

	// TaskQueue is where workers look for both.
	TaskQueue = "harkara"
)

// Types of the errors with which a file's workflow refuses a command outright,
// without a trace in its history.
const (
	ErrSequence = "sequence"
	ErrDiverged = "diverged"
	ErrNewer    = "newer"
	ErrContents = "contents"
	ErrRebuilt  = "rebuilt" // it is of another incarnation than its sender
)

const filePrefix = "file-"

// FileID is the workflow id of a file.
func FileID(code label.Code) string { return filePrefix + string(code) }

// CodeOf returns the file of a workflow id; false for other workflows.
func CodeOf(id string) (label.Code, bool) {
	digits, ok := strings.CutPrefix(id, filePrefix)
	if !ok {
		return "", false
	}
	code, err := label.Check(digits)
	return code, err == nil
}

// NoticeID is the workflow id of a notice: one delivery for each key.
func NoticeID(key string) string { return "notice-" + key }

// Delivery is a command in the form in which it is stored, a custody.Resolved, with the
// ledger's head and the incarnation as its sender saw them. What the command relies on comes
// along when a worker has asked for it by ErrContents: it remembers that, for the commands
// of every file.
type Delivery struct {
	Command     json.RawMessage     `json:"command"`
	Contents    custody.Contents    `json:"contents,omitempty"`
	Head        custody.Head        `json:"head"`
	Incarnation custody.Incarnation `json:"incarnation,omitempty"`
}

// Snapshot is the answer to SnapshotQuery.
type Snapshot struct {
	State       custody.State       `json:"state"`
	Incarnation custody.Incarnation `json:"incarnation,omitempty"`
}
