// Command local-store serves an in-memory vector store over gRPC.
package main

import (
	"errors"
	"fmt"
	"os"
	"os/signal"
	"syscall"
	"time"

	"google.golang.org/grpc"

	"local-store/internal/server"
)

func main() {
	given, err := parse(os.Args[1:])
	switch {
	case errors.Is(err, errHelp):
		fmt.Print(usage)
		return
	case err != nil:
		fmt.Fprintln(os.Stderr, "local-store:", err)
		os.Exit(2)
	case given.version:
		fmt.Println("local-store", server.Version())
		return
	}
	if err := serve(given.address, given.grace); err != nil {
		fmt.Fprintln(os.Stderr, "local-store:", err)
		os.Exit(1)
	}
}

func serve(address string, grace time.Duration) error {
	signals := make(chan os.Signal, 2)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	listener, err := server.Listen(address)
	if err != nil {
		return fmt.Errorf("cannot listen on %s: %w", address, err)
	}
	g := server.New(os.Getenv("LOCALAI_GRPC_AUTH_TOKEN"))
	orphaned := server.ParentEnd(os.Getenv)
	served := make(chan error, 1)
	go func() { served <- g.Serve(listener) }()
	if _, err := fmt.Println("listening on", server.Address(listener)); err != nil {
		return fmt.Errorf("cannot tell the address on standard output: %w", err)
	}
	select {
	case err := <-served:
		return err
	case <-signals:
	case <-orphaned:
	}
	shutdown(g, grace, signals)
	if err := <-served; err != nil && !errors.Is(err, grpc.ErrServerStopped) {
		return err
	}
	return nil
}

// shutdown refuses new requests and waits for those that run, until the grace or a second signal ends them.
func shutdown(g *grpc.Server, grace time.Duration, signals <-chan os.Signal) {
	done := make(chan struct{})
	go func() {
		g.GracefulStop()
		close(done)
	}()
	select {
	case <-done:
	case <-signals:
		g.Stop()
	case <-time.After(grace):
		g.Stop()
	}
	<-done
}
