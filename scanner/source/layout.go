package source

import "strings"

// Key codes of linux/input-event-codes.h.
const (
	leftShift, rightShift = 42, 54
	leftCtrl, rightCtrl   = 29, 97
	leftAlt, rightAlt     = 56, 100
	leftMeta, rightMeta   = 125, 126

	keyJ, keyM = 36, 50 // with Ctrl: line feed and return
)

// modifiers are keys that change how others are meant, while they are held.
var modifiers = map[uint16]held{
	leftShift: shift, rightShift: shift << 1, leftCtrl: ctrl, rightCtrl: ctrl << 1,
	leftAlt: alt, rightAlt: alt << 1, leftMeta: meta, rightMeta: meta << 1,
}

// held is a set of modifiers, each a bit for the left one and one for the right.
type held uint8

const (
	shift held = 1 << (2 * iota)
	ctrl
	alt
	meta
)

func (h held) has(m held) bool { return h&(m|m<<1) != 0 }

// unshift makes of what a US board types with shift what it types without; letters
// stay as they are.
var unshift = strings.NewReplacer(
	"!", "1", "@", "2", "#", "3", "$", "4", "%", "5", "^", "6", "&", "7", "*", "8", "(", "9", ")", "0",
	"_", "-", "+", "=", "{", "[", "}", "]", "|", "\\", ":", ";", "\"", "'", "~", "`", "<", ",", ">", ".", "?", "/",
)

// unknown stands for a character that differs from board to board: it makes a text
// somebody else's label, not a part of one of ours.
const unknown = '?'

// layout is what keys are worth, without and with shift: places on the board, not
// letters of a language. A gun set to any layout sends digits from these places,
// and the letters of an AIM identifier or of an old cover as on a US board. What is
// neither here nor in edits is no text: function keys, locks, a gun's own buttons.
var layout = func() map[uint16][2]byte {
	m := map[uint16][2]byte{
		12: {'-', '_'}, 13: {'=', '+'}, 15: {'\t', '\t'}, 26: {'[', '{'}, 27: {']', '}'}, 28: {'\n', '\n'},
		39: {';', ':'}, 40: {'\'', '"'}, 41: {'`', '~'}, 43: {'\\', '|'}, 51: {',', '<'}, 52: {'.', '>'}, 53: {'/', '?'}, 57: {' ', ' '},
		55: {'*', '*'}, 74: {'-', '-'}, 78: {'+', '+'}, 83: {'.', '.'}, 96: {'\n', '\n'}, 98: {'/', '/'}, // the number pad
	}
	for i, key := range [10]uint16{82, 79, 80, 81, 75, 76, 77, 71, 72, 73} {
		m[key] = [2]byte{byte('0' + i), byte('0' + i)}
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
	// beside Z, Ro, Yen, and the number pad's = ± , , ( )
	for _, key := range [...]uint16{86, 89, 124, 117, 118, 95, 121, 179, 180} {
		m[key] = [2]byte{unknown, unknown}
	}
	return m
}()

// onPad reports whether a key is a digit of the number pad.
func onPad(key uint16) bool {
	pair, known := layout[key]
	return known && key >= 71 && pair[0] >= '0' && pair[0] <= '9'
}

// edits are the keys of a hand that changes what it typed: Escape, Backspace, Home and
// the arrows to Delete.
func edits(key uint16) bool { return key == 1 || key == 14 || key >= 102 && key <= 111 }
