package server

import (
	"context"
	"sync/atomic"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"local-store/internal/pb"
)

// counters sums up requests since the process started. Those that only look are not counted.
type counters struct {
	requests, failed, cancelled atomic.Uint64
}

func (c *counters) intercept(
	ctx context.Context, request any, info *grpc.UnaryServerInfo, handle grpc.UnaryHandler,
) (any, error) {
	response, err := handle(ctx, request)
	switch info.FullMethod {
	case pb.Backend_Health_FullMethodName, pb.Backend_Status_FullMethodName, pb.Inspection_Inspect_FullMethodName:
		return response, err
	}
	c.requests.Add(1)
	switch status.Code(err) {
	case codes.OK:
	case codes.Canceled, codes.DeadlineExceeded:
		c.cancelled.Add(1)
	default:
		c.failed.Add(1)
	}
	return response, err
}

func (c *counters) read() *pb.Counters {
	return &pb.Counters{
		Requests:          c.requests.Load(),
		RequestsFailed:    c.failed.Load(),
		RequestsCancelled: c.cancelled.Load(),
	}
}
