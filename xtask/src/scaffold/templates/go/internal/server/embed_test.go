package server

import (
	"math"
	"testing"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"backend/scaffold/internal/pb"
)

func TestEmbedCountsBytes(t *testing.T) {
	if vector := embed("aab", false); vector['a'] != 2 || vector['b'] != 1 || vector['c'] != 0 {
		t.Fatal(vector)
	}
	var squares float64
	for _, number := range embed("some text", true) {
		squares += float64(number * number)
	}
	if math.Abs(squares-1) > 1e-6 {
		t.Fatal(squares)
	}
}

func TestEmptyInputsAreRefused(t *testing.T) {
	server := &Server{}
	for _, inputs := range [][]string{nil, {""}, {"text", ""}} {
		_, err := server.Embedding(t.Context(), &pb.EmbeddingRequest{Inputs: inputs})
		if status.Code(err) != codes.InvalidArgument {
			t.Errorf("%q: %v", inputs, err)
		}
	}
}
