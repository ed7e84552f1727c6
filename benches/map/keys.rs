//! Which keys are asked for, and in which order.

use crate::contenders::Key;

/// Numbered keys.
pub trait Keys: Sync {
    type Key: Key;
    /// Whether they are [`Strings`].
    const STRINGS: bool;
    /// Does something with the key of a number.
    fn with<R>(&self, number: u64, f: impl FnOnce(&Self::Key) -> R) -> R;
}

/// The numbers themselves: what a map costs, without a miss for the key.
pub struct Numbers;

impl Keys for Numbers {
    type Key = u64;
    const STRINGS: bool = false;

    #[inline]
    fn with<R>(&self, number: u64, f: impl FnOnce(&u64) -> R) -> R {
        f(&number)
    }
}

/// Strings of 20 bytes.
pub struct Strings(Vec<String>);

impl Strings {
    pub fn new(count: u64) -> Self {
        Self((0..count).map(|number| format!("customer:{number:011}")).collect())
    }
}

impl Keys for Strings {
    type Key = String;
    const STRINGS: bool = true;

    #[inline]
    fn with<R>(&self, number: u64, f: impl FnOnce(&String) -> R) -> R {
        f(&self.0[number as usize])
    }
}

/// Random numbers (xorshift64*, S. Vigna).
pub struct Random(u64);

impl Random {
    pub fn new(seed: u64) -> Self {
        let mut random = Self((seed + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15));
        random.next();
        random
    }

    #[inline]
    pub fn next(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_f491_4f6c_dd1d)
    }

    /// Less than `end`.
    #[inline]
    pub fn below(&mut self, end: u64) -> u64 {
        ((u128::from(self.next()) * u128::from(end)) >> 64) as u64
    }
}

/// Which numbers are drawn.
pub trait Draw: Sync {
    const NAME: &'static str;
    fn draw(&self, random: &mut Random) -> u64;
    /// Below what.
    fn spread(&self) -> u64;
}

/// Each as often as any.
pub struct Uniform(pub u64);

impl Draw for Uniform {
    const NAME: &'static str = "uniform";

    #[inline]
    fn draw(&self, random: &mut Random) -> u64 {
        random.below(self.0)
    }
    fn spread(&self) -> u64 {
        self.0
    }
}

/// Always the same.
pub struct One;

impl Draw for One {
    const NAME: &'static str = "one";

    #[inline]
    fn draw(&self, _: &mut Random) -> u64 {
        17
    }
    fn spread(&self) -> u64 {
        18
    }
}

/// The `n`th as often as `1 / n` (G. Zipf), from a table of draws.
pub struct Zipf {
    count: u64,
    draws: Box<[u32]>,
}

impl Zipf {
    pub fn new(count: u64) -> Self {
        let mut sums = Vec::with_capacity(count as usize);
        let mut sum = 0.0;
        for rank in 1..=count {
            sum += 1.0 / rank as f64;
            sums.push(sum);
        }
        let mut random = Random::new(1);
        let mut draw = || {
            let point = random.next() as f64 / u64::MAX as f64 * sum;
            sums.partition_point(|upto| *upto < point).min(sums.len() - 1) as u32
        };
        Self { count, draws: (0..1 << 18).map(|_| draw()).collect() }
    }
}

impl Draw for Zipf {
    const NAME: &'static str = "zipf";

    #[inline]
    fn draw(&self, random: &mut Random) -> u64 {
        u64::from(self.draws[random.below(self.draws.len() as u64) as usize])
    }
    fn spread(&self) -> u64 {
        self.count
    }
}
