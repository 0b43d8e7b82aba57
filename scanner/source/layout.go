package source

import "strings"

// Key codes of linux/input-event-codes.h.
const (
	leftShift   = 42
	rightShift  = 54
	firstButton = 0x100
)

// unshift makes of what a US board types with shift what it types without; letters
// stay as they are.
var unshift = strings.NewReplacer(
	"!", "1", "@", "2", "#", "3", "$", "4", "%", "5", "^", "6", "&", "7", "*", "8", "(", "9", ")", "0",
	"_", "-", "+", "=", "{", "[", "}", "]", "|", "\\", ":", ";", "\"", "'", "~", "`", "<", ",", ">", ".", "?", "/",
)

// layout is what keys are worth, without and with shift: places on the board, not
// letters of a language. A gun set to any layout sends digits from these places,
// and the letters of an AIM identifier or of an old cover as on a US board.
var layout = func() map[uint16][2]byte {
	m := map[uint16][2]byte{
		12: {'-', '_'}, 13: {'=', '+'}, 15: {'\t', '\t'}, 26: {'[', '{'}, 27: {']', '}'}, 28: {'\n', '\n'},
		39: {';', ':'}, 40: {'\'', '"'}, 41: {'`', '~'}, 43: {'\\', '|'}, 51: {',', '<'}, 52: {'.', '>'}, 53: {'/', '?'}, 57: {' ', ' '},
		55: {'*', '*'}, 74: {'-', '-'}, 78: {'+', '+'}, 83: {'.', '.'}, 96: {'\n', '\n'}, 98: {'/', '/'}, // the number pad
		79: {'1', '1'}, 80: {'2', '2'}, 81: {'3', '3'}, 75: {'4', '4'}, 76: {'5', '5'}, 77: {'6', '6'}, 71: {'7', '7'}, 72: {'8', '8'}, 73: {'9', '9'}, 82: {'0', '0'},
		// These change how keys are meant; a code has none of them.
		29: {0, 0}, 56: {0, 0}, 58: {0, 0}, 69: {0, 0}, 97: {0, 0}, 100: {0, 0}, 125: {0, 0}, 126: {0, 0},
	}
	for _, row := range []struct {
		first          uint16
		plain, shifted string
	}{
		{2, "1234567890", "!@#$%^&*()"},
		{16, "qwertyuiop", "QWERTYUIOP"},
		{30, "asdfghjkl", "ASDFGHJKL"},
		{44, "zxcvbnm", "ZXCVBNM"},
	} {
		for i := range len(row.plain) {
			m[row.first+uint16(i)] = [2]byte{row.plain[i], row.shifted[i]}
		}
	}
	return m
}()
