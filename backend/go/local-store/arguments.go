package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"net"
	"strings"
	"time"
)

const usage = `usage: local-store [--addr HOST:PORT | --addr unix:PATH] [options]

Serves LocalAI's backend.Backend over gRPC. When it listens it prints one line on stdout: "listening on ADDRESS".

  --addr ADDRESS         where to listen; port 0 takes a free port (default 127.0.0.1:50051)
  --grace-seconds N      how long running requests may go on after SIGTERM or SIGINT (default 5); a second signal ends them
  --version
  --help
`

type arguments struct {
	address string
	grace   time.Duration
	version bool
}

// errHelp is no mistake: help was asked for.
var errHelp = flag.ErrHelp

func parse(words []string) (arguments, error) {
	set := flag.NewFlagSet("local-store", flag.ContinueOnError)
	set.SetOutput(io.Discard)
	address := set.String("addr", "127.0.0.1:50051", "")
	grace := set.Uint("grace-seconds", 5, "")
	version := set.Bool("version", false, "")
	if err := set.Parse(words); err != nil {
		return arguments{}, err
	}
	if set.NArg() > 0 {
		return arguments{}, fmt.Errorf("unexpected argument %q; --help lists what there is", set.Arg(0))
	}
	if err := checkAddress(*address); err != nil {
		return arguments{}, fmt.Errorf("--addr: %q is neither HOST:PORT nor unix:PATH", *address)
	}
	if *grace > 3600 {
		return arguments{}, fmt.Errorf("--grace-seconds: %d is more than 3600", *grace)
	}
	return arguments{address: *address, grace: time.Duration(*grace) * time.Second, version: *version}, nil
}

func checkAddress(address string) error {
	if path, local := strings.CutPrefix(address, "unix:"); local {
		if path == "" {
			return errors.New("no path")
		}
		return nil
	}
	_, port, err := net.SplitHostPort(address)
	if err == nil && port == "" {
		return errors.New("no port")
	}
	return err
}
