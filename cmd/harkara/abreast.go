package main

import "iter"

// together is how many of a register's files are asked for at once: as many as an office
// decides beside the scans of people.
const together = 4

// abreast does things together, a few ahead of the one that is given, and gives each with
// what it came to, in their order. Where who takes them stops, what has begun is waited for.
func abreast[T, R any](things []T, do func(T) R) iter.Seq2[T, R] {
	return func(yield func(T, R) bool) {
		var begun []chan R
		defer func() {
			for _, done := range begun {
				<-done
			}
		}()
		next := 0
		for _, thing := range things {
			for ; next < len(things) && len(begun) < together; next++ {
				done := make(chan R, 1)
				go func(at int) { done <- do(things[at]) }(next)
				begun = append(begun, done)
			}
			came := <-begun[0]
			begun = begun[1:]
			if !yield(thing, came) {
				return
			}
		}
	}
}
