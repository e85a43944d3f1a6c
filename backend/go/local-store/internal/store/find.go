package store

import (
	"cmp"
	"container/heap"
	"context"
	"fmt"
	"slices"
)

// How many keys are compared between two looks at whether the caller still waits.
const stride = 4096

// Find returns the topK keys nearest to the given one, the nearest first and the older first among equals, if that is no
// more than maxBytes.
func (s *Store) Find(ctx context.Context, key []float32, topK, maxBytes int) ([]Match, error) {
	if topK < 1 {
		return nil, fmt.Errorf("%w: top_k is %d, expected at least 1", ErrInvalid, topK)
	}
	s.mu.RLock()
	defer s.mu.RUnlock()
	if err := validate(key, s.dimension); err != nil {
		return nil, err
	}
	inverse := inverseLength(key)
	best := make(candidates, 0, min(topK, len(s.entries)))
	for i := range s.entries {
		if i%stride == 0 && ctx.Err() != nil {
			return nil, context.Cause(ctx)
		}
		e := &s.entries[i]
		c := candidate{similarity: clamp(dot(key, e.key) * inverse * e.inverse), entry: e}
		if len(best) < topK {
			heap.Push(&best, c)
		} else if compare(c, best[0]) < 0 {
			best[0] = c
			heap.Fix(&best, 0)
		}
	}
	slices.SortFunc(best, compare)
	matches := make([]Match, len(best))
	for i, c := range best {
		pair := Pair{Key: c.entry.key, Value: c.entry.value}
		if maxBytes -= pair.bytes(); maxBytes < 0 {
			return nil, errAnswer
		}
		matches[i] = Match{Pair: pair, Similarity: float32(c.similarity)}
	}
	return matches, nil
}

type candidate struct {
	similarity float64
	entry      *entry
}

// compare orders the better candidate first.
func compare(a, b candidate) int {
	return cmp.Or(cmp.Compare(b.similarity, a.similarity), cmp.Compare(a.entry.age, b.entry.age))
}

func clamp(similarity float64) float64 {
	return min(max(similarity, -1), 1)
}

// candidates is a heap with the worst candidate on top, which is the one to go when a better one comes.
type candidates []candidate

func (c candidates) Len() int           { return len(c) }
func (c candidates) Less(i, j int) bool { return compare(c[i], c[j]) > 0 }
func (c candidates) Swap(i, j int)      { c[i], c[j] = c[j], c[i] }
func (c *candidates) Push(x any)        { *c = append(*c, x.(candidate)) }

func (c *candidates) Pop() any {
	last := len(*c) - 1
	worst := (*c)[last]
	*c = (*c)[:last]
	return worst
}
