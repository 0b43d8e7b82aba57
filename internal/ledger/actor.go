package ledger

import (
	"encoding/json"
	"fmt"

	"harkara/internal/custody"
)

// signed is an actor as the history of the office keeps him.
func signed(by custody.Actor) string {
	raw, err := json.Marshal(by)
	if err != nil {
		panic("ledger: marshal: " + err.Error()) // strings only
	}
	return string(raw)
}

// signer reads him again; what an earlier program kept says nobody.
func signer(signed string) (by custody.Actor, err error) {
	if signed == "" {
		return by, nil
	}
	if err := json.Unmarshal([]byte(signed), &by); err != nil {
		return by, fmt.Errorf("read who acted: %w", err)
	}
	return by, nil
}
