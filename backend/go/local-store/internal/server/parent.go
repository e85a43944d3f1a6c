package server

import (
	"os"
	"strings"
	"time"
)

// How often it is looked at who the parent is.
const look = 500 * time.Millisecond

// ParentEnd is closed when the process that started this one has ended, however it did: nobody would stop this server
// any more. LOCALAI_BACKEND_PARENT_WATCH turns that off with false, 0, no or off. A process that init started, as in a
// container, has nobody to lose.
func ParentEnd(environment func(string) string) <-chan struct{} {
	ended := make(chan struct{})
	parent := os.Getppid()
	switch strings.ToLower(strings.TrimSpace(environment("LOCALAI_BACKEND_PARENT_WATCH"))) {
	case "false", "0", "no", "off":
		return ended
	}
	if parent <= 1 {
		return ended
	}
	go func() {
		for range time.Tick(look) {
			if os.Getppid() != parent {
				close(ended)
				return
			}
		}
	}()
	return ended
}
