package ledger

import (
	"fmt"
	"testing"

	"harkara/internal/custody"
)

func remembering(r *recent, n int) []custody.Receipt {
	var commands []custody.Command
	var receipts []custody.Receipt
	for i := range n {
		id := custody.CommandID(fmt.Sprint(i))
		commands, receipts = append(commands, custody.Command{ID: id}), append(receipts, custody.Receipt{ID: id, Seq: 1})
	}
	r.storing(commands)
	return receipts
}

func decided(reason custody.Reason) answer {
	return answer{outcome: custody.Outcome{Command: "x", Reason: reason}}
}

// An answer that comes before the storer hears that its command is stored is not
// lost; nothing is claimed of a command until then.
func TestRecentAnswersBeforeTheReceipt(t *testing.T) {
	var r recent
	receipts := remembering(&r, 2)
	r.answered("0", decided(custody.Opened))
	if _, ok := r.of("0"); ok {
		t.Error("known before it is known to be stored")
	}
	r.stored(receipts)
	if a, ok := r.of("0"); !ok || !a.decided() {
		t.Errorf("%+v, %v", a, ok)
	}
	if a, ok := r.of("1"); !ok || a.decided() {
		t.Errorf("%+v, %v", a, ok)
	}
}

// Of a command that was stored before, the table knows more; of a quarantined one a
// person may change what is known.
func TestRecentLeavesToTheTable(t *testing.T) {
	var r recent
	receipts := remembering(&r, 2)
	receipts[0].Repeated = true
	r.stored(receipts)
	if _, ok := r.of("0"); ok {
		t.Error("a repeated command is answered from memory")
	}
	r.answered("1", answer{err: custody.ErrQuarantined})
	if _, ok := r.of("1"); ok {
		t.Error("a quarantined command is answered from memory")
	}
	r.answered("never put here", decided(custody.Opened))
	if _, ok := r.of("never put here"); ok {
		t.Error("another process's command is remembered")
	}
}

func TestRecentForgets(t *testing.T) {
	var r recent
	r.stored(remembering(&r, generation))
	for i := range 2 {
		other := custody.Command{ID: custody.CommandID(fmt.Sprint("other", i))}
		r.storing([]custody.Command{other})
		r.mu.Lock()
		for n := range generation {
			r.young[custody.CommandID(fmt.Sprint(i, "-", n))] = remembered{}
		}
		r.mu.Unlock()
	}
	r.storing([]custody.Command{{ID: "last"}})
	if _, ok := r.of("0"); ok {
		t.Error("nothing is ever forgotten")
	}
	if len(r.young)+len(r.old) > 2*generation+2 {
		t.Errorf("%d and %d remembered", len(r.young), len(r.old))
	}
}
