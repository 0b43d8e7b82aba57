package custody

import "errors"

// Incarnation numbers the lives of an office's workflows: how often all of them were made
// again from the ledger alone. Whatever a workflow says carries its own, and counts only
// while that is the newest.
type Incarnation int64

// ErrIncarnation means that a workflow of another incarnation was asked, or speaks: the
// office has been rebuilt since.
var ErrIncarnation = errors.New("of another incarnation of the office's workflows")
