//go:build !race

package decode

const slower = 1
