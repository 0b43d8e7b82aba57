package web

import (
	"context"

	"harkara/internal/custody"
)

func (m *memory) PutNamed(ctx context.Context, c custody.Command, _ custody.Lane) (custody.Receipt, error) {
	number, anyway := c.Names()
	if rows, err := m.Numbered(ctx, number); err != nil {
		return custody.Receipt{}, err
	} else if !anyway && number != "" {
		for _, row := range rows {
			m.mu.Lock()
			_, again := m.bodies[c.ID]
			m.mu.Unlock()
			if row.File.Code != c.Code && !again {
				return custody.Receipt{}, custody.NumberTaken{Files: rows}
			}
		}
	}
	receipts, err := m.Put(ctx, []custody.Command{c})
	if err != nil {
		return custody.Receipt{}, err
	}
	return receipts[0], nil
}

func (m *memory) Numbered(_ context.Context, number string) ([]custody.Row, error) {
	return m.rows(func(f custody.File) bool { return custody.KeyOf(f.Number) == custody.KeyOf(number) })
}

func (m *memory) Alike(_ context.Context, subject string, department custody.DepartmentID) ([]custody.Row, error) {
	return m.rows(func(f custody.File) bool {
		return f.Subject == subject && f.Class == custody.Ordinary && f.Department == department
	})
}

func (m *memory) rows(want func(custody.File) bool) (rows []custody.Row, err error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, f := range m.files {
		if f.head.Revision > 0 && want(f.file) {
			rows = append(rows, m.row(f))
		}
	}
	return rows, nil
}
