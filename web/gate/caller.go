package gate

import (
	"net"
	"net/http"
	"net/netip"
)

// network is how many bits of an IPv6 address name a caller: one household or one
// machine has all the others.
const network = 64

// Caller names who calls, for counting: by address, never by anything that the call
// itself says.
func Caller(r *http.Request) string {
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		host = r.RemoteAddr
	}
	addr, err := netip.ParseAddr(host)
	if err != nil {
		return host
	}
	addr = addr.Unmap()
	if addr.Is4() {
		return addr.String()
	}
	net, err := addr.WithZone("").Prefix(network)
	if err != nil {
		return host
	}
	return net.String()
}
