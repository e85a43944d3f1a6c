package server

import (
	"bytes"
	"context"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/encoding"
	_ "google.golang.org/grpc/encoding/proto" // The codec that the reader stands before.
	"google.golang.org/grpc/keepalive"
	"google.golang.org/grpc/mem"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/encoding/protowire"
	"google.golang.org/protobuf/proto"

	"local-store/internal/pb"
)

// Vectors travel in bulk: 64 MiB are 40,000 keys of 384 numbers.
const maxMessage = 64 << 20

// The most calls that one connection may have open.
const maxStreams = 1024

// Clients that ask more often whether a quiet connection still stands are sent away.
const leastPing = 5 * time.Second

type services interface {
	pb.BackendServer
	pb.InspectionServer
}

// serve makes a gRPC server of both services, for those who know the token where there is one.
func serve(s services, token string, counters *counters) *grpc.Server {
	g := grpc.NewServer(grpc.MaxRecvMsgSize(maxMessage), grpc.MaxSendMsgSize(maxMessage),
		grpc.MaxConcurrentStreams(maxStreams), grpc.ForceServerCodecV2(reader{encoding.GetCodecV2("proto")}),
		grpc.KeepaliveEnforcementPolicy(keepalive.EnforcementPolicy{MinTime: leastPing, PermitWithoutStream: true}),
		grpc.ChainUnaryInterceptor(access(token).unary, counters.intercept, refuseMalformed),
		grpc.StreamInterceptor(access(token).stream))
	pb.RegisterBackendServer(g, s)
	pb.RegisterInspectionServer(g, s)
	return g
}

// malformed is an unknown field that stands for a message that cannot be read.
var malformed = protowire.AppendVarint(protowire.AppendTag(nil, protowire.MaxValidNumber, protowire.VarintType), 1)

// reader lets a message that cannot be read through to refuseMalformed: gRPC would call it the server's fault.
type reader struct{ encoding.CodecV2 }

func (r reader) Unmarshal(data mem.BufferSlice, into any) error {
	err := r.CodecV2.Unmarshal(data, into)
	if message, ok := into.(proto.Message); ok && err != nil {
		proto.Reset(message)
		message.ProtoReflect().SetUnknown(malformed)
		return nil
	}
	return err
}

func refuseMalformed(
	ctx context.Context, request any, _ *grpc.UnaryServerInfo, handle grpc.UnaryHandler,
) (any, error) {
	if message, ok := request.(proto.Message); ok && bytes.Equal(message.ProtoReflect().GetUnknown(), malformed) {
		return nil, status.Error(codes.InvalidArgument, "the message is malformed")
	}
	return handle(ctx, request)
}
