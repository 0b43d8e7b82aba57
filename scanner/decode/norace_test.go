//go:build !race

package decode

const racing = false
