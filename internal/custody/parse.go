package custody

import (
	"encoding/json"
	"fmt"
	"reflect"
)

// CommandVersion is the version of commands that this program stores.
const CommandVersion = 1

// plainCommand is a command without its methods.
type plainCommand Command

// commandForm reads a command's JSON. What its kind says beside is read by the kind.
type commandForm struct {
	*plainCommand
	With json.RawMessage `json:"with"`
}

// unread is what a command says of a kind that this program does not know: it carries it.
type unread json.RawMessage

func (unread) check(Command) error            { return ErrNewer }
func (u unread) MarshalJSON() ([]byte, error) { return u, nil }

// with reads what a command says beside.
func (f commandForm) with(strict bool) (Payload, error) {
	k, known := KindOf(f.Kind)
	switch {
	case len(f.With) == 0 || string(f.With) == "null":
		return nil, nil
	case !known:
		return unread(f.With), nil
	}
	return k.read(f.With, strict)
}

// DecodeCommand reads a command's JSON at the door, where what is not known here is
// refused, so that a newer station is never half understood. Its form is for Validate to
// check. Errors wrap ErrMalformed; beside one there is what could be read.
func DecodeCommand(data []byte) (c Command, err error) {
	form := commandForm{plainCommand: (*plainCommand)(&c)}
	if err = strictJSON(data, &form); err == nil {
		c.With, err = form.with(true)
	}
	if err != nil {
		return c, fmt.Errorf("%w: %v", ErrMalformed, err)
	}
	return c, nil
}

// ParseCommand is DecodeCommand for a command that is whole: it may be a wake, which
// Validate refuses.
func ParseCommand(data []byte) (Command, error) {
	c, err := DecodeCommand(data)
	if err != nil {
		return Command{}, err
	}
	return c, c.check()
}

// ReadCommand reads a command as it was stored, whoever did. What the door refuses is
// another question: see ParseCommand. Errors: ErrNewer, others.
func ReadCommand(stored []byte) (c Command, err error) {
	var form struct {
		V int `json:"v"`
		commandForm
	}
	form.plainCommand = (*plainCommand)(&c)
	if err := readForm(stored, CommandVersion, &form, &form.V); err != nil {
		return Command{}, err
	}
	if _, known := KindOf(c.Kind); !known {
		return Command{ID: c.ID}, fmt.Errorf("kind %q: %w", c.Kind, ErrNewer)
	}
	c.With, err = form.with(false)
	return c, err
}

// UnmarshalJSON reads a command within another stored form, also one of a kind that this
// program does not know.
func (c *Command) UnmarshalJSON(data []byte) (err error) {
	*c = Command{}
	form := commandForm{plainCommand: (*plainCommand)(c)}
	if err := json.Unmarshal(data, &form); err != nil {
		return err
	}
	c.With, err = form.with(false)
	return err
}

// MarshalJSON leaves out a payload that says nothing.
func (c Command) MarshalJSON() ([]byte, error) {
	if c.With != nil && reflect.ValueOf(c.With).IsZero() {
		c.With = nil
	}
	return json.Marshal(plainCommand(c))
}

// Bytes returns the command's JSON, the form that is stored.
func (c Command) Bytes() []byte { return storedJSON(c) }

// Parse reads the payload of a command of the kind that a person gives, from JSON without
// keys that are not known here. Errors wrap ErrMalformed.
func (k Kind) Parse(data []byte) (Payload, error) {
	with, err := k.read(data, true)
	if err != nil {
		return nil, fmt.Errorf("%w: %v", ErrMalformed, err)
	}
	return with, nil
}
