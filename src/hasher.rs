//! The default hasher of what is looked up by key.

use core::hash::{BuildHasher, Hasher};

/// The hasher of a [`Map`](crate::Map) and of a [`SingleFlight`](crate::SingleFlight) unless another is named: of no size,
/// and keyed once per process.
///
/// With `std` this is std's own default (SipHash 1-3), with keys that are drawn at random when a process first hashes, so
/// that hostile keys cannot be chosen to collide. Without `std` there is no source of randomness: the keys are fixed, and
/// who takes keys from strangers names a hasher with keys of its own.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct RandomState;

#[cfg(feature = "std")]
mod keyed {
    use core::hash::BuildHasher;

    use crate::sync::OnceLock;

    pub(super) type Sip = std::hash::DefaultHasher;

    static KEYS: OnceLock<std::hash::RandomState> = OnceLock::new();

    #[inline]
    pub(super) fn sip() -> Sip {
        KEYS.get_or_init(std::hash::RandomState::new).build_hasher()
    }
}

#[cfg(not(feature = "std"))]
mod keyed {
    #![expect(deprecated, reason = "core's SipHash has no other name")]

    pub(super) type Sip = core::hash::SipHasher;

    #[inline]
    pub(super) fn sip() -> Sip {
        Sip::new_with_keys(0x8f3b_1d6a_52c9_e047, 0x61d5_f0a7_3e9c_b284)
    }
}

/// The hasher that [`RandomState`] makes.
#[derive(Debug, Clone)]
pub struct DefaultHasher(keyed::Sip);

impl BuildHasher for RandomState {
    type Hasher = DefaultHasher;

    #[inline]
    fn build_hasher(&self) -> DefaultHasher {
        DefaultHasher(keyed::sip())
    }
}

impl Hasher for DefaultHasher {
    #[inline]
    fn finish(&self) -> u64 {
        self.0.finish()
    }

    #[inline]
    fn write(&mut self, bytes: &[u8]) {
        self.0.write(bytes);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_drawn_once() {
        assert_eq!(RandomState.hash_one("key"), RandomState.hash_one("key"));
        assert_ne!(RandomState.hash_one("key"), RandomState.hash_one("another"));
    }
}
