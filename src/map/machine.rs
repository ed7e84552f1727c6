//! One key through the whole state machine, with what the shard's books say at each step.

use super::Map;
use super::table::Table;
use super::word::{Place, State};
use crate::sync::Ordering;

/// What is seen of a key from within.
#[derive(Debug, PartialEq, Eq)]
struct Seen {
    state: &'static str,
    in_read: bool,
    in_dirty: bool,
    misses: usize,
    amended: bool,
}

fn seen(map: &Map<u32, u32>, key: u32) -> Seen {
    let hash = map.hash(&key);
    let shard = map.only();
    let read = shard.read();
    let state_in = |table: Table<u32, u32>| {
        // SAFETY: this thread alone has the map.
        let mut found = unsafe { table.search(hash, 0) };
        found.find_map(|entry| {
            // SAFETY: as above.
            let entry = unsafe { entry.as_ref() };
            (*entry.key() == key).then(|| match entry.word().state::<u32>() {
                State::Inline(Place::FIRST) => "first",
                State::Inline(_) => "second",
                State::Boxed(_) => "boxed",
                State::Removed => "removed",
                State::Expunged => "expunged",
            })
        })
    };
    let (in_read, in_dirty) = (state_in(read.table()), state_in(shard.dirty_table()));
    Seen {
        state: in_read.or(in_dirty).unwrap_or("nowhere"),
        in_read: in_read.is_some(),
        in_dirty: in_dirty.is_some(),
        // ORDERING: Relaxed: this thread alone has the map.
        misses: shard.books.misses.load(Ordering::Relaxed),
        amended: read.is_amended(),
    }
}

fn expect(state: &'static str, in_read: bool, in_dirty: bool, misses: usize, amended: bool) -> Seen {
    Seen { state, in_read, in_dirty, misses, amended }
}

/// Looks for a key that is nowhere: one that may be news, or one that cannot.
fn miss(map: &Map<u32, u32>, may_be_news: bool) {
    let is_it = |key: &u32| map.only().books.is_news(map.hash(key)) == may_be_news;
    let key = (1000..).find(is_it).expect("hashes differ");
    assert!(!map.contains_key(&key));
}

fn promote_by_misses(map: &Map<u32, u32>) {
    for _ in 0..32 {
        miss(map, true);
    }
}

#[test]
fn a_key_goes_through_all_states() {
    let map = Map::new();
    assert_eq!(seen(&map, 1), expect("nowhere", false, false, 0, false));

    // New keys are in the dirty table only.
    for key in 1..=8 {
        map.insert(key, 10);
    }
    assert_eq!(seen(&map, 1), expect("first", false, true, 0, true));

    // A search that has to go there is a miss. One that finds something counts for four.
    for found in 1..=7 {
        assert!(map.contains_key(&found));
        assert_eq!(seen(&map, 1), expect("first", false, true, 4 * found as usize, true));
    }
    // One that finds nothing for one, unless the news say that there is nothing to be found.
    for more in 1..=3 {
        miss(&map, true);
        miss(&map, false);
        assert_eq!(seen(&map, 1), expect("first", false, true, 28 + more, true));
    }

    // Enough of them promote: as many as there are entries, but at least 32.
    miss(&map, true);
    assert_eq!(seen(&map, 1), expect("first", true, false, 0, false));

    // In the read table, a store and a removal only move the word, and absence is known without a miss.
    assert_eq!(*map.insert(1, 11).unwrap(), 10);
    assert_eq!(seen(&map, 1), expect("second", true, false, 0, false));
    assert_eq!(*map.remove(&1).unwrap(), 11);
    miss(&map, false);
    assert_eq!(seen(&map, 1), expect("removed", true, false, 0, false));

    // A key that was removed comes back where it was.
    assert!(map.insert(1, 12).is_none());
    assert_eq!(seen(&map, 1), expect("boxed", true, false, 0, false));
    map.remove(&1);

    // A new key builds a dirty table: what was removed is expunged, and left out; what is live is in both.
    map.insert(9, 90);
    assert_eq!(seen(&map, 1), expect("expunged", true, false, 0, true));
    assert_eq!(seen(&map, 2), expect("first", true, true, 0, true));
    assert_eq!(map.len(), 8);

    // Removed after the build, it stays in both.
    map.remove(&2);
    assert_eq!(seen(&map, 2), expect("removed", true, true, 0, true));

    // A store to an expunged key un-expunges it: it goes into the dirty table.
    assert!(map.insert(1, 13).is_none());
    assert_eq!(seen(&map, 1), expect("boxed", true, true, 0, true));
    assert_eq!(map.len(), 8);

    // It survives the promotion, in which the store would otherwise be lost.
    promote_by_misses(&map);
    assert_eq!(seen(&map, 1), expect("boxed", true, false, 0, false));
    assert_eq!(map.get_cloned(&1), Some(13));

    // What is still expunged when the dirty table is promoted is in no table any more.
    map.remove(&3);
    map.insert(10, 100);
    assert_eq!(seen(&map, 3), expect("expunged", true, false, 0, true));
    promote_by_misses(&map);
    assert_eq!(seen(&map, 3), expect("nowhere", false, false, 0, false));
    assert_eq!(map.len(), 8);
}

#[test]
fn a_full_dirty_table_is_promoted_and_the_next_is_built_from_it() {
    let map = Map::new();
    for key in 0..14 {
        map.insert(key, 0);
    }
    assert_eq!(seen(&map, 0), expect("first", false, true, 0, true));
    map.insert(14, 0);
    assert_eq!(seen(&map, 0), expect("first", true, true, 0, true));
    assert_eq!(seen(&map, 14), expect("first", false, true, 0, true));
}

/// Else a key that nobody reads would be looked for twice for ever.
#[test]
fn a_store_that_finds_its_key_in_the_dirty_table_is_a_miss() {
    let map = Map::new();
    for key in 1..=8 {
        map.insert(key, 10);
    }
    assert_eq!(*map.get_or_insert(1, 11), 10);
    assert_eq!(seen(&map, 1), expect("first", false, true, 4, true));
    assert_eq!(*map.insert(1, 12).unwrap(), 10);
    assert_eq!(seen(&map, 1), expect("second", false, true, 8, true));

    // A new key is none.
    map.insert(9, 90);
    assert_eq!(seen(&map, 9), expect("first", false, true, 8, true));

    for misses in 3..8 {
        map.get_or_insert(2, 20);
        assert_eq!(seen(&map, 1), expect("second", false, true, 4 * misses, true));
    }
    assert_eq!(*map.get_or_insert(2, 20), 10);
    assert_eq!(seen(&map, 1), expect("second", true, false, 0, false));
}

#[test]
fn a_shard_that_is_half_dead_is_compacted() {
    let map = Map::new();
    for key in 0..100 {
        map.insert(key, key);
    }
    for key in 0..49 {
        map.remove(&key);
    }
    assert_eq!(seen(&map, 0).state, "removed");
    map.remove(&49);
    assert_eq!(seen(&map, 0), expect("nowhere", false, false, 0, false));
    assert_eq!(seen(&map, 50), expect("first", true, false, 0, false));
    assert_eq!(map.len(), 50);
}
