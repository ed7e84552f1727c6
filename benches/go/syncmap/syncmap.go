// sync.Map read and written by goroutines: the Go side of ../../map. Each line on the standard input is a number of
// operations; it is answered with the nanoseconds that one of them took on a goroutine.
package main

import (
	"bufio"
	"flag"
	"fmt"
	"math/bits"
	"os"
	"runtime"
	"strconv"
	"sync"
	"time"
)

// random is xorshift64*.
type random uint64

func newRandom(seed uint64) *random {
	r := random((seed + 1) * 0x9e3779b97f4a7c15)
	r.next()
	return &r
}

func (r *random) next() uint64 {
	x := uint64(*r)
	x ^= x >> 12
	x ^= x << 25
	x ^= x >> 27
	*r = random(x)
	return x * 0x2545f4914f6cdd1d
}

func (r *random) below(end uint64) uint64 {
	high, _ := bits.Mul64(r.next(), end)
	return high
}

type mix struct {
	m      sync.Map
	writes uint64
	churn  bool
	spread uint64
	// One sum per goroutine, so that no read is optimised away.
	sums []uint64
}

func (x *mix) run(goroutine int, operations uint64, seed uint64) {
	r := newRandom(seed)
	sum := uint64(0)
	for i := uint64(0); i < operations; i++ {
		key := r.below(x.spread)
		dice := uint64(2000)
		if x.writes != 0 {
			dice = r.below(2000)
		}
		if dice >= 2*x.writes {
			if value, ok := x.m.Load(key); ok {
				sum += value.(uint64)
			}
		} else if !x.churn || dice%2 == 0 {
			x.m.Store(key, key)
		} else {
			x.m.Delete(key)
		}
	}
	x.sums[goroutine] += sum
}

func main() {
	threads := flag.Int("threads", 1, "goroutines, and processors")
	writes := flag.Uint64("writes", 0, "of 1,000 operations")
	churn := flag.Bool("churn", false, "half of the writes are deletions")
	count := flag.Uint64("count", 1000, "keys")
	times := flag.Int("times", 1, "how often each is stored before")
	spread := flag.Uint64("spread", 1000, "keys that are asked for")
	flag.Parse()
	runtime.GOMAXPROCS(*threads)

	x := &mix{writes: *writes, churn: *churn, spread: *spread, sums: make([]uint64, *threads)}
	for t := 0; t < *times; t++ {
		for key := uint64(0); key < *count; key++ {
			x.m.Store(key, key)
		}
	}
	for i := uint64(0); i < 2**count; i++ {
		if _, ok := x.m.Load(i % *count); !ok {
			panic("a key is lost")
		}
	}
	seed := uint64(0)
	lines := bufio.NewScanner(os.Stdin)
	for lines.Scan() {
		operations, err := strconv.ParseUint(lines.Text(), 10, 64)
		if err != nil {
			panic(err)
		}
		var group sync.WaitGroup
		start := time.Now()
		for g := 0; g < *threads; g++ {
			group.Add(1)
			seed++
			go func(g int, seed uint64) {
				defer group.Done()
				x.run(g, operations, seed)
			}(g, seed)
		}
		group.Wait()
		fmt.Println(float64(time.Since(start).Nanoseconds()) / float64(operations))
	}
}
