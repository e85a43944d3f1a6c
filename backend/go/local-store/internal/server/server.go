// Package server speaks the Backend service of backend.proto for a vector store.
package server

import (
	"context"
	"errors"
	"runtime/debug"
	"strings"
	"sync/atomic"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"local-store/internal/pb"
	"local-store/internal/store"
)

// Vectors travel in bulk: 64 MiB are 40,000 keys of 384 numbers.
const maxMessage = 64 << 20

// namespace begins every name of a store. LocalAI offers any model to any backend, and takes the first that loads it.
const namespace = "store://"

// Server answers for one store. It needs no model: it is ready from the start. LoadModel names it and begins anew with
// an empty one, as loading a model over another does. What it does not override answers UNIMPLEMENTED.
type Server struct {
	pb.UnimplementedBackendServer
	pb.UnimplementedInspectionServer
	open     atomic.Pointer[opened]
	counters counters
}

type opened struct {
	store  store.Store
	name   string
	loadMs float64
}

// New returns a gRPC server that serves an empty store, to those who know the token where there is one.
func New(token string) *grpc.Server {
	s := &Server{}
	s.open.Store(&opened{})
	g := grpc.NewServer(grpc.MaxRecvMsgSize(maxMessage), grpc.MaxSendMsgSize(maxMessage),
		grpc.ChainUnaryInterceptor(access(token).unary, s.counters.intercept),
		grpc.StreamInterceptor(access(token).stream))
	pb.RegisterBackendServer(g, s)
	pb.RegisterInspectionServer(g, s)
	return g
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

// LoadModel begins an empty store of this name.
func (s *Server) LoadModel(_ context.Context, request *pb.ModelOptions) (*pb.Result, error) {
	start, name := time.Now(), request.GetModel()
	if !strings.HasPrefix(name, namespace) {
		return nil, status.Errorf(codes.InvalidArgument, "%q names no store: that begins with %s", name, namespace)
	}
	fresh := &opened{name: name}
	fresh.loadMs = float64(time.Since(start)) / 1e6
	s.open.Store(fresh)
	return success("an empty store"), nil
}

// Free drops all that the store holds. Requests that hold the old store end on it.
func (s *Server) Free(context.Context, *pb.HealthMessage) (*pb.Result, error) {
	s.open.Store(&opened{})
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
	if errors.Is(err, store.ErrInvalid) {
		return status.Error(codes.InvalidArgument, err.Error())
	}
	return status.FromContextError(err).Err()
}
