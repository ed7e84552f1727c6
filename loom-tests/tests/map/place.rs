//! The places for values inside an entry: claimed, given back, and used again when nobody can have what was there (E2).

use loom::sync::Arc;
use xsync_loom_tests::{Outcomes, model, spawn};

use crate::{Lives, Map, Watched, WatchedOf, flush};

/// Where the value of key 1 is.
fn address(map: &Watched) -> usize {
    core::ptr::from_ref(&*map.get(&1).unwrap()).addr()
}

/// Stores to key 1 when nothing lies about; where.
fn stored_at(map: &Watched, number: usize) -> usize {
    flush(map);
    map.put(1, number);
    address(map)
}

/// Four keys, so that one may be removed and is not compacted away, and the places of the first. The first place has its
/// value, 10, and the second is vacant.
fn settled() -> (Watched, [usize; 2]) {
    let map = Watched::settled_in_shards(1..=4);
    let first = address(&map);
    let second = stored_at(&map, 10);
    assert_ne!(second, first);
    assert_eq!(stored_at(&map, 10), first);
    flush(&map);
    (map, [first, second])
}

/// Whether both places are there for whoever stores next, as they are when no claim was kept; and the end of the map.
fn end(map: Watched, mut places: [usize; 2]) {
    let mut used = [stored_at(&map, 90), stored_at(&map, 91)];
    used.sort_unstable();
    places.sort_unstable();
    assert_eq!(used, places);
    map.end();
}

/// Property: of two stores that want the one vacant place one has it, until its value is there or it gives the place back;
/// the other stores all the same.
/// Fails if: a place is claimed without an exchange (`claimed-without-success`), or a claim is not given back
/// (`claim-is-kept`).
#[test]
fn two_claims() {
    let outcomes = Outcomes::new();
    let seen = outcomes.clone();
    model(3, move || {
        let (map, places) = settled();
        let other = map.clone();
        let other = spawn(move || other.put(1, 12));
        let ends = (map.put(1, 11), other.join().unwrap());
        let inside = if places.contains(&address(&map)) { "inside" } else { "outside" };
        seen.saw(format!("{:?} {:?} {} {inside}", ends.0.unwrap(), ends.1.unwrap(), map.look(1).unwrap()));
        end(map, places);
    });
    outcomes.were(&["10 11 12 inside", "10 11 12 outside", "12 10 11 inside", "12 10 11 outside"]);
}

/// Property: two stores to a removed key claim a place each: one comes first, the other replaces its value.
/// Fails if: a claim is not given back (`claim-is-kept`).
#[test]
fn two_claims_of_the_removed() {
    let outcomes = Outcomes::new();
    let seen = outcomes.clone();
    model(3, move || {
        let (map, places) = settled();
        assert_eq!(map.take(1), Some(10));
        flush(&map);
        let other = map.clone();
        let other = spawn(move || other.put(1, 12));
        let ends = (map.put(1, 11), other.join().unwrap());
        seen.saw(format!("{ends:?} {}", map.look(1).unwrap()));
        end(map, places);
    });
    outcomes.were(&["(None, Some(11)) 12", "(Some(12), None) 11"]);
}

/// Property: a reader's value stays what it is until the reader leaves, though others are stored meanwhile: its place is
/// used again after that only.
/// Fails if: nobody is waited for (`nobody-is-waited-for`), a place is vacated when its value is replaced
/// (`vacated-when-replaced`), or vacating publishes nothing (`vacating-publishes-nothing`).
#[test]
fn reader_races_reuse() {
    let outcomes = Outcomes::new();
    let seen = outcomes.clone();
    model(3, move || {
        let (map, [first, second]) = settled();
        let reader = map.clone();
        let reader = spawn(move || {
            let value = reader.get(&1).unwrap();
            let number = value.read();
            assert_eq!(value.read(), number);
            number
        });
        assert_eq!(map.put(1, 11), Some(10));
        assert_eq!(map.put(1, 12), Some(11));
        let place = [first, second].iter().position(|place| *place == address(&map));
        seen.saw(format!("{} {place:?}", reader.join().unwrap()));
        end(map, [first, second]);
    });
    outcomes.were(&["10 None", "10 Some(0)", "11 None", "11 Some(0)", "12 None", "12 Some(0)"]);
}

/// Property: the same for values of which every other is on its own.
/// Fails if: nobody is waited for (`nobody-is-waited-for`), or who stores a value on its own vacates the place
/// (`boxed-vacates-the-place`).
#[test]
fn reader_races_reuse_of_the_only_place() {
    let outcomes = Outcomes::new();
    let seen = outcomes.clone();
    model(3, move || {
        let map = WatchedOf::<1>::settled([1]);
        let reader = map.clone();
        let reader = spawn(move || {
            let value = reader.get(&1).unwrap();
            let number = value.read();
            assert_eq!(value.read(), number);
            number
        });
        assert_eq!(map.put(1, 11), Some(10));
        assert_eq!(map.put(1, 12), Some(11));
        seen.saw(reader.join().unwrap());
        map.end();
    });
    outcomes.were(&["10", "11", "12"]);
}

/// Property: a place is vacated beside a store that has claimed the other one.
/// Fails if: vacating publishes nothing (`vacating-publishes-nothing`).
#[test]
fn vacated_beside_a_claim() {
    let outcomes = Outcomes::new();
    let seen = outcomes.clone();
    model(3, move || {
        let (map, [first, second]) = settled();
        let reader = map.clone();
        let reader = spawn(move || reader.look(1));
        assert_eq!(map.take(1), Some(10));
        assert_eq!(map.put(1, 11), None);
        let place = [first, second].iter().position(|place| *place == address(&map));
        seen.saw(format!("{:?} {place:?}", reader.join().unwrap()));
        end(map, [first, second]);
    });
    outcomes.were(&[
        "None Some(0)",
        "None Some(1)",
        "Some(10) Some(0)",
        "Some(10) Some(1)",
        "Some(11) Some(0)",
        "Some(11) Some(1)",
    ]);
}

/// Property: a store that has claimed a place of a removed key, beside the building of a dirty table that expunges it, gives
/// the place back, or is there before.
/// Fails if: a claim is not given back (`claim-is-kept`).
#[test]
fn claim_races_build() {
    model(3, || {
        let (map, places) = settled();
        assert_eq!(map.take(1), Some(10));
        flush(&map);
        let other = map.clone();
        let other = spawn(move || other.put(1, 11));
        assert_eq!(map.put(10, 100), None);
        assert_eq!(other.join().unwrap(), None);
        assert!(places.contains(&address(&map)));
        assert_eq!(map.all(), [(1, 11), (2, 20), (3, 30), (4, 40), (10, 100)]);
        end(map, places);
    });
}

/// Property: a place is vacated beside an update that claims the other one: the value is what it was, so that the closure is
/// not asked again.
/// Fails if: a claim that failed because of that is not tried again (`claimed-but-once`).
#[test]
fn vacated_beside_an_update() {
    model(3, || {
        let lives = Lives::default();
        let map = Arc::new(Map::default());
        map.insert(1, lives.value(10));
        map.insert(1, lives.value(11));
        flush(&map);
        // Protects the 11 of the second place, and after it a guard that is younger the 12 of the first.
        let older = map.session();
        map.insert(1, lives.value(12));
        drop(map.flush());
        let younger = Map::get_owned(&map, &1).unwrap();
        map.insert(1, lives.value(13));
        drop(older);
        assert_eq!(lives.ended(), 2);
        let leaver = spawn(move || drop(younger));
        let mut runs = 0;
        let update = map.update(&1, |old| {
            runs += 1;
            lives.value(old.read() + 1)
        });
        assert_eq!(update.unwrap().read(), 14);
        assert_eq!(runs, 1);
        leaver.join().unwrap();
        flush(&map);
        assert_eq!(lives.ended(), 4);
        drop(map);
        lives.are_over();
    });
}
