package server

import (
	"context"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"

	"local-store/internal/pb"
)

// start serves on the address until the test ends and returns a connection to it.
func start(t *testing.T, address, token string) *grpc.ClientConn {
	t.Helper()
	listener, err := Listen(address)
	if err != nil {
		t.Fatal(err)
	}
	g := New(token)
	go g.Serve(listener)
	t.Cleanup(g.Stop)
	connection, err := grpc.NewClient(Address(listener), grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { connection.Close() })
	return connection
}

func client(t *testing.T) (pb.BackendClient, pb.InspectionClient) {
	t.Helper()
	connection := start(t, "127.0.0.1:0", "")
	return pb.NewBackendClient(connection), pb.NewInspectionClient(connection)
}

func vector(values ...float32) *pb.StoresKey { return &pb.StoresKey{Floats: values} }

func set(t *testing.T, client pb.BackendClient, key *pb.StoresKey, value string) {
	t.Helper()
	request := &pb.StoresSetOptions{Keys: []*pb.StoresKey{key}, Values: []*pb.StoresValue{{Bytes: []byte(value)}}}
	if answer, err := client.StoresSet(t.Context(), request); err != nil || !answer.Success {
		t.Fatal(answer, err)
	}
}

func TestSetFindDelete(t *testing.T) {
	client, _ := client(t)
	set(t, client, vector(1, 0), "east")
	set(t, client, vector(0, 1), "north")
	found, err := client.StoresFind(t.Context(), &pb.StoresFindOptions{Key: vector(1, 0.1), TopK: 2})
	if err != nil || len(found.Keys) != 2 || string(found.Values[0].Bytes) != "east" || found.Similarities[0] < 0.99 {
		t.Fatalf("%v %v", found, err)
	}
	deleted, err := client.StoresDelete(t.Context(), &pb.StoresDeleteOptions{Keys: []*pb.StoresKey{vector(1, 0)}})
	if err != nil || !deleted.Success {
		t.Fatalf("%v %v", deleted, err)
	}
	got, err := client.StoresGet(t.Context(), &pb.StoresGetOptions{Keys: []*pb.StoresKey{vector(1, 0), vector(0, 1)}})
	if err != nil || len(got.Values) != 1 || string(got.Values[0].Bytes) != "north" {
		t.Fatalf("%v %v", got, err)
	}
}

func TestStatusCodes(t *testing.T) {
	client, inspection := client(t)
	set(t, client, vector(1, 0), "east")
	for name, call := range map[string]struct {
		want codes.Code
		run  func(context.Context) error
	}{
		"dimension": {codes.InvalidArgument, func(ctx context.Context) error {
			_, err := client.StoresFind(ctx, &pb.StoresFindOptions{Key: vector(1), TopK: 1})
			return err
		}},
		"no key": {codes.InvalidArgument, func(ctx context.Context) error {
			_, err := client.StoresFind(ctx, &pb.StoresFindOptions{TopK: 1})
			return err
		}},
		"TopK": {codes.InvalidArgument, func(ctx context.Context) error {
			_, err := client.StoresFind(ctx, &pb.StoresFindOptions{Key: vector(1, 0)})
			return err
		}},
		"another's model": {codes.InvalidArgument, func(ctx context.Context) error {
			_, err := client.LoadModel(ctx, &pb.ModelOptions{Model: "llama.gguf"})
			return err
		}},
		"Predict": {codes.Unimplemented, func(ctx context.Context) error {
			_, err := client.Predict(ctx, &pb.PredictOptions{})
			return err
		}},
	} {
		if err := call.run(t.Context()); status.Code(err) != call.want {
			t.Errorf("%s: %v, expected %v", name, err, call.want)
		}
	}
	state, err := inspection.Inspect(t.Context(), &pb.InspectRequest{})
	if err != nil || state.Counters.Requests != 6 || state.Counters.RequestsFailed != 5 {
		t.Fatalf("%v %v", state, err)
	}
}

func TestLoadAndFreeBeginAnew(t *testing.T) {
	client, inspection := client(t)
	set(t, client, vector(1, 0), "east")
	if freed, err := client.Free(t.Context(), &pb.HealthMessage{}); err != nil || !freed.Success {
		t.Fatalf("%v %v", freed, err)
	}
	if _, err := client.LoadModel(t.Context(), &pb.ModelOptions{Model: "store://faces"}); err != nil {
		t.Fatal(err)
	}
	set(t, client, vector(1, 0, 0), "another dimension")
	state, err := inspection.Inspect(t.Context(), &pb.InspectRequest{})
	if err != nil || state.Model.Identity != "store://faces" || state.Model.EmbeddingSize != 3 ||
		state.Model.SizeBytes != 12 {
		t.Fatalf("%v %v", state, err)
	}
}

func TestATokenIsDemandedOfEveryCall(t *testing.T) {
	client := pb.NewBackendClient(start(t, "127.0.0.1:0", "secret"))
	for authorization, want := range map[string]codes.Code{
		"":               codes.Unauthenticated,
		"secret":         codes.Unauthenticated,
		"Bearer secre":   codes.Unauthenticated,
		"Bearer secret2": codes.Unauthenticated,
		"Bearer secret":  codes.OK,
	} {
		ctx := t.Context()
		if authorization != "" {
			ctx = metadata.AppendToOutgoingContext(ctx, "authorization", authorization)
		}
		if _, err := client.Health(ctx, &pb.HealthMessage{}); status.Code(err) != want {
			t.Errorf("%q: %v", authorization, err)
		}
	}
}

func TestUnixSocket(t *testing.T) {
	path := filepath.Join(t.TempDir(), "socket")
	stale, err := net.Listen("unix", path)
	if err != nil {
		t.Fatal(err)
	}
	stale.(*net.UnixListener).SetUnlinkOnClose(false)
	stale.Close()
	client := pb.NewBackendClient(start(t, "unix:"+path, ""))
	if answer, err := client.Health(t.Context(), &pb.HealthMessage{}); err != nil || string(answer.Message) != "OK" {
		t.Fatal(answer, err)
	}
	if _, err := Listen("unix:" + path); err == nil || !strings.Contains(err.Error(), "another server") {
		t.Fatalf("second server: %v", err)
	}
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, []byte("precious"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Listen("unix:" + file); err == nil {
		t.Fatal("listened on a plain file")
	}
	if text, err := os.ReadFile(file); err != nil || string(text) != "precious" {
		t.Fatalf("%q %v", text, err)
	}
}
