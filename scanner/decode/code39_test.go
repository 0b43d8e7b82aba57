package decode

import "testing"

func TestFullASCII(t *testing.T) {
	for _, tt := range []struct {
		text, want string
		ok         bool
	}{
		{"12+A+B", "12ab", true},
		{"+FILE/G17", "fILE'17", true},
		{"/Z%V%K$M", ":@[\r", true},
		{"%U%Z%F%P", "\x00\x7f;{", true},
		{"FIN-2019", "", false},
		{"A+", "", false},
		{"A+1", "", false},
		{"A/P", "", false},
		{"50%", "", false},
		{"", "", false},
	} {
		got, ok := fullASCII(tt.text)
		if ok != tt.ok || ok && got != tt.want {
			t.Errorf("%q is %q, %v", tt.text, got, ok)
		}
	}
}
