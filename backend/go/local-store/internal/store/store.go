// Package store keeps values under vectors, in memory, and finds the nearest by cosine similarity.
package store

import (
	"fmt"
	"slices"
	"sync"
)

// What an entry takes beside its key, twice, and its value.
const overhead = 128

// Store is safe for concurrent use.
type Store struct {
	mu sync.RWMutex
	// Bytes that the entries take, and may take.
	bytes, maxBytes int
	// The dimension of all keys; 0 while there is none.
	dimension int
	entries   []entry
	// Where in entries an exact key stands.
	index map[string]int
	// Counts keys ever added: the older of two equally near ones comes first, whatever was deleted in between.
	added uint64
}

type entry struct {
	exact   string
	key     []float32
	inverse float64
	value   []byte
	age     uint64
}

// Pair is a key with its value. Both belong to the store: read them, never write to them.
type Pair struct {
	Key   []float32
	Value []byte
}

// Match is a pair and how near it is.
type Match struct {
	Pair
	Similarity float32
}

// New returns an empty store that holds so many bytes at the most.
func New(maxBytes int) *Store {
	return &Store{maxBytes: maxBytes, index: make(map[string]int)}
}

// bytes of an answer that holds the pair.
func (p Pair) bytes() int {
	return 4*len(p.Key) + len(p.Value) + overhead
}

// Set adds the pairs, or replaces the values of keys that are there. Either all of them go in or, on an error, none.
func (s *Store) Set(keys [][]float32, values [][]byte) error {
	if len(keys) == 0 {
		return fmt.Errorf("%w: there is no key to set", ErrInvalid)
	}
	if len(keys) != len(values) {
		return fmt.Errorf("%w: %d keys came with %d values", ErrInvalid, len(keys), len(values))
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	dimension, err := s.check(keys)
	if err != nil {
		return err
	}
	if need := s.bytes + s.growth(keys, values); need > s.maxBytes {
		return fmt.Errorf("%w: the store would take %d MiB and may take %d", ErrTooMuch, need>>20, s.maxBytes>>20)
	}
	s.dimension = dimension
	for i, key := range keys {
		exact := identity(key)
		if at, ok := s.index[exact]; ok {
			s.bytes += len(values[i]) - len(s.entries[at].value)
			s.entries[at].value = values[i]
			continue
		}
		s.bytes += size(key, values[i])
		s.index[exact] = len(s.entries)
		s.added++
		s.entries = append(s.entries, entry{
			exact: exact, key: slices.Clone(key), inverse: inverseLength(key), value: values[i], age: s.added,
		})
	}
	return nil
}

// growth is how much the store grows by the pairs at the most: a key that comes twice counts twice.
func (s *Store) growth(keys [][]float32, values [][]byte) int {
	sum := 0
	for i, key := range keys {
		if at, ok := s.index[identity(key)]; ok {
			sum += len(values[i]) - len(s.entries[at].value)
		} else {
			sum += size(key, values[i])
		}
	}
	return sum
}

func size(key []float32, value []byte) int {
	return 8*len(key) + len(value) + overhead
}

// Get returns those of the keys that are in the store, in the order asked, if that is no more than maxBytes.
func (s *Store) Get(keys [][]float32, maxBytes int) ([]Pair, error) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	if _, err := s.check(keys); err != nil {
		return nil, err
	}
	var found []Pair
	for _, key := range keys {
		if at, ok := s.index[identity(key)]; ok {
			pair := Pair{Key: s.entries[at].key, Value: s.entries[at].value}
			if maxBytes -= pair.bytes(); maxBytes < 0 {
				return nil, errAnswer
			}
			found = append(found, pair)
		}
	}
	return found, nil
}

// Delete removes those of the keys that are in the store and tells how many there were. On an error nothing goes. The
// dimension goes with the last key.
func (s *Store) Delete(keys [][]float32) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if _, err := s.check(keys); err != nil {
		return 0, err
	}
	deleted := 0
	for _, key := range keys {
		exact := identity(key)
		at, ok := s.index[exact]
		if !ok {
			continue
		}
		last := len(s.entries) - 1
		s.bytes -= size(key, s.entries[at].value)
		s.entries[at] = s.entries[last]
		s.index[s.entries[at].exact] = at
		s.entries[last] = entry{}
		s.entries = s.entries[:last]
		delete(s.index, exact)
		deleted++
	}
	if len(s.entries) == 0 {
		s.dimension = 0
	}
	return deleted, nil
}

// Shape tells the dimension of the keys (0 while none is fixed) and how many keys there are.
func (s *Store) Shape() (dimension, size int) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.dimension, len(s.entries)
}

// check returns the dimension that the store has once all the keys are in it.
func (s *Store) check(keys [][]float32) (int, error) {
	dimension := s.dimension
	for i, key := range keys {
		if err := validate(key, dimension); err != nil {
			return 0, fmt.Errorf("key %d: %w", i, err)
		}
		dimension = len(key)
	}
	return dimension, nil
}
