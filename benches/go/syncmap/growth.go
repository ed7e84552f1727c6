package main

import (
	"fmt"
	"runtime"
	"sync"
	"syscall"
	"unsafe"
)

// growth inserts as many keys on each goroutine into an empty map, and tells the nanoseconds of an insertion. What was
// left by the last map is collected first, as a map of Rust is dropped before the clock starts.
func growth(threads int, each uint64) float64 {
	runtime.GC()
	m := new(sync.Map)
	elapsed := together(threads, func(g int) {
		for number := uint64(g) * each; number < uint64(g+1)*each; number++ {
			m.Store(number, number)
		}
	})
	for number := uint64(0); number < uint64(threads)*each; number++ {
		if _, ok := m.Load(number); !ok {
			panic("a key is lost")
		}
	}
	return elapsed / float64(each)
}

// worst tells the processor time of the dearest insertion on the way to so many keys, in nanoseconds. The collector's
// own threads do not count.
func worst(keys uint64) float64 {
	runtime.GC()
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	m := new(sync.Map)
	dearest := int64(0)
	before := processorTime()
	for number := uint64(0); number < keys; number++ {
		m.Store(number, number)
		now := processorTime()
		if now-before > dearest {
			dearest = now - before
		}
		before = now
	}
	return float64(dearest)
}

// processorTime is this thread's.
func processorTime() int64 {
	const threadClock = 3
	var t syscall.Timespec
	if _, _, err := syscall.RawSyscall(syscall.SYS_CLOCK_GETTIME, threadClock, uintptr(unsafe.Pointer(&t)), 0); err != 0 {
		panic(err)
	}
	return t.Nano()
}

// space tells the bytes of an empty map, those of so many entries, settled, and those that are left when
// 99 % are removed.
func space(count uint64) string {
	live := func() uint64 {
		// What the first only unlinks, the second frees.
		runtime.GC()
		runtime.GC()
		var stats runtime.MemStats
		runtime.ReadMemStats(&stats)
		return stats.HeapAlloc
	}
	before := live()
	m := new(sync.Map)
	empty := live() - before
	for number := uint64(0); number < count; number++ {
		m.Store(number, number)
	}
	for i := uint64(0); i < passes*count; i++ {
		m.Load(i % count)
	}
	full := live() - before
	for number := uint64(0); number < count; number++ {
		if number%100 != 0 {
			m.Delete(number)
		}
	}
	left := live() - before
	kept := uint64(0)
	m.Range(func(_, _ any) bool {
		kept++
		return true
	})
	if kept != (count+99)/100 {
		panic("a key is lost")
	}
	return fmt.Sprint(empty, full, left)
}
