package main

import (
	"fmt"
	"strings"

	"harkara/internal/custody"
)

// decided is what the office says that a command came to.
type decided struct {
	Error   *struct{ Message string }
	Outcome *custody.Outcome // nil: it is not decided yet
	Say     *said
}

// said is an answer in words.
type said struct{ Word, Headline, Next, By string }

func (s said) String() string {
	parts := []string{s.Word, s.Headline}
	if s.Next != "" {
		parts = append(parts, s.Next)
	}
	if s.By != "" {
		parts = append(parts, "by "+s.By)
	}
	return strings.Join(parts, ". ")
}

// refused is why the file did not take the command.
func (d decided) refused() error {
	switch {
	case d.Outcome == nil || d.Outcome.Verdict != custody.Refused:
		return nil
	case d.Say == nil:
		return no("%s", d.Outcome.Reason)
	}
	return no("%s", d.Say.Headline)
}

// print says it; errFound where the answer is no, or nobody can decide.
func (d decided) print(w *world) error {
	switch {
	case d.Say != nil:
		fmt.Fprintln(w.out, d.Say)
	case d.Error != nil:
		fmt.Fprintln(w.out, d.Error.Message)
	default:
		fmt.Fprintln(w.out, "scan kept, not yet entered")
	}
	if d.Error != nil || d.refused() != nil {
		return errFound
	}
	return nil
}
