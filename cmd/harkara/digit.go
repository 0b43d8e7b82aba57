package main

import (
	"fmt"
	"reflect"
	"strconv"
	"time"

	"github.com/alecthomas/kong"

	"harkara/internal/label"
)

// number reads a whole number of the command line, in any writing of its digits.
func number(from *kong.DecodeContext, into reflect.Value) error {
	var text string
	if err := from.Scan.PopValueInto("int", &text); err != nil {
		return err
	}
	n, err := strconv.ParseInt(label.Latin(text), 10, strconv.IntSize)
	if err != nil {
		return fmt.Errorf("%q is no whole number", text)
	}
	into.SetInt(n)
	return nil
}

// duration reads a time span of the command line, such as 90s.
func duration(from *kong.DecodeContext, into reflect.Value) error {
	var text string
	if err := from.Scan.PopValueInto("duration", &text); err != nil {
		return err
	}
	d, err := time.ParseDuration(label.Latin(text))
	if err != nil {
		return fmt.Errorf("%q is no time span: say 90s, 5m or 2h", text)
	}
	into.SetInt(int64(d))
	return nil
}
