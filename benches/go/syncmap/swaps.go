//go:build go1.23

package main

import "sync"

// What Go 1.20 and 1.23 have added.
func init() {
	zero := uint64(0)
	for name, b := range map[string]benchmark{
		"SwapCollision":                {1, each(func(m *sync.Map, i uint64) { m.Swap(zero, zero) })},
		"SwapMostlyHits":               {1023, each(func(m *sync.Map, i uint64) { swap(m, i, 1023) })},
		"SwapMostlyMisses":             {1, each(func(m *sync.Map, i uint64) { swap(m, i, 1) })},
		"CompareAndSwapCollision":      {1, each(swapThereAndBack)},
		"CompareAndSwapNoExistingKey":  {0, each(func(m *sync.Map, i uint64) { m.CompareAndSwap(i, zero, zero) })},
		"CompareAndSwapValueNotEqual":  {1, each(func(m *sync.Map, i uint64) { m.CompareAndSwap(zero, uint64(1), uint64(2)) })},
		"CompareAndSwapMostlyHits":     {1023, each(func(m *sync.Map, i uint64) { compareAndSwap(m, mostly(i, 1023, 1024)) })},
		"CompareAndSwapMostlyMisses":   {1, each(func(m *sync.Map, i uint64) { compareAndSwap(m, mostly(i, 1, 1024)) })},
		"CompareAndDeleteCollision":    {1, each(func(m *sync.Map, i uint64) { deleteAndStore(m, zero) })},
		"CompareAndDeleteMostlyHits":   {1023, each(func(m *sync.Map, i uint64) { deleteAndStore(m, mostly(i, 1023, 1024)) })},
		"CompareAndDeleteMostlyMisses": {1, each(func(m *sync.Map, i uint64) { deleteAndStore(m, mostly(i, 1, 1024)) })},
		"Clear":                        {0, each(clearAndStore)},
	} {
		list[name] = b
	}
}

func swap(m *sync.Map, i, hits uint64) {
	key := mostly(i, hits, 1024)
	m.Swap(key, key)
	if i%1024 >= hits {
		m.Delete(i)
	}
}

func swapThereAndBack(m *sync.Map, _ uint64) {
	if m.CompareAndSwap(uint64(0), uint64(0), uint64(42)) {
		m.CompareAndSwap(uint64(0), uint64(42), uint64(0))
	}
}

func compareAndSwap(m *sync.Map, key uint64) { m.CompareAndSwap(key, key, key) }

func deleteAndStore(m *sync.Map, key uint64) {
	if m.CompareAndDelete(key, key) {
		m.Store(key, key)
	}
}

func clearAndStore(m *sync.Map, i uint64) {
	m.Clear()
	m.Store(i%256, i%256)
}
