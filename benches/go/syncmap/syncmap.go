// sync.Map read and written by goroutines: the Go side of ../../map. Says "ready", or "absent" where this Go lacks what
// the work needs. Then each line on the standard input is a number of operations; it is answered with the nanoseconds
// that one of them took on a goroutine.
package main

import (
	"bufio"
	"flag"
	"fmt"
	"os"
	"runtime"
	"strconv"
	"sync"
	"sync/atomic"
	"time"
)

// sample does so many operations on each goroutine, and tells the nanoseconds of one.
type sample func(operations uint64) float64

func main() {
	work := flag.String("work", "mix", "mix, growth, worst, space, or a benchmark of Go's list")
	threads := flag.Int("threads", 1, "goroutines, and processors")
	writes := flag.Uint64("writes", 0, "of 1,000 operations")
	churn := flag.Bool("churn", false, "half of the writes are deletions")
	count := flag.Uint64("count", 1000, "keys")
	times := flag.Int("times", 1, "how often each is stored before")
	drawn := flag.String("draw", "uniform", "which keys are asked for: uniform, zipf or one")
	spread := flag.Uint64("spread", 1000, "keys that are asked for")
	strings := flag.Bool("strings", false, "keys are strings")
	lines := flag.Bool("lines", false, "values have 64 bytes")
	flag.Parse()
	runtime.GOMAXPROCS(*threads)

	var s sample
	switch *work {
	case "mix":
		x := &mix{writes: *writes, churn: *churn, draw: newDraw(*drawn, *spread), lines: *lines, threads: *threads}
		if *strings {
			x.strings = names(*count)
		}
		x.fill(*count, *times)
		s = x.sample
	case "growth":
		s = func(each uint64) float64 { return growth(*threads, each) }
	case "worst":
		s = worst
	case "space":
		fmt.Println(space(*count))
		return
	default:
		s = listed(*work, *threads)
	}
	if s == nil {
		fmt.Println("absent")
		return
	}
	fmt.Println("ready")
	questions := bufio.NewScanner(os.Stdin)
	for questions.Scan() {
		operations, err := strconv.ParseUint(questions.Text(), 10, 64)
		if err != nil {
			panic(err)
		}
		fmt.Println(s(operations))
	}
}

// together runs work on so many goroutines at once, and tells the nanoseconds of the slowest.
func together(threads int, work func(goroutine int)) float64 {
	var all sync.WaitGroup
	var there int32
	took := make([]time.Duration, threads)
	for g := 0; g < threads; g++ {
		all.Add(1)
		go func(g int) {
			defer all.Done()
			atomic.AddInt32(&there, 1)
			for int(atomic.LoadInt32(&there)) < threads {
				runtime.Gosched()
			}
			start := time.Now()
			work(g)
			took[g] = time.Since(start)
		}(g)
	}
	all.Wait()
	slowest := time.Duration(0)
	for _, t := range took {
		if t > slowest {
			slowest = t
		}
	}
	return float64(slowest.Nanoseconds())
}
