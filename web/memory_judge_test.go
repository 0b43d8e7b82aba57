package web

import (
	"context"
	"fmt"

	"harkara/internal/custody"
	"harkara/internal/label"
)

// Judge judges a file as far as a memory has anything to tell it by: its chain, its words,
// and what was found of it before.
func (m *memory) Judge(_ context.Context, code label.Code) (*Finding, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if f, ok := m.found[code]; ok {
		return &f, m.away
	}
	file := m.files[code]
	if file == nil || file.head.Revision == 0 {
		return nil, custody.ErrNotFound
	}
	_, entries, broken := custody.Chain(custody.Head{}, code, file.stored)
	if broken != nil {
		return &Finding{File: code, Kind: "broken", Place: fmt.Sprintf("entry %d", len(entries)+1)}, m.away
	}
	for _, e := range entries {
		if m.words[e.Command].Check(e) != nil {
			return &Finding{File: code, Kind: "word", Place: fmt.Sprintf("entry %d", e.Revision)}, m.away
		}
	}
	return nil, m.away
}

func (m *memory) Examinations(_ context.Context, limit, findings int) (list []Examination, err error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, x := range m.examined[:min(limit, len(m.examined))] {
		x.Findings = x.Findings[:min(findings, len(x.Findings))]
		list = append(list, x)
	}
	return list, m.away
}
