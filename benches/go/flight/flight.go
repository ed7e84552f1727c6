// Calls of a singleflight group: the Go side of ../../singleflight. Prints nanoseconds per call.
package main

import (
	"flag"
	"fmt"
	"runtime"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/sync/singleflight"
)

func ready() (interface{}, error) { return uint64(1), nil }

// calls does operations calls of keys at random.
func calls(group *singleflight.Group, seed uint64, names []string, operations int) {
	state := seed
	for i := 0; i < operations; i++ {
		state = state*6364136223846793005 + 1442695040888963407
		group.Do(names[(state>>40)%uint64(len(names))], ready)
	}
}

// join has joiners goroutines share one call, which ends when all have arrived.
func join(group *singleflight.Group, joiners int) {
	var arrived int64
	var all sync.WaitGroup
	all.Add(joiners)
	work := func() (interface{}, error) {
		for atomic.LoadInt64(&arrived) < int64(joiners) {
			runtime.Gosched()
		}
		return uint64(1), nil
	}
	for i := 0; i < joiners; i++ {
		go func() {
			defer all.Done()
			atomic.AddInt64(&arrived, 1)
			group.Do("7", work)
		}()
	}
	all.Wait()
}

func main() {
	procs := flag.Int("procs", 1, "GOMAXPROCS, and goroutines that call")
	keys := flag.Int("keys", 1, "keys that are called for")
	joiners := flag.Int("joiners", 0, "callers of one flight; if zero, calls that share nothing on purpose")
	operations := flag.Int("operations", 1000, "calls, of each goroutine")
	flag.Parse()
	runtime.GOMAXPROCS(*procs)

	names := make([]string, *keys)
	for i := range names {
		names[i] = strconv.Itoa(i)
	}
	var group singleflight.Group
	calls(&group, 1, names, 1000)
	done := *operations
	start := time.Now()
	if *joiners > 0 {
		batches := (*operations + *joiners - 1) / *joiners
		done = batches * *joiners
		for i := 0; i < batches; i++ {
			join(&group, *joiners)
		}
	} else {
		var all sync.WaitGroup
		for p := 0; p < *procs; p++ {
			all.Add(1)
			go func(seed uint64) {
				defer all.Done()
				calls(&group, seed, names, *operations)
			}(uint64(p))
		}
		all.Wait()
	}
	fmt.Println(float64(time.Since(start).Nanoseconds()) / float64(done))
}
