package gazette

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"io"
	"slices"
	"strings"

	"harkara/internal/custody"
	"harkara/internal/label"
)

// columns of a list in CSV; those that are needed come first.
var columns = []string{"from", "name_en", "to", "name_ur", "provisional", "order", "id", "calendars"}

const needed = 2

// readCSV reads a list whose first line names its columns.
func readCSV(raw []byte) (list []line, problems []error) {
	r := csv.NewReader(bytes.NewReader(raw))
	r.FieldsPerRecord, r.TrimLeadingSpace = -1, true
	if first, _, _ := bytes.Cut(raw, []byte("\n")); bytes.Contains(first, []byte(";")) && !bytes.Contains(first, []byte(",")) {
		r.Comma = ';'
	}
	head, err := r.Read()
	if err != nil {
		return nil, []error{fmt.Errorf("line 1: found nothing that names columns, expected %s", strings.Join(columns, ","))}
	}
	for i := range head {
		head[i] = strings.ToLower(strings.TrimSpace(head[i]))
		if !slices.Contains(columns, head[i]) {
			problems = append(problems, fmt.Errorf("line 1: found the column %q, expected some of %s", head[i], strings.Join(columns, ",")))
		}
	}
	for _, c := range columns[:needed] {
		if !slices.Contains(head, c) {
			problems = append(problems, fmt.Errorf("line 1: found no column %q, expected it", c))
		}
	}
	if len(problems) > 0 {
		return nil, problems
	}
	for {
		row, err := r.Read()
		if err == io.EOF {
			break
		}
		n, _ := r.FieldPos(0)
		at := fmt.Sprintf("line %d", n)
		if err != nil {
			return list, append(problems, err)
		}
		cell := func(column string) string {
			if i := slices.Index(head, column); i >= 0 && i < len(row) {
				return strings.TrimSpace(row[i])
			}
			return ""
		}
		if strings.Join(row, "") == "" {
			continue
		}
		h := custody.Holiday{ID: custody.HolidayID(cell("id")), Name: custody.Name{En: cell("name_en"), Ur: cell("name_ur")}, Order: cell("order"), Calendars: strings.Fields(cell("calendars"))}
		if h.Days, err = span(label.Latin(cell("from")), label.Latin(cell("to"))); err != nil {
			problems = append(problems, fmt.Errorf("%s: found %q to %q, expected days such as 2026-03-20, or of every year 08-14", at, cell("from"), cell("to")))
		}
		switch strings.ToLower(cell("provisional")) {
		case "", "no", "false", "0":
		case "yes", "true", "1":
			h.Provisional = true
		default:
			problems = append(problems, fmt.Errorf("%s: found %q as provisional, expected yes or no", at, cell("provisional")))
		}
		if len(h.Calendars) == 0 {
			h.Calendars = nil
		}
		list = append(list, line{h, at})
	}
	return list, problems
}
