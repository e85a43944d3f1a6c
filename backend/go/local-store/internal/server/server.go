// Package server speaks the Backend service of backend.proto for a vector store.
package server

import (
	"context"
	"errors"
	"runtime/debug"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"local-store/internal/pb"
	"local-store/internal/store"
)

// namespace begins every name of a store. LocalAI offers any model to any backend, and takes the first that loads it.
const namespace = "store://"

// How much a store may hold, unless LoadModel says so, and whatever it says.
const (
	usualMib = 4096
	mostMibs = 1 << 20
)

// Server answers for one store. It needs no model: it is ready from the start. LoadModel names it and begins anew with
// an empty one, as loading a model over another does. What it does not override answers UNIMPLEMENTED.
type Server struct {
	pb.UnimplementedBackendServer
	pb.UnimplementedInspectionServer
	open     atomic.Pointer[opened]
	counters counters
}

type opened struct {
	store  *store.Store
	name   string
	loadMs float64
}

// New returns a gRPC server that serves an empty store, to those who know the token where there is one.
func New(token string) *grpc.Server {
	s := &Server{}
	s.begin("", usualMib)
	return serve(s, token, &s.counters)
}

// begin replaces the store by an empty one. Requests that hold the old store end on it.
func (s *Server) begin(name string, mib int) {
	start := time.Now()
	fresh := &opened{store: store.New(mib << 20), name: name}
	fresh.loadMs = float64(time.Since(start)) / 1e6
	s.open.Store(fresh)
}

// Health answers as long as the process serves.
func (s *Server) Health(context.Context, *pb.HealthMessage) (*pb.Reply, error) {
	return &pb.Reply{Message: []byte("OK")}, nil
}

// Version is what the binary was built with.
func Version() string {
	if info, ok := debug.ReadBuildInfo(); ok {
		return info.GoVersion
	}
	return ""
}

// LoadModel begins an empty store of this name. The option max_mib:N says how much it may hold.
func (s *Server) LoadModel(_ context.Context, request *pb.ModelOptions) (*pb.Result, error) {
	name := request.GetModel()
	if !strings.HasPrefix(name, namespace) {
		return nil, status.Errorf(codes.InvalidArgument, "%q names no store: that begins with %s", name, namespace)
	}
	mib, err := mostMib(request.GetOptions())
	if err != nil {
		return nil, err
	}
	s.begin(name, mib)
	return success("an empty store"), nil
}

// mostMib is what the options say of how much a store may hold. Those of other backends are passed over.
func mostMib(options []string) (int, error) {
	mib := usualMib
	for _, option := range options {
		if text, found := strings.CutPrefix(option, "max_mib:"); found {
			number, err := strconv.Atoi(text)
			if err != nil || number < 1 || number > mostMibs {
				return 0, status.Errorf(codes.InvalidArgument, "max_mib is %q, expected a number from 1 to %d", text, mostMibs)
			}
			mib = number
		}
	}
	return mib, nil
}

// Free drops all that the store holds.
func (s *Server) Free(context.Context, *pb.HealthMessage) (*pb.Result, error) {
	s.begin("", usualMib)
	return success("forgotten"), nil
}

// Status tells the process's memory.
func (s *Server) Status(context.Context, *pb.HealthMessage) (*pb.StatusResponse, error) {
	return &pb.StatusResponse{State: pb.StatusResponse_READY, Memory: memory()}, nil
}

// Inspect tells the store's name and shape and what the process has done.
func (s *Server) Inspect(context.Context, *pb.InspectRequest) (*pb.Inspected, error) {
	return &pb.Inspected{
		Backend:  "local-store",
		Version:  Version(),
		State:    pb.StatusResponse_READY,
		Model:    s.open.Load().info(),
		Counters: s.counters.read(),
	}, nil
}

func (o *opened) info() *pb.ModelInfo {
	dimension, size := o.store.Shape()
	return &pb.ModelInfo{
		Identity:      o.name,
		Description:   "in-memory vector store",
		EmbeddingSize: uint32(dimension),
		SizeBytes:     uint64(dimension) * uint64(size) * 4,
		LoadMs:        o.loadMs,
	}
}

// failure turns an error of the store into a gRPC status.
func failure(err error) error {
	switch {
	case errors.Is(err, store.ErrInvalid):
		return status.Error(codes.InvalidArgument, err.Error())
	case errors.Is(err, store.ErrTooMuch):
		return status.Error(codes.ResourceExhausted, err.Error())
	}
	return status.FromContextError(err).Err()
}
