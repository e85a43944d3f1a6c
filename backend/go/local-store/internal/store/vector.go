package store

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"
)

// ErrInvalid marks errors that the caller made.
var ErrInvalid = errors.New("invalid vector request")

// ErrTooMuch marks errors of what does not fit, into the store or into an answer.
var ErrTooMuch = errors.New("too much")

var errAnswer = fmt.Errorf("%w: the answer would be larger than a message may be; ask for less", ErrTooMuch)

// validate checks a vector against the dimension of its neighbours, 0 if it has none.
func validate(vector []float32, dimension int) error {
	if len(vector) == 0 {
		return fmt.Errorf("%w: the vector is empty", ErrInvalid)
	}
	if dimension != 0 && len(vector) != dimension {
		return fmt.Errorf("%w: the vector has %d dimensions, expected %d", ErrInvalid, len(vector), dimension)
	}
	for i, x := range vector {
		if math.IsNaN(float64(x)) || math.IsInf(float64(x), 0) {
			return fmt.Errorf("%w: value %d is %v, expected a finite number", ErrInvalid, i, x)
		}
	}
	return nil
}

// identity is equal for two vectors exactly if all their numbers are; the two zeros are one number.
func identity(vector []float32) string {
	bytes := make([]byte, 0, 4*len(vector))
	for _, x := range vector {
		if x == 0 {
			x = 0
		}
		bytes = binary.LittleEndian.AppendUint32(bytes, math.Float32bits(x))
	}
	return string(bytes)
}

// inverseLength is 1 / |vector|, and 0 for a vector of length 0, which makes its similarity to anything 0.
func inverseLength(vector []float32) float64 {
	if square := dot(vector, vector); square > 0 {
		return 1 / math.Sqrt(square)
	}
	return 0
}

// dot sums in float64, where no product of two float32 overflows, in four lanes that the processor can overlap.
func dot(a, b []float32) float64 {
	b = b[:len(a)]
	var lanes [4]float64
	i := 0
	for ; i+4 <= len(a); i += 4 {
		lanes[0] += float64(a[i]) * float64(b[i])
		lanes[1] += float64(a[i+1]) * float64(b[i+1])
		lanes[2] += float64(a[i+2]) * float64(b[i+2])
		lanes[3] += float64(a[i+3]) * float64(b[i+3])
	}
	for ; i < len(a); i++ {
		lanes[0] += float64(a[i]) * float64(b[i])
	}
	return lanes[0] + lanes[1] + lanes[2] + lanes[3]
}
