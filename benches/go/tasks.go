// Goroutines that contend for a semaphore: the Go side of ../semaphore/tasks.rs. Prints nanoseconds per acquisition.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"runtime"
	"sync"
	"time"

	"golang.org/x/sync/semaphore"
)

func main() {
	procs := flag.Int("procs", 1, "GOMAXPROCS")
	tasks := flag.Int("tasks", 64, "goroutines")
	permits := flag.Int64("permits", 4, "size of the semaphore")
	weight := flag.Int64("weight", 1, "permits per acquisition")
	held := flag.Bool("held", false, "call the scheduler with the permits in hand")
	each := flag.Int("each", 1000, "acquisitions per goroutine")
	flag.Parse()
	runtime.GOMAXPROCS(*procs)

	ctx := context.Background()
	sem := semaphore.NewWeighted(*permits)
	var all sync.WaitGroup
	start := time.Now()
	for i := 0; i < *tasks; i++ {
		all.Add(1)
		go func() {
			defer all.Done()
			for j := 0; j < *each; j++ {
				if err := sem.Acquire(ctx, *weight); err != nil {
					panic(err)
				}
				if *held {
					runtime.Gosched()
				}
				sem.Release(*weight)
			}
		}()
	}
	all.Wait()
	elapsed := time.Since(start)
	if !sem.TryAcquire(*permits) {
		fmt.Fprintln(os.Stderr, "permits were lost")
		os.Exit(1)
	}
	fmt.Println(float64(elapsed.Nanoseconds()) / float64(*tasks**each))
}
