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
}

// past reads it as far as it holds. Words that are not there any more, or not what they
// were, are left out: what that means is for the judge to say.
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
	p.head, p.entries, _ = custody.Chain(custody.Head{}, code, stored)
	var called custody.Naming
	for _, e := range p.entries {
		said, texts := words[e.Command], custody.Texts{}
		for field, digest := range e.Words {
			if word, there := said[field]; there && word.Digest(e.Command, field) == digest {
				texts[field] = word.Text
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
