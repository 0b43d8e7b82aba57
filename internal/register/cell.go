package register

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"harkara/internal/custody"
)

// What spreadsheets leave in a cell. Texts are matched in the form of custody.KeyOf: small
// letters, Latin digits.
var (
	asText     = regexp.MustCompile(`^=\s*"((?:[^"]|"")*)"$`) // so that zeros in front stay
	errorCell  = regexp.MustCompile(`^(?:#(?:n/a|getting_data)|#[\p{L}\p{M}_./]{1,24}\d?[!?؟]|err:\d{3}|#{2,})$`)
	errorWord  = regexp.MustCompile(`^#[\p{L}\p{M}_./]+$`) // of a country's own spreadsheet: #NV, #Н/Д
	shortened  = regexp.MustCompile(`^[+-]?\d+(?:[.,]\d+)?e[+-]\d+$|^[+-]?\d+[.,]\d+e\d+$`)
	fraction   = regexp.MustCompile(`^\d+[.,]0+$`)
	grouped    = regexp.MustCompile(`^\d{1,3}(?:,\d{2,3})+$`)
	dated      = regexp.MustCompile(`^(?:\d{1,2}-)?(?:jan|feb|mar|apr|may|jun|jul|aug|sept?|oct|nov|dec)-\d{1,4}$`)
	tooLong    = regexp.MustCompile(`^\d{15}0+$`)
	unreadable = regexp.MustCompile(`\?{3,}|\x{fffd}`)
	misread    = regexp.MustCompile(`(?:[ØÙÚÛ][\x{80}-\x{ff}\x{152}-\x{2122}]){2}`) // UTF-8 of Urdu taken for Windows-1252
)

var errShortened = errors.New("a spreadsheet has shortened it and its digits are lost: make the column text and type it again")

// coded are the columns in which every character counts.
var coded = []string{"number", "code", "old"}

// meaning is what stands in a cell of a column.
func meaning(column string, c cell) (string, error) {
	text := c.text
	if !utf8.ValidString(text) {
		return "", errEncoding
	}
	text = custody.Prose(text)
	if m := asText.FindStringSubmatch(text); m != nil {
		text = strings.ReplaceAll(m[1], `""`, `"`)
	}
	if column != "subject" {
		text = custody.Plain(text)
		if cut, ok := strings.CutPrefix(text, "'"); ok && !strings.Contains(cut, "'") { // how Excel is told that digits are text
			text = custody.Plain(cut)
		}
	}
	key, exact := string(custody.KeyOf(text)), slices.Contains(coded, column)
	switch {
	case errorCell.MatchString(key), column != "subject" && errorWord.MatchString(key):
		return "", fmt.Errorf("%q is a spreadsheet's error", text)
	case !exact:
	case c.spoilt != nil:
		return "", c.spoilt
	case shortened.MatchString(key):
		return "", fmt.Errorf("%q: %w", text, errShortened)
	case column != "number" && fraction.MatchString(key):
		return "", fmt.Errorf("%q: a spreadsheet took it for a number: make the column text and type it again", text)
	case strings.HasPrefix(text, "="):
		return "", fmt.Errorf("%q is a formula", text)
	case strings.Contains(text, "\ufffd"):
		return "", fmt.Errorf("%q has lost a letter", text)
	}
	return text, nil
}

// odd says what in a cell looks as though it were not what was typed; empty: nothing.
func odd(column string, c cell, text string) string {
	key, exact := string(custody.KeyOf(text)), slices.Contains(coded, column)
	switch {
	case key == "":
	case unreadable.MatchString(text):
		return "question marks where letters were?"
	case misread.MatchString(text):
		return "letters of another encoding?"
	case !exact:
	case c.number:
		return fmt.Sprintf("%s is stored as a number: are zeros in front gone?", text)
	case fraction.MatchString(key):
		return fmt.Sprintf("%s ends as a spreadsheet writes numbers", text)
	case dated.MatchString(key):
		return fmt.Sprintf("%s looks like a date that a spreadsheet made of it", text)
	case column == "old" && grouped.MatchString(key):
		return fmt.Sprintf("%s has commas between its digits", text)
	case column == "old" && tooLong.MatchString(key):
		return fmt.Sprintf("%s: spreadsheets keep 15 digits, are the others gone?", text)
	}
	return ""
}
