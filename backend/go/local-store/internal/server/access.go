package server

import (
	"context"
	"crypto/subtle"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"
)

// access is the token that every call must bring; an empty one is none.
type access string

func (a access) check(ctx context.Context) error {
	if a == "" {
		return nil
	}
	given := metadata.ValueFromIncomingContext(ctx, "authorization")
	if len(given) == 1 && subtle.ConstantTimeCompare([]byte(given[0]), []byte("Bearer "+a)) == 1 {
		return nil
	}
	return status.Error(codes.Unauthenticated, "the token is missing or wrong")
}

func (a access) unary(ctx context.Context, request any, _ *grpc.UnaryServerInfo, handle grpc.UnaryHandler) (any, error) {
	if err := a.check(ctx); err != nil {
		return nil, err
	}
	return handle(ctx, request)
}

func (a access) stream(server any, stream grpc.ServerStream, _ *grpc.StreamServerInfo, handle grpc.StreamHandler) error {
	if err := a.check(stream.Context()); err != nil {
		return err
	}
	return handle(server, stream)
}
