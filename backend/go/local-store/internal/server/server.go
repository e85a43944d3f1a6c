// Package server speaks the Backend service of backend.proto for a vector store.
package server

import (
	"context"
	"errors"
	"runtime/debug"
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

// Server answers for one store. It needs no model: it is ready from the start. LoadModel names it and begins anew with
// an empty one, as loading a model over another does. What it does not override answers UNIMPLEMENTED.
type Server struct {
	pb.UnimplementedBackendServer
	open     atomic.Pointer[opened]
	counters counters
}

type opened struct {
	store store.Store
	name  string
}

// New returns a gRPC server that serves an empty store.
func New() *grpc.Server {
	s := &Server{}
	s.open.Store(&opened{})
	g := grpc.NewServer(
		grpc.MaxRecvMsgSize(maxMessage), grpc.MaxSendMsgSize(maxMessage), grpc.UnaryInterceptor(s.counters.intercept))
	pb.RegisterBackendServer(g, s)
	return g
}

// Health answers as long as the process serves.
func (s *Server) Health(context.Context, *pb.HealthRequest) (*pb.HealthResponse, error) {
	return &pb.HealthResponse{Backend: "local-store", Version: Version()}, nil
}

// Version is what the binary was built with.
func Version() string {
	if info, ok := debug.ReadBuildInfo(); ok {
		return info.GoVersion
	}
	return ""
}

// LoadModel begins an empty store; the model is the name that Status gives it.
func (s *Server) LoadModel(_ context.Context, request *pb.LoadModelRequest) (*pb.LoadModelResponse, error) {
	start := time.Now()
	fresh := &opened{name: request.GetModel()}
	s.open.Store(fresh)
	return &pb.LoadModelResponse{Model: fresh.info(), LoadMs: float64(time.Since(start)) / 1e6}, nil
}

// UnloadModel drops all that the store holds. Requests that hold the old store end on it.
func (s *Server) UnloadModel(context.Context, *pb.UnloadModelRequest) (*pb.UnloadModelResponse, error) {
	_, size := s.open.Swap(&opened{}).store.Shape()
	return &pb.UnloadModelResponse{Unloaded: size > 0}, nil
}

// Status tells the store's name and shape, the process's memory and what it has done.
func (s *Server) Status(context.Context, *pb.StatusRequest) (*pb.StatusResponse, error) {
	return &pb.StatusResponse{
		State:    pb.ModelState_MODEL_STATE_READY,
		Model:    s.open.Load().info(),
		Memory:   memory(),
		Counters: s.counters.read(),
	}, nil
}

func (o *opened) info() *pb.ModelInfo {
	dimension, size := o.store.Shape()
	return &pb.ModelInfo{
		Path:          o.name,
		Description:   "in-memory vector store",
		EmbeddingSize: uint32(dimension),
		SizeBytes:     uint64(dimension) * uint64(size) * 4,
	}
}

// failure turns an error of the store into a gRPC status.
func failure(err error) error {
	if errors.Is(err, store.ErrInvalid) {
		return status.Error(codes.InvalidArgument, err.Error())
	}
	return status.FromContextError(err).Err()
}
