package server

import (
	"bytes"
	"os"
	"strconv"

	"local-store/internal/pb"
)

// memory reads what Linux tells of this process; elsewhere, and without /proc, the numbers are 0.
func memory() *pb.MemoryUsageData {
	text, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return &pb.MemoryUsageData{}
	}
	return &pb.MemoryUsageData{
		Total: kilobytes(text, "VmRSS:"), Breakdown: map[string]uint64{"peak": kilobytes(text, "VmHWM:")},
	}
}

func kilobytes(text []byte, name string) uint64 {
	_, rest, found := bytes.Cut(text, []byte("\n"+name))
	fields := bytes.Fields(rest)
	if !found || len(fields) == 0 {
		return 0
	}
	number, err := strconv.ParseUint(string(fields[0]), 10, 64)
	if err != nil {
		return 0
	}
	return number * 1024
}
