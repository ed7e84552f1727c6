//! A search under the lock, in several sections, between which the user's `Eq` changes what is searched.

use core::cell::Cell;
use core::hash::{Hash, Hasher};

use xsync::Map;

use crate::statics::end;

thread_local! {
    /// Run by the next comparison, once.
    static HOOK: Cell<Option<fn()>> = const { Cell::new(None) };
}

/// All have the same hash.
struct Key(u64);

impl Hash for Key {
    fn hash<H: Hasher>(&self, state: &mut H) {
        0_u8.hash(state);
    }
}

impl PartialEq for Key {
    fn eq(&self, other: &Self) -> bool {
        if let Some(hook) = HOOK.take() {
            hook();
        }
        self.0 == other.0
    }
}

impl Eq for Key {}

type Keys = Map<Key, u64>;

/// As many keys as are compared between two sections, and a store of one more, which `hook` stores first.
fn stores_once(map: &Keys, hook: fn()) {
    (1..=4).for_each(|key| drop(map.insert(Key(key), 0)));
    HOOK.set(Some(hook));
    assert_eq!(map.insert(Key(9), 2).map(|before| *before), Some(1));
    assert_eq!((map.len(), map.iter().count()), (1, 1));
    end(map);
}

fn forget_the_others(map: &Keys) {
    (1..=4).for_each(|key| drop(map.remove(&Key(key))));
}

#[test]
fn another_table_is_searched_from_its_beginning() {
    static MAP: Keys = Map::new();
    stores_once(&MAP, || {
        forget_the_others(&MAP);
        MAP.shrink_to_fit();
        MAP.insert(Key(9), 1);
    });
}

#[test]
fn another_shard_is_searched_from_its_beginning() {
    static MAP: Keys = Map::new();
    stores_once(&MAP, || {
        forget_the_others(&MAP);
        MAP.reserve(5_000);
        MAP.insert(Key(9), 1);
    });
}
