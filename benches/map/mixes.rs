//! Reads and writes of a map that stays about as large as it is.

use std::hint::black_box;
use std::marker::PhantomData;
use std::sync::atomic::{AtomicU64, Ordering};

use xsync_benches::Sample;

use crate::contenders::{Contender, PASSES, Session, Value};
use crate::keys::{Draw, Keys, Random};
use xsync_benches::threads;

/// What is written.
#[derive(Clone, Copy, PartialEq)]
pub enum Writes {
    /// Another value for a key that is there.
    Over,
    /// Half insertions and half removals, of keys half of which are there.
    Churn,
}

/// One shape of work.
#[derive(Clone, Copy)]
pub struct Mix {
    pub threads: u64,
    /// Of 1,000 operations so many write.
    pub writes: u64,
    pub kind: Writes,
}

/// So many operations within one session.
const SESSION: u64 = 64;

/// A map that is filled, and work to do on it.
pub struct Work<'a, C, V, K, D> {
    mix: Mix,
    keys: &'a K,
    draw: &'a D,
    map: C,
    seed: AtomicU64,
    _values: PhantomData<fn(V)>,
}

impl<'a, V: Value, K: Keys, D: Draw, C: Contender<K::Key, V>> Work<'a, C, V, K, D> {
    /// Fills a map with the first `count` keys, each of which is stored so many `times`.
    pub fn new(mix: Mix, keys: &'a K, draw: &'a D, count: u64, times: usize) -> Self {
        let map = C::new();
        for _ in 0..times {
            for number in 0..count {
                map.session().insert(keys.with(number, Clone::clone), V::of(number));
            }
        }
        map.settle();
        let work = Self { mix, keys, draw, map, seed: AtomicU64::new(0), _values: PhantomData };
        for number in (0..PASSES).flat_map(|_| 0..count) {
            assert_eq!(work.look(&work.map.session(), number), Some(number));
        }
        work
    }

    #[inline]
    fn look(&self, session: &C::Session<'_>, number: u64) -> Option<u64> {
        self.keys.with(number, |key| session.read(key))
    }

    /// One sample, after as many operations that are not timed: the samples of the others have taken the caches.
    pub fn run(&self, operations: u64) -> Sample {
        self.pass(operations);
        self.pass(operations)
    }

    fn pass(&self, operations: u64) -> Sample {
        threads::run(self.mix.threads, operations, |_, each| {
            let mut random = Random::new(self.seed.fetch_add(1, Ordering::Relaxed));
            let mut done = 0;
            while done < each {
                let session = self.map.session();
                let upto = each.min(done + SESSION);
                while done < upto {
                    self.operation(&session, &mut random);
                    done += 1;
                }
            }
        })
    }

    #[inline]
    fn operation(&self, session: &C::Session<'_>, random: &mut Random) {
        let number = self.draw.draw(random);
        if self.mix.writes == 0 {
            black_box(self.look(session, number));
            return;
        }
        let dice = random.below(2000);
        if dice >= 2 * self.mix.writes {
            black_box(self.look(session, number));
        } else if self.mix.kind == Writes::Over || dice.is_multiple_of(2) {
            session.insert(self.keys.with(number, Clone::clone), V::of(number));
        } else {
            self.keys.with(number, |key| session.remove(key));
        }
    }
}
