package gate

import (
	"net/http"
	"testing"
)

func TestCaller(t *testing.T) {
	for remote, want := range map[string]string{
		"192.0.2.1:80":              "192.0.2.1",
		"192.0.2.1:81":              "192.0.2.1",
		"[::ffff:192.0.2.1]:80":     "192.0.2.1",
		"[2001:db8:1:2::1]:80":      "2001:db8:1:2::/64",
		"[2001:db8:1:2:ff:0:1:9]:9": "2001:db8:1:2::/64",
		"[2001:db8:1:3::1]:80":      "2001:db8:1:3::/64",
		"[fe80::1%eth0]:80":         "fe80::/64",
		"@":                         "@", // a Unix socket
		"":                          "",
	} {
		if got := Caller(&http.Request{RemoteAddr: remote}); got != want {
			t.Errorf("%q is %q, want %q", remote, got, want)
		}
	}
}
