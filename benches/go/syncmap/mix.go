package main

import "sync"

// passes is how often each key is read once a map is filled: what it puts off until it is read, it has done then.
const passes = 4

// line is a value of 64 bytes.
type line [8]uint64

// mix reads and writes a map that stays about as large as it is.
type mix struct {
	m       sync.Map
	writes  uint64
	churn   bool
	draw    draw
	threads int
	// The keys, where they are strings.
	strings []string
	lines   bool
	seed    uint64
	// Keeps the reads from being optimised away.
	sum uint64
}

func (x *mix) key(number uint64) any {
	if x.strings != nil {
		return x.strings[number]
	}
	return number
}

func (x *mix) value(number uint64) any {
	if x.lines {
		return line{number, number, number, number, number, number, number, number}
	}
	return number
}

// read tells the number of a key's value.
func (x *mix) read(number uint64) (uint64, bool) {
	value, ok := x.m.Load(x.key(number))
	if !ok {
		return 0, false
	}
	if x.lines {
		return value.(line)[7], true
	}
	return value.(uint64), true
}

func (x *mix) fill(count uint64, times int) {
	for t := 0; t < times; t++ {
		for number := uint64(0); number < count; number++ {
			x.m.Store(x.key(number), x.value(number))
		}
	}
	for i := uint64(0); i < passes*count; i++ {
		if number, ok := x.read(i % count); !ok || number != i%count {
			panic("a key is lost")
		}
	}
}

// sample times so many operations, after as many that are not timed: the others' samples have taken the caches.
func (x *mix) sample(operations uint64) float64 {
	x.pass(operations)
	return x.pass(operations)
}

func (x *mix) pass(operations uint64) float64 {
	sums := make([]uint64, x.threads)
	seed := x.seed
	x.seed += uint64(x.threads)
	elapsed := together(x.threads, func(g int) { sums[g] = x.run(operations, seed+uint64(g)) })
	for _, sum := range sums {
		x.sum += sum
	}
	return elapsed / float64(operations)
}

func (x *mix) run(operations uint64, seed uint64) (sum uint64) {
	r := newRandom(seed)
	for i := uint64(0); i < operations; i++ {
		number := x.draw.number(r)
		dice := uint64(2000)
		if x.writes != 0 {
			dice = r.below(2000)
		}
		if dice >= 2*x.writes {
			value, _ := x.read(number)
			sum += value
		} else if !x.churn || dice%2 == 0 {
			x.m.Store(x.key(number), x.value(number))
		} else {
			x.m.Delete(x.key(number))
		}
	}
	return sum
}
