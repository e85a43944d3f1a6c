package server

import (
	"errors"
	"fmt"
	"net"
	"os"
	"strings"
	"syscall"
)

// Listen opens HOST:PORT, where port 0 is a free one, or unix:PATH.
func Listen(address string) (net.Listener, error) {
	path, local := strings.CutPrefix(address, "unix:")
	if !local {
		return net.Listen("tcp", address)
	}
	if err := removeStale(path); err != nil {
		return nil, err
	}
	return net.Listen("unix", path)
}

// Address is how a client writes the address of the listener.
func Address(listener net.Listener) string {
	if address := listener.Addr(); address.Network() == "unix" {
		return "unix:" + address.String()
	}
	return listener.Addr().String()
}

// removeStale takes away a socket that a killed server left behind, and only that.
func removeStale(path string) error {
	info, err := os.Lstat(path)
	if err != nil || info.Mode().Type() != os.ModeSocket {
		return nil
	}
	connection, err := net.Dial("unix", path)
	if err == nil {
		connection.Close()
		return fmt.Errorf("another server listens on unix:%s", path)
	}
	if !errors.Is(err, syscall.ECONNREFUSED) {
		return nil
	}
	return os.Remove(path)
}
