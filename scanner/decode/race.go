//go:build race

package decode

// slower is how many times longer everything takes under the race detector, which only
// tests run under: budgets are as much longer.
const slower = 10
