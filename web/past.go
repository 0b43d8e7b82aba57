package web

import (
	"context"

	"harkara/internal/custody"
	"harkara/internal/label"
)

// past is a file's chain of custody with what people typed on the way.
type past struct {
	head    custody.Head
	entries []custody.Entry
	texts   []custody.Texts  // of each entry: the words that its digests stand for
	called  []custody.Naming // after each entry
	whole   bool             // the chain holds, and every word has its digest
}

// past reads and checks it. Words that are not there any more are left out.
func (s *Server) past(ctx context.Context, code label.Code) (past, error) {
	stored, err := s.Registry.Entries(ctx, code)
	if err != nil {
		return past{}, err
	}
	words, err := s.Registry.Words(ctx, code)
	if err != nil {
		return past{}, err
	}
	var p past
	var broken error
	p.head, p.entries, broken = custody.Chain(custody.Head{}, code, stored)
	if broken != nil {
		s.noise.Error("chain of custody is broken "+string(code), "chain of custody is broken", "file", code, "err", broken)
	}
	p.whole = broken == nil
	var called custody.Naming
	for _, e := range p.entries {
		said, texts := words[e.Command], custody.Texts{}
		for field, digest := range e.Words {
			switch word, there := said[field]; {
			case !there:
			case word.Digest(e.Command, field) == digest:
				texts[field] = word.Text
			default:
				p.whole = false
				s.noise.Error("words are altered "+string(code), "words are altered", "file", code, "revision", e.Revision, "field", field)
			}
		}
		called = called.After(e, said)
		p.texts, p.called = append(p.texts, texts), append(p.called, called)
	}
	return p, nil
}

// name is what the file is called now.
func (p past) name() custody.Naming {
	if len(p.called) == 0 {
		return custody.Naming{}
	}
	return p.called[len(p.called)-1]
}
