// Package custody is the pure core: what one paper file's state is, what a
// command does to it, when its clock runs out, and what is written down.
//
//	Decide(state, resolved command, now) -> state, outcome
//
// It has no clock, no randomness and no I/O: the workflow drives it, the ledger
// remembers what it says. Instants that bound legs are whole seconds; spans of
// work are whole seconds on the holder's calendar.
package custody
