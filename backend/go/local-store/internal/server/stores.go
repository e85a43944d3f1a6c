package server

import (
	"context"

	"local-store/internal/pb"
)

// StoresSet adds pairs or replaces values, all or none.
func (s *Server) StoresSet(_ context.Context, request *pb.StoresSetOptions) (*pb.Result, error) {
	values := make([][]byte, len(request.GetValues()))
	for i, value := range request.GetValues() {
		values[i] = value.GetBytes()
	}
	if err := s.open.Load().store.Set(plain(request.GetKeys()), values); err != nil {
		return nil, failure(err)
	}
	return success("set"), nil
}

// StoresGet looks keys up, exactly.
func (s *Server) StoresGet(_ context.Context, request *pb.StoresGetOptions) (*pb.StoresGetResult, error) {
	pairs, err := s.open.Load().store.Get(plain(request.GetKeys()), maxMessage)
	if err != nil {
		return nil, failure(err)
	}
	response := &pb.StoresGetResult{}
	for _, pair := range pairs {
		response.Keys = append(response.Keys, &pb.StoresKey{Floats: pair.Key})
		response.Values = append(response.Values, &pb.StoresValue{Bytes: pair.Value})
	}
	return response, nil
}

// StoresDelete removes keys, exactly.
func (s *Server) StoresDelete(_ context.Context, request *pb.StoresDeleteOptions) (*pb.Result, error) {
	if _, err := s.open.Load().store.Delete(plain(request.GetKeys())); err != nil {
		return nil, failure(err)
	}
	return success("deleted"), nil
}

// StoresFind returns the nearest keys.
func (s *Server) StoresFind(ctx context.Context, request *pb.StoresFindOptions) (*pb.StoresFindResult, error) {
	matches, err := s.open.Load().store.Find(ctx, request.GetKey().GetFloats(), int(request.GetTopK()), maxMessage)
	if err != nil {
		return nil, failure(err)
	}
	response := &pb.StoresFindResult{}
	for _, match := range matches {
		response.Keys = append(response.Keys, &pb.StoresKey{Floats: match.Key})
		response.Values = append(response.Values, &pb.StoresValue{Bytes: match.Value})
		response.Similarities = append(response.Similarities, match.Similarity)
	}
	return response, nil
}

func plain(keys []*pb.StoresKey) [][]float32 {
	vectors := make([][]float32, len(keys))
	for i, key := range keys {
		vectors[i] = key.GetFloats()
	}
	return vectors
}

func success(what string) *pb.Result {
	return &pb.Result{Message: what, Success: true}
}
