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

const maxMessage = 64 << 20

// Server is ready from the start. What it does not override answers UNIMPLEMENTED.
type Server struct {
	pb.UnimplementedBackendServer
	name     atomic.Pointer[string]
	counters counters
}

// New returns a gRPC server.
func New() *grpc.Server {
	s := &Server{}
	g := grpc.NewServer(
		grpc.MaxRecvMsgSize(maxMessage), grpc.MaxSendMsgSize(maxMessage), grpc.UnaryInterceptor(s.counters.intercept))
	pb.RegisterBackendServer(g, s)
	return g
}

// Version is what the binary was built with.
func Version() string {
	if info, ok := debug.ReadBuildInfo(); ok {
		return info.GoVersion
	}
	return ""
}

// Health answers as long as the process serves.
func (s *Server) Health(context.Context, *pb.HealthRequest) (*pb.HealthResponse, error) {
	return &pb.HealthResponse{Backend: "scaffold", Version: Version()}, nil
}

// Status tells what is loaded, the process's memory and what it has done.
func (s *Server) Status(context.Context, *pb.StatusRequest) (*pb.StatusResponse, error) {
	state := pb.ModelState_MODEL_STATE_READY
	return &pb.StatusResponse{State: state, Model: s.model(), Memory: memory(), Counters: s.counters.read()}, nil
}

// LoadModel loads nothing: the model is the name that Status tells.
func (s *Server) LoadModel(_ context.Context, request *pb.LoadModelRequest) (*pb.LoadModelResponse, error) {
	name := request.GetModel()
	s.name.Store(&name)
	return &pb.LoadModelResponse{Model: s.model()}, nil
}

// UnloadModel forgets the name.
func (s *Server) UnloadModel(context.Context, *pb.UnloadModelRequest) (*pb.UnloadModelResponse, error) {
	return &pb.UnloadModelResponse{Unloaded: s.name.Swap(nil) != nil}, nil
}

// Embedding turns each text into a vector.
func (s *Server) Embedding(_ context.Context, request *pb.EmbeddingRequest) (*pb.EmbeddingResponse, error) {
	normalize := request.Normalize == nil || *request.Normalize
	response := &pb.EmbeddingResponse{}
	for _, text := range request.GetInputs() {
		if text == "" {
			return nil, status.Error(codes.InvalidArgument, "an input is empty")
		}
		response.Embeddings = append(response.Embeddings, &pb.Vector{Values: embed(text, normalize)})
		response.PromptTokens += uint32(len(text))
	}
	if len(response.Embeddings) == 0 {
		return nil, status.Error(codes.InvalidArgument, "there is no input")
	}
	return response, nil
}

func (s *Server) model() *pb.ModelInfo {
	info := &pb.ModelInfo{Description: "counted bytes", EmbeddingSize: size}
	if name := s.name.Load(); name != nil {
		info.Path = *name
	}
	return info
}
