package server

import (
	"math"
	"testing"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"backend/scaffold/internal/pb"
)

func TestEmbedCountsBytes(t *testing.T) {
	vector := embed("aab")
	if vector['b'] == 0 || vector['a'] != 2*vector['b'] || vector['c'] != 0 {
		t.Fatal(vector)
	}
	var squares float64
	for _, number := range vector {
		squares += float64(number * number)
	}
	if math.Abs(squares-1) > 1e-6 {
		t.Fatal(squares)
	}
}

func TestWhatIsRefused(t *testing.T) {
	server := &Server{}
	if _, err := server.LoadModel(t.Context(), &pb.ModelOptions{Model: "bytes"}); err != nil {
		t.Fatal(err)
	}
	for code, request := range map[codes.Code]*pb.PredictOptions{
		codes.OK:                 {Embeddings: "x", ModelIdentity: "bytes"},
		codes.InvalidArgument:    {},
		codes.FailedPrecondition: {Embeddings: "x", ModelIdentity: "other"},
	} {
		if _, err := server.Embedding(t.Context(), request); status.Code(err) != code {
			t.Errorf("%v: %v", request, err)
		}
	}
}
