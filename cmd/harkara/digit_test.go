package main

import (
	"io"
	"testing"
	"time"
)

// Numbers of the command line are read in any writing of their digits.
func TestCommandLineInUrduDigits(t *testing.T) {
	parse := func(args ...string) (c commands, err error) {
		parser, err := newParser(&c, io.Discard, io.Discard)
		if err == nil {
			_, err = parser.Parse(args)
		}
		return c, err
	}
	if c, err := parse("labels", "۱۲", "--skip", "٣", "--output", "labels.pdf"); err != nil || c.Labels.Count != 12 || c.Labels.Skip != 3 {
		t.Errorf("%+v, %v", c.Labels, err)
	}
	if c, err := parse("demo", "--for=۵m"); err != nil || c.Demo.For != 5*time.Minute {
		t.Errorf("%s, %v", c.Demo.For, err)
	}
	if c, err := parse("covers", "--from", "digit_test.go", "--anyway", "۳,٧-۹"); err != nil || !c.Covers.Anyway.has(8) || c.Covers.Anyway.has(4) {
		t.Errorf("%+v, %v", c.Covers.Anyway, err)
	}
	for _, args := range [][]string{{"labels", "twelve", "-o", "x.pdf"}, {"labels", "99999999999999999999", "-o", "x.pdf"}, {"demo", "--for", "soon"}} {
		if _, err := parse(args...); err == nil {
			t.Errorf("%q is taken", args)
		}
	}
}
