// Goroutines that are started and waited for: the Go side of ../../errgroup. Prints nanoseconds per child.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"runtime"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"
)

// sink keeps the loop of spin from being optimised away.
var sink uint64

//go:noinline
func spin(turns int) uint64 {
	var sum uint64
	for i := 0; i < turns; i++ {
		sum = sum*31 + uint64(i)
	}
	return sum
}

// turnsFor says how often spin has to turn to take about as long as work.
func turnsFor(work time.Duration) int {
	const turns = 100_000
	quickest := time.Hour
	for i := 0; i < 50; i++ {
		start := time.Now()
		sink += spin(turns)
		if took := time.Since(start); took < quickest {
			quickest = took
		}
	}
	return int(float64(turns) * float64(work) / float64(quickest))
}

func main() {
	procs := flag.Int("procs", 1, "GOMAXPROCS")
	children := flag.Int("children", 1000, "goroutines of a group")
	batches := flag.Int("batches", 1, "groups, one after the other")
	limit := flag.Int("limit", -1, "of a group; none if negative")
	work := flag.Duration("work", 0, "what a child takes")
	bare := flag.Bool("bare", false, "a WaitGroup instead")
	flag.Parse()
	runtime.GOMAXPROCS(*procs)

	turns := 0
	if *work > 0 {
		turns = turnsFor(*work)
	}
	child := func() error {
		if turns > 0 && spin(turns) == 1 {
			return context.Canceled
		}
		return nil
	}
	start := time.Now()
	for i := 0; i < *batches; i++ {
		if *bare {
			var all sync.WaitGroup
			for j := 0; j < *children; j++ {
				all.Add(1)
				go func() {
					defer all.Done()
					child()
				}()
			}
			all.Wait()
			continue
		}
		group, _ := errgroup.WithContext(context.Background())
		group.SetLimit(*limit)
		for j := 0; j < *children; j++ {
			group.Go(child)
		}
		if err := group.Wait(); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
	}
	elapsed := time.Since(start)
	fmt.Println(float64(elapsed.Nanoseconds()) / float64(*batches**children))
}
