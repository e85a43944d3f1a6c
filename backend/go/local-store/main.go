// Command local-store serves an in-memory vector store over gRPC.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"syscall"
	"time"

	"google.golang.org/grpc"

	"local-store/internal/server"
)

// How long requests may go on after a signal before they are cut off.
const grace = 10 * time.Second

func main() {
	address := flag.String("addr", "127.0.0.1:50051", "where to listen: `HOST:PORT` (port 0 is a free one) or unix:PATH")
	flag.Parse()
	if flag.NArg() > 0 {
		fmt.Fprintf(os.Stderr, "local-store: unexpected argument %q\n", flag.Arg(0))
		flag.Usage()
		os.Exit(2)
	}
	if err := serve(*address); err != nil {
		fmt.Fprintln(os.Stderr, "local-store:", err)
		os.Exit(1)
	}
}

func serve(address string) error {
	signals, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	listener, err := server.Listen(address)
	if err != nil {
		return fmt.Errorf("cannot listen on %s: %w", address, err)
	}
	g := server.New()
	served := make(chan error, 1)
	go func() { served <- g.Serve(listener) }()
	if _, err := fmt.Println("listening on", server.Address(listener)); err != nil {
		return fmt.Errorf("cannot tell the address on standard output: %w", err)
	}
	select {
	case err := <-served:
		return err
	case <-signals.Done():
	}
	// From here on a second signal ends the process at once.
	stop()
	shutdown(g)
	if err := <-served; err != nil && !errors.Is(err, grpc.ErrServerStopped) {
		return err
	}
	return nil
}

// shutdown refuses new requests and waits for those that run.
func shutdown(g *grpc.Server) {
	late := time.AfterFunc(grace, g.Stop)
	defer late.Stop()
	g.GracefulStop()
}
