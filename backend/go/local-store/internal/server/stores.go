package server

import (
	"context"

	"local-store/internal/pb"
)

// StoresSet adds pairs or replaces values, all or none.
func (s *Server) StoresSet(_ context.Context, request *pb.StoresSetRequest) (*pb.StoresSetResponse, error) {
	if err := s.open.Load().store.Set(plain(request.GetKeys()), request.GetValues()); err != nil {
		return nil, failure(err)
	}
	return &pb.StoresSetResponse{}, nil
}

// StoresGet looks keys up, exactly.
func (s *Server) StoresGet(_ context.Context, request *pb.StoresGetRequest) (*pb.StoresGetResponse, error) {
	pairs, err := s.open.Load().store.Get(plain(request.GetKeys()))
	if err != nil {
		return nil, failure(err)
	}
	response := &pb.StoresGetResponse{}
	for _, pair := range pairs {
		response.Keys = append(response.Keys, &pb.Vector{Values: pair.Key})
		response.Values = append(response.Values, pair.Value)
	}
	return response, nil
}

// StoresDelete removes keys, exactly.
func (s *Server) StoresDelete(_ context.Context, request *pb.StoresDeleteRequest) (*pb.StoresDeleteResponse, error) {
	deleted, err := s.open.Load().store.Delete(plain(request.GetKeys()))
	if err != nil {
		return nil, failure(err)
	}
	return &pb.StoresDeleteResponse{Deleted: uint32(deleted)}, nil
}

// StoresFind returns the nearest keys.
func (s *Server) StoresFind(ctx context.Context, request *pb.StoresFindRequest) (*pb.StoresFindResponse, error) {
	matches, err := s.open.Load().store.Find(ctx, request.GetKey().GetValues(), int(request.GetTopK()))
	if err != nil {
		return nil, failure(err)
	}
	response := &pb.StoresFindResponse{}
	for _, match := range matches {
		response.Keys = append(response.Keys, &pb.Vector{Values: match.Key})
		response.Values = append(response.Values, match.Value)
		response.Similarities = append(response.Similarities, match.Similarity)
	}
	return response, nil
}

func plain(vectors []*pb.Vector) [][]float32 {
	keys := make([][]float32, len(vectors))
	for i, vector := range vectors {
		keys[i] = vector.GetValues()
	}
	return keys
}
