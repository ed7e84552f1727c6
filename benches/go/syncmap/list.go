package main

import (
	"runtime"
	"sync"
)

// operation is one of a benchmark of Go's list, the ith of its goroutine.
type operation func(m *sync.Map, i uint64)

// benchmark is one of Go's list (sync/map_bench_test.go): so many keys are there before. The loop is made for each
// goroutine, which may keep state in it.
type benchmark struct {
	fill uint64
	run  func(m *sync.Map, from, to uint64)
}

// each is a loop without a state.
func each(op operation) func(m *sync.Map, from, to uint64) {
	return func(m *sync.Map, from, to uint64) {
		for i := from; i < to; i++ {
			op(m, i)
		}
	}
}

// mostly is one of the first so many keys where i's remainder is one of them, else a key that nobody else uses.
func mostly(i, hits, of uint64) uint64 {
	if i%of < hits {
		return i % of
	}
	return i
}

// load, as it is in a benchmark that is named after its hits or misses.
func load(m *sync.Map, i uint64) { m.Load(i % 1024) }

var list = map[string]benchmark{
	"LoadMostlyHits":         {1023, each(load)},
	"LoadMostlyMisses":       {1, each(load)},
	"LoadOrStoreBalanced":    {128, each(func(m *sync.Map, i uint64) { m.LoadOrStore(mostly(i, 128, 256), i) })},
	"LoadOrStoreUnique":      {0, each(func(m *sync.Map, i uint64) { m.LoadOrStore(i, i) })},
	"LoadOrStoreCollision":   {1, each(func(m *sync.Map, i uint64) { m.LoadOrStore(uint64(0), uint64(0)) })},
	"LoadAndDeleteBalanced":  {128, each(func(m *sync.Map, i uint64) { m.LoadAndDelete(mostly(i, 128, 256)) })},
	"LoadAndDeleteUnique":    {0, each(func(m *sync.Map, i uint64) { m.LoadAndDelete(i) })},
	"LoadAndDeleteCollision": {1, each(func(m *sync.Map, i uint64) { m.LoadAndDelete(uint64(0)) })},
	"DeleteCollision":        {1, each(func(m *sync.Map, i uint64) { m.Delete(uint64(0)) })},
	"Range":                  {1024, each(func(m *sync.Map, i uint64) { m.Range(func(_, _ any) bool { return true }) })},
	"AdversarialAlloc":       {0, adversarialAlloc},
	"AdversarialDelete":      {1024, each(adversarialDelete)},
}

// adversarialAlloc looks for keys that are not there, and stores one whenever a map that counts its misses would have
// settled.
func adversarialAlloc(m *sync.Map, from, to uint64) {
	stores, loads := uint64(0), uint64(0)
	for i := from; i < to; i++ {
		m.Load(i)
		loads++
		if loads > stores {
			m.LoadOrStore(i, stores)
			loads = 0
			stores++
		}
	}
}

// adversarialDelete removes a key and stores another once in 1,024 loads.
func adversarialDelete(m *sync.Map, i uint64) {
	m.Load(i)
	if i%1024 == 0 {
		m.Range(func(key, _ any) bool {
			m.Delete(key)
			return false
		})
		m.Store(i, i)
	}
}

// listed is a benchmark of the list, on a new map for each sample, or nil.
func listed(name string, threads int) sample {
	b, ok := list[name]
	if !ok {
		return nil
	}
	return func(operations uint64) float64 {
		runtime.GC()
		m := new(sync.Map)
		for number := uint64(0); number < b.fill; number++ {
			m.Store(number, number)
		}
		for i := uint64(0); i < passes*b.fill; i++ {
			m.Load(i % b.fill)
		}
		elapsed := together(threads, func(g int) { b.run(m, uint64(g)*operations, uint64(g+1)*operations) })
		return elapsed / float64(operations)
	}
}
