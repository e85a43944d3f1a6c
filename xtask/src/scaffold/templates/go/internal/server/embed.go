package server

import "math"

// size is the dimension of a vector.
const size = 256

// embed counts the bytes of a text: what there is until a model takes its place. The vector has length 1, unless the
// text is empty.
func embed(text string) []float32 {
	vector := make([]float32, size)
	for _, b := range []byte(text) {
		vector[b]++
	}
	var squares float64
	for _, number := range vector {
		squares += float64(number) * float64(number)
	}
	if length := float32(math.Sqrt(squares)); length > 0 {
		for i := range vector {
			vector[i] /= length
		}
	}
	return vector
}
