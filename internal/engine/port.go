package engine

import (
	"bufio"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"os"
	"strconv"
	"strings"
)

// freePorts finds n loopback ports that nobody uses. They lie below those that
// the kernel gives to outgoing connections, so that none of these can take one
// before the server does.
func freePorts(n int) ([]int, error) {
	const low = 10_000
	high := ephemeral()
	var ports []int
	for range 1000 {
		// Held until all are found, so that they differ.
		l, err := net.Listen("tcp", loopback(low+rand.IntN(high-low)))
		if err != nil {
			continue
		}
		defer l.Close()
		if ports = append(ports, l.Addr().(*net.TCPAddr).Port); len(ports) == n {
			return ports, nil
		}
	}
	return nil, errors.New("no free ports on loopback")
}

func loopback(port int) string { return net.JoinHostPort("127.0.0.1", strconv.Itoa(port)) }

// ephemeral is the first port that the kernel may give to an outgoing connection
// (ip(7)), or Linux's default where it does not tell or leaves little room below.
func ephemeral() int {
	const usual = 32_768
	f, err := os.Open("/proc/sys/net/ipv4/ip_local_port_range")
	if err != nil {
		return usual
	}
	defer f.Close()
	line := bufio.NewScanner(f)
	line.Scan()
	var first int
	if _, err := fmt.Sscan(strings.TrimSpace(line.Text()), &first); err != nil || first < 12_000 {
		return usual
	}
	return first
}
