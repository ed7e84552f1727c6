package main

import (
	"fmt"
	"math"
	"math/bits"
	"sort"
)

// names are the keys that are strings.
func names(count uint64) []string {
	all := make([]string, count)
	for number := range all {
		all[number] = fmt.Sprintf("customer:%011d", number)
	}
	return all
}

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

// draw says which numbers are drawn: each below end as often as any, or one of a table.
type draw struct {
	end   uint64
	table []uint32
}

func newDraw(kind string, spread uint64) draw {
	switch kind {
	case "uniform":
		return draw{end: spread}
	case "one":
		return draw{table: []uint32{17}}
	case "zipf":
		return draw{table: zipf(spread)}
	}
	panic(kind)
}

// zipf draws the nth as often as 1/n.
func zipf(count uint64) []uint32 {
	sums := make([]float64, count)
	sum := 0.0
	for i := range sums {
		sum += 1 / float64(i+1)
		sums[i] = sum
	}
	r := newRandom(1)
	table := make([]uint32, 1<<18)
	for i := range table {
		point := float64(r.next()) / float64(math.MaxUint64) * sum
		n := sort.SearchFloat64s(sums, point)
		if n == len(sums) {
			n--
		}
		table[i] = uint32(n)
	}
	return table
}

func (d *draw) number(r *random) uint64 {
	if d.table == nil {
		return r.below(d.end)
	}
	if len(d.table) == 1 {
		return uint64(d.table[0])
	}
	return uint64(d.table[r.below(uint64(len(d.table)))])
}
