package store

import (
	"context"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
)

func vectors(v ...[]float32) [][]float32 { return v }

func texts(s ...string) [][]byte {
	out := make([][]byte, len(s))
	for i, x := range s {
		out[i] = []byte(x)
	}
	return out
}

func mustSet(t *testing.T, s *Store, keys [][]float32, values [][]byte) {
	t.Helper()
	if err := s.Set(keys, values); err != nil {
		t.Fatal(err)
	}
}

func valuesOf(t *testing.T, s *Store, keys ...[]float32) []string {
	t.Helper()
	pairs, err := s.Get(keys, 1<<30)
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, p := range pairs {
		out = append(out, string(p.Value))
	}
	return out
}

func TestGetReturnsWhatWasSetInTheOrderAsked(t *testing.T) {
	s := New(1 << 30)
	a, b, c := []float32{1, 0}, []float32{0, 1}, []float32{1, 1}
	mustSet(t, s, vectors(a, b), texts("a", "b"))
	if got := valuesOf(t, s, b, c, a); !slices.Equal(got, []string{"b", "a"}) {
		t.Fatalf("got %q", got)
	}
}

func TestSetReplacesTheValueOfAKeyThatIsThere(t *testing.T) {
	s := New(1 << 30)
	mustSet(t, s, vectors([]float32{0, 1}), texts("old"))
	mustSet(t, s, vectors([]float32{float32(math.Copysign(0, -1)), 1}), texts("new"))
	if got := valuesOf(t, s, []float32{0, 1}); !slices.Equal(got, []string{"new"}) {
		t.Fatalf("got %q", got)
	}
	if dimension, size := s.Shape(); dimension != 2 || size != 1 {
		t.Fatalf("dimension %d, size %d", dimension, size)
	}
}

func TestTheStoreKeepsItsOwnCopyOfAKey(t *testing.T) {
	s := New(1 << 30)
	key := []float32{1, 2}
	mustSet(t, s, vectors(key), texts("v"))
	key[0] = 9
	found, err := s.Find(context.Background(), []float32{1, 2}, 1, 1<<30)
	if err != nil || found[0].Key[0] != 1 {
		t.Fatalf("%v %v", found, err)
	}
}

func TestDeleteTakesOnlyWhatIsThereAndOnlyOnce(t *testing.T) {
	s := New(1 << 30)
	a, b, c := []float32{1, 0}, []float32{0, 1}, []float32{1, 1}
	mustSet(t, s, vectors(a, b, c), texts("a", "b", "c"))
	deleted, err := s.Delete(vectors(a, a, []float32{7, 7}))
	if err != nil || deleted != 1 {
		t.Fatalf("deleted %d, %v", deleted, err)
	}
	if got := valuesOf(t, s, a, b, c); !slices.Equal(got, []string{"b", "c"}) {
		t.Fatalf("left %q", got)
	}
	if deleted, err = s.Delete(vectors(c, b)); err != nil || deleted != 2 {
		t.Fatalf("deleted %d, %v", deleted, err)
	}
	mustSet(t, s, vectors([]float32{1, 2, 3}), texts("an emptied store takes another dimension"))
}

func TestARefusedSetLeavesTheStoreAsItWas(t *testing.T) {
	nan, inf := float32(math.NaN()), float32(math.Inf(1))
	for name, keys := range map[string][][]float32{
		"dimension": vectors([]float32{1, 2}, []float32{1, 2, 3}),
		"empty":     vectors([]float32{1, 2}, nil),
		"nan":       vectors([]float32{1, 2}, []float32{nan, 1}),
		"infinite":  vectors([]float32{1, 2}, []float32{inf, 1}),
		"count":     vectors([]float32{1, 2}),
		"nothing":   nil,
	} {
		s := New(1 << 30)
		if err := s.Set(keys, texts("x", "y")); !errors.Is(err, ErrInvalid) {
			t.Errorf("%s: %v", name, err)
		}
		if dimension, size := s.Shape(); dimension != 0 || size != 0 {
			t.Errorf("%s: dimension %d, size %d", name, dimension, size)
		}
	}
}

func TestTheFirstKeyFixesTheDimension(t *testing.T) {
	s := New(1 << 30)
	mustSet(t, s, vectors([]float32{1, 0}), texts("a"))
	long := vectors([]float32{1, 0, 0})
	if _, err := s.Get(long, 1<<30); !errors.Is(err, ErrInvalid) {
		t.Errorf("get: %v", err)
	}
	if _, err := s.Delete(long); !errors.Is(err, ErrInvalid) {
		t.Errorf("delete: %v", err)
	}
	if _, err := s.Find(context.Background(), long[0], 1, 1<<30); !errors.Is(err, ErrInvalid) {
		t.Errorf("find: %v", err)
	}
	if err := s.Set(long, texts("b")); !errors.Is(err, ErrInvalid) {
		t.Errorf("set: %v", err)
	}
}

func TestFindOrdersByCosineAndNotByLength(t *testing.T) {
	s := New(1 << 30)
	mustSet(t, s,
		vectors([]float32{100, 100}, []float32{0.001, 0}, []float32{-5, 0}, []float32{0, 0}, []float32{2, 0}),
		texts("diagonal", "short", "opposite", "zero", "same"))
	found, err := s.Find(context.Background(), []float32{3, 0}, 10, 1<<30)
	if err != nil {
		t.Fatal(err)
	}
	want := []string{"short 1.000", "same 1.000", "diagonal 0.707", "zero 0.000", "opposite -1.000"}
	var got []string
	for _, m := range found {
		got = append(got, fmt.Sprintf("%s %.3f", m.Value, m.Similarity))
	}
	if !slices.Equal(got, want) {
		t.Fatalf("got %q", got)
	}
}

func TestFindSurvivesExtremeNumbers(t *testing.T) {
	s := New(1 << 30)
	mustSet(t, s, vectors([]float32{math.MaxFloat32, math.MaxFloat32}), texts("huge"))
	found, err := s.Find(context.Background(), []float32{math.SmallestNonzeroFloat32, 0}, 1, 1<<30)
	if err != nil || math.Abs(float64(found[0].Similarity)-math.Sqrt2/2) > 1e-6 {
		t.Fatalf("%v %v", found, err)
	}
}

func TestFindAgreesWithSortingEverything(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	s := New(1 << 30)
	var keys [][]float32
	for i := range 1000 {
		key := make([]float32, 7)
		for j := range key {
			key[j] = float32(random.NormFloat64())
		}
		keys = append(keys, key)
		mustSet(t, s, vectors(key), texts(fmt.Sprint(i)))
	}
	if _, err := s.Delete(keys[100:300]); err != nil {
		t.Fatal(err)
	}
	query := keys[42]
	left := slices.Concat(keys[:100], keys[300:])
	cosine := func(k []float32) float64 { return dot(query, k) * inverseLength(query) * inverseLength(k) }
	slices.SortFunc(left, func(a, b []float32) int { return int(math.Copysign(1, cosine(b)-cosine(a))) })
	for _, topK := range []int{1, 3, 17, 799, 800, 5000} {
		found, err := s.Find(context.Background(), query, topK, 1<<30)
		if err != nil {
			t.Fatal(err)
		}
		if len(found) != min(topK, len(left)) {
			t.Fatalf("top %d gave %d", topK, len(found))
		}
		for i, m := range found {
			if !slices.Equal(m.Key, left[i]) {
				t.Fatalf("top %d: place %d is wrong", topK, i)
			}
		}
	}
}

func TestFindRefusesAndStops(t *testing.T) {
	s := New(1 << 30)
	if found, err := s.Find(context.Background(), []float32{1}, 1, 1<<30); err != nil || len(found) != 0 {
		t.Errorf("empty store: %v %v", found, err)
	}
	if _, err := s.Find(context.Background(), []float32{1}, 0, 1<<30); !errors.Is(err, ErrInvalid) {
		t.Errorf("top_k 0: %v", err)
	}
	mustSet(t, s, vectors([]float32{1}), texts("a"))
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := s.Find(ctx, []float32{1}, 1, 1<<30); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
}

func TestManyCallersAtOnce(t *testing.T) {
	s := New(1 << 30)
	var group sync.WaitGroup
	for worker := range 8 {
		group.Go(func() {
			for i := range 200 {
				key := []float32{float32(worker), float32(i), 1}
				value := fmt.Sprint(worker, i)
				if err := s.Set(vectors(key), texts(value)); err != nil {
					t.Error(err)
				}
				if pairs, err := s.Get(vectors(key), 1<<30); err != nil || string(pairs[0].Value) != value {
					t.Error(pairs, err)
				}
				if _, err := s.Find(context.Background(), key, 3, 1<<30); err != nil {
					t.Error(err)
				}
				if i%2 == 0 {
					if n, err := s.Delete(vectors(key)); n != 1 || err != nil {
						t.Error(n, err)
					}
				}
			}
		})
	}
	group.Wait()
	if _, size := s.Shape(); size != 800 {
		t.Fatalf("%d keys are left", size)
	}
}

func drawn100kOf384() [][]float32 {
	random := rand.New(rand.NewPCG(1, 2))
	keys := make([][]float32, 100_000)
	for i := range keys {
		keys[i] = make([]float32, 384)
		for j := range keys[i] {
			keys[i][j] = random.Float32()
		}
	}
	return keys
}

func BenchmarkFind100kOf384(b *testing.B) {
	s := New(1 << 30)
	keys := drawn100kOf384()
	for _, key := range keys {
		if err := s.Set(vectors(key), texts("v")); err != nil {
			b.Fatal(err)
		}
	}
	for b.Loop() {
		if _, err := s.Find(context.Background(), keys[7], 10, 1<<30); err != nil {
			b.Fatal(err)
		}
	}
}

// What Find is measured against: every product in one loop, and the single best.
func BenchmarkPlainLoop100kOf384(b *testing.B) {
	keys := drawn100kOf384()
	query := keys[7]
	for b.Loop() {
		best, at := float32(-1), -1
		for i, key := range keys {
			var sum, square float32
			for j, x := range key {
				sum += x * query[j]
				square += x * x
			}
			if likeness := sum / float32(math.Sqrt(float64(square))); likeness > best {
				best, at = likeness, i
			}
		}
		if at != 7 {
			b.Fatal(at)
		}
	}
}

func TestWhatDoesNotFitIsRefusedWhole(t *testing.T) {
	s := New(1000)
	a, b := []float32{1, 0}, []float32{0, 1}
	mustSet(t, s, vectors(a), [][]byte{make([]byte, 500)})
	if err := s.Set(vectors(b), [][]byte{make([]byte, 500)}); !errors.Is(err, ErrTooMuch) {
		t.Fatalf("got %v", err)
	}
	mustSet(t, s, vectors(a), texts("short"))
	mustSet(t, s, vectors(b), [][]byte{make([]byte, 500)})
	if _, err := s.Delete(vectors(b)); err != nil {
		t.Fatal(err)
	}
	mustSet(t, s, vectors([]float32{1, 1}), [][]byte{make([]byte, 500)})
}

func TestAnAnswerIsBoundedBeforeItIsMade(t *testing.T) {
	s := New(1 << 30)
	key := []float32{1, 0}
	mustSet(t, s, vectors(key), [][]byte{make([]byte, 1000)})
	if _, err := s.Get(vectors(key, key, key), 3000); !errors.Is(err, ErrTooMuch) {
		t.Fatalf("got %v", err)
	}
	if _, err := s.Find(context.Background(), key, 1, 1000); !errors.Is(err, ErrTooMuch) {
		t.Fatalf("got %v", err)
	}
}
