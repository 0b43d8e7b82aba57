package custody

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
)

// Form is raised with any version of a stored form: what a program of a higher one has
// decided a file by, another leaves alone.
const Form = 1

// ErrNewer means that a later program stored a form that this one does not know. It is
// nobody's fault and no failure: whoever knows it will take it.
var ErrNewer = errors.New("a newer program stored it")

// storedJSON is how forms are written that are kept, hashed or carried: compact, and
// with HTML's characters escaped, so that a JSON encoder that carries such bytes does not
// change them.
func storedJSON(v any) []byte {
	b, err := json.Marshal(v)
	if err != nil {
		panic("custody: marshal: " + err.Error()) // strings, numbers and times only
	}
	return b
}

// readForm reads a stored form of at most a version, which its key "v" says. Keys that
// this program does not know are passed over: a later one added them, and did not think
// that they must be understood.
func readForm(stored []byte, known int, into any, version *int) error {
	err := json.Unmarshal(stored, into)
	if err == nil && *version <= known {
		return nil
	}
	var form struct {
		V int `json:"v"`
	}
	if err := json.Unmarshal(stored, &form); err == nil && form.V > known {
		return fmt.Errorf("version %d, known is %d: %w", form.V, known, ErrNewer)
	}
	return err
}

// strictJSON is for the door, where what is not understood is refused.
func strictJSON(data []byte, v any) error {
	dec := json.NewDecoder(bytes.NewReader(data))
	dec.DisallowUnknownFields()
	if err := dec.Decode(v); err != nil {
		return err
	}
	if dec.More() {
		return errors.New("more than one JSON value")
	}
	return nil
}
