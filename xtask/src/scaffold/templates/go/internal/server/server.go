// Package server speaks the Backend service of backend.proto.
package server

import (
	"context"
	"runtime/debug"
	"sync/atomic"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"backend/scaffold/internal/pb"
)

// Server is ready from the start. What it does not override answers UNIMPLEMENTED.
type Server struct {
	pb.UnimplementedBackendServer
	pb.UnimplementedInspectionServer
	identity atomic.Pointer[string]
	counters counters
}

// New returns a gRPC server, for those who know the token where there is one.
func New(token string) *grpc.Server {
	s := &Server{}
	return serve(s, token, &s.counters)
}

// Version is what the binary was built with.
func Version() string {
	if info, ok := debug.ReadBuildInfo(); ok {
		return info.GoVersion
	}
	return ""
}

// Health answers as long as the process serves.
func (s *Server) Health(context.Context, *pb.HealthMessage) (*pb.Reply, error) {
	return &pb.Reply{Message: []byte("OK")}, nil
}

// Status tells the process's memory.
func (s *Server) Status(context.Context, *pb.HealthMessage) (*pb.StatusResponse, error) {
	return &pb.StatusResponse{State: pb.StatusResponse_READY, Memory: memory()}, nil
}

// Inspect tells what is loaded and what the process has done.
func (s *Server) Inspect(context.Context, *pb.InspectRequest) (*pb.Inspected, error) {
	model := &pb.ModelInfo{Identity: s.loaded(), Description: "counted bytes", EmbeddingSize: size}
	return &pb.Inspected{
		Backend: "scaffold", Version: Version(), State: pb.StatusResponse_READY, Model: model, Counters: s.counters.read(),
	}, nil
}

// LoadModel loads nothing: the model is the identity that requests name.
func (s *Server) LoadModel(_ context.Context, request *pb.ModelOptions) (*pb.Result, error) {
	identity := request.GetModel()
	s.identity.Store(&identity)
	return &pb.Result{Message: "there is no model to load", Success: true}, nil
}

// Free forgets the identity.
func (s *Server) Free(context.Context, *pb.HealthMessage) (*pb.Result, error) {
	s.identity.Store(nil)
	return &pb.Result{Message: "there was no model to free", Success: true}, nil
}

// Embedding turns a text into a vector.
func (s *Server) Embedding(_ context.Context, request *pb.PredictOptions) (*pb.EmbeddingResult, error) {
	if err := expectIdentity(s.loaded(), request.GetModelIdentity()); err != nil {
		return nil, err
	}
	text := request.GetEmbeddings()
	if text == "" {
		return nil, status.Error(codes.InvalidArgument, "Embeddings holds no text")
	}
	return &pb.EmbeddingResult{
		Embeddings: embed(text), Tokens: 1, Dim: size, PromptTokens: int32(len(text)),
		Layout: pb.EmbeddingLayout_EMBEDDING_LAYOUT_FINAL,
	}, nil
}

func (s *Server) loaded() string {
	if identity := s.identity.Load(); identity != nil {
		return *identity
	}
	return ""
}

// expectIdentity refuses what is meant for another model. Nobody who names none, or loaded none, minds.
func expectIdentity(loaded, meant string) error {
	if meant == "" || loaded == "" || meant == loaded {
		return nil
	}
	// LocalAI looks for the words before the colon.
	return status.Errorf(codes.FailedPrecondition,
		"model identity mismatch: %q is loaded, the request is for %q", loaded, meant)
}
