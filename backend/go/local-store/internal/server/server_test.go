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
	"google.golang.org/grpc/status"

	"local-store/internal/pb"
)

// start serves on the address until the test ends and returns a client of it.
func start(t *testing.T, address string) pb.BackendClient {
	t.Helper()
	listener, err := Listen(address)
	if err != nil {
		t.Fatal(err)
	}
	g := New()
	go g.Serve(listener)
	t.Cleanup(g.Stop)
	connection, err := grpc.NewClient(Address(listener), grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { connection.Close() })
	return pb.NewBackendClient(connection)
}

func vector(values ...float32) *pb.Vector { return &pb.Vector{Values: values} }

func set(t *testing.T, client pb.BackendClient, key *pb.Vector, value string) {
	t.Helper()
	request := &pb.StoresSetRequest{Keys: []*pb.Vector{key}, Values: [][]byte{[]byte(value)}}
	if _, err := client.StoresSet(t.Context(), request); err != nil {
		t.Fatal(err)
	}
}

func TestSetFindDelete(t *testing.T) {
	client := start(t, "127.0.0.1:0")
	set(t, client, vector(1, 0), "east")
	set(t, client, vector(0, 1), "north")
	found, err := client.StoresFind(t.Context(), &pb.StoresFindRequest{Key: vector(1, 0.1), TopK: 2})
	if err != nil || len(found.Keys) != 2 || string(found.Values[0]) != "east" || found.Similarities[0] < 0.99 {
		t.Fatalf("%v %v", found, err)
	}
	deleted, err := client.StoresDelete(t.Context(), &pb.StoresDeleteRequest{Keys: []*pb.Vector{vector(1, 0)}})
	if err != nil || deleted.Deleted != 1 {
		t.Fatalf("%v %v", deleted, err)
	}
	got, err := client.StoresGet(t.Context(), &pb.StoresGetRequest{Keys: []*pb.Vector{vector(1, 0), vector(0, 1)}})
	if err != nil || len(got.Values) != 1 || string(got.Values[0]) != "north" {
		t.Fatalf("%v %v", got, err)
	}
}

func TestStatusCodes(t *testing.T) {
	client := start(t, "127.0.0.1:0")
	set(t, client, vector(1, 0), "east")
	for name, call := range map[string]struct {
		want codes.Code
		run  func(context.Context) error
	}{
		"dimension": {codes.InvalidArgument, func(ctx context.Context) error {
			_, err := client.StoresFind(ctx, &pb.StoresFindRequest{Key: vector(1), TopK: 1})
			return err
		}},
		"no key": {codes.InvalidArgument, func(ctx context.Context) error {
			_, err := client.StoresFind(ctx, &pb.StoresFindRequest{TopK: 1})
			return err
		}},
		"top_k": {codes.InvalidArgument, func(ctx context.Context) error {
			_, err := client.StoresFind(ctx, &pb.StoresFindRequest{Key: vector(1, 0)})
			return err
		}},
		"predict": {codes.Unimplemented, func(ctx context.Context) error {
			_, err := client.Predict(ctx, &pb.PredictRequest{})
			return err
		}},
	} {
		if err := call.run(t.Context()); status.Code(err) != call.want {
			t.Errorf("%s: %v, expected %v", name, err, call.want)
		}
	}
	state, err := client.Status(t.Context(), &pb.StatusRequest{})
	if err != nil || state.Counters.Requests != 5 || state.Counters.RequestsFailed != 4 {
		t.Fatalf("%v %v", state, err)
	}
}

func TestLoadAndUnloadBeginAnew(t *testing.T) {
	client := start(t, "127.0.0.1:0")
	set(t, client, vector(1, 0), "east")
	unloaded, err := client.UnloadModel(t.Context(), &pb.UnloadModelRequest{})
	if err != nil || !unloaded.Unloaded {
		t.Fatalf("%v %v", unloaded, err)
	}
	if _, err := client.LoadModel(t.Context(), &pb.LoadModelRequest{Model: "faces"}); err != nil {
		t.Fatal(err)
	}
	set(t, client, vector(1, 0, 0), "another dimension")
	state, err := client.Status(t.Context(), &pb.StatusRequest{})
	if err != nil || state.Model.Path != "faces" || state.Model.EmbeddingSize != 3 || state.Model.SizeBytes != 12 {
		t.Fatalf("%v %v", state, err)
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
	if _, err := start(t, "unix:"+path).Health(t.Context(), &pb.HealthRequest{}); err != nil {
		t.Fatal(err)
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
