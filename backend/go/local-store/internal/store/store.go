// Package store keeps values under vectors, in memory, and finds the nearest by cosine similarity.
package store

import (
	"fmt"
	"slices"
	"sync"
)

// Store is safe for concurrent use. Its zero value is empty and ready.
type Store struct {
	mu sync.RWMutex
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
	s.dimension = dimension
	if s.index == nil {
		s.index = make(map[string]int)
	}
	for i, key := range keys {
		exact := identity(key)
		if at, ok := s.index[exact]; ok {
			s.entries[at].value = values[i]
			continue
		}
		s.index[exact] = len(s.entries)
		s.added++
		s.entries = append(s.entries, entry{
			exact: exact, key: slices.Clone(key), inverse: inverseLength(key), value: values[i], age: s.added,
		})
	}
	return nil
}

// Get returns those of the keys that are in the store, in the order asked.
func (s *Store) Get(keys [][]float32) ([]Pair, error) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	if _, err := s.check(keys); err != nil {
		return nil, err
	}
	var found []Pair
	for _, key := range keys {
		if at, ok := s.index[identity(key)]; ok {
			found = append(found, Pair{Key: s.entries[at].key, Value: s.entries[at].value})
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
