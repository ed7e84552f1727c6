//! The two tables of a shard: what is built, promoted, expunged and brought back beside what is read and stored.

use xsync_loom_tests::{Outcomes, model, spawn};

use crate::Watched;

/// Four keys of which the first is removed: the next new key expunges it.
fn one_removed() -> Watched {
    let map = Watched::settled_in_shards(1..=4);
    assert_eq!(map.take(1), Some(10));
    map
}

/// The same after that: key 1 is expunged, beside a dirty table.
fn one_expunged() -> Watched {
    let map = one_removed();
    assert_eq!(map.put(10, 100), None);
    map
}

/// Property: a store to a removed key beside the building of a dirty table, which expunges that key: it comes before,
/// or brings the key back into the dirty table. No promotion loses it.
/// Fails if: the word is swapped (`word-is-swapped`), what is removed is left out, but not expunged
/// (`removed-is-left-out-unexpunged`), or what is promoted stays dirty (`promoted-stays-dirty`).
#[test]
fn store_races_build() {
    model(3, || {
        let map = one_removed();
        let other = map.clone();
        let other = spawn(move || other.put(1, 11));
        assert_eq!(map.put(10, 100), None);
        assert_eq!(other.join().unwrap(), None);
        assert_eq!(map.look(1), Some(11));
        map.promote();
        assert_eq!(map.all(), [(1, 11), (2, 20), (3, 30), (4, 40), (10, 100)]);
        map.end();
    });
}

/// Property: a removal beside the building of a dirty table: the key is in it or left out, and gone either way.
/// Fails if: leaving publishes nothing (`leave-publishes-nothing`), or what is removed is not retired
/// (`removed-is-not-retired`).
#[test]
fn removal_races_build() {
    model(3, || {
        let map = Watched::settled_in_shards(1..=4);
        let other = map.clone();
        let other = spawn(move || other.take(1));
        assert_eq!(map.put(10, 100), None);
        assert_eq!(other.join().unwrap(), Some(10));
        map.promote();
        assert_eq!(map.all(), [(2, 20), (3, 30), (4, 40), (10, 100)]);
        assert_eq!(map.put(1, 11), None);
        assert_eq!(map.look(1), Some(11));
        map.end();
    });
}

/// Property: an expunged key is stored to beside the promotion that retires its entry: it is brought back in time, or
/// comes anew; the promoted table has it either way, once.
/// Fails if: what is un-expunged is put nowhere (`unexpunged-is-put-nowhere`), or an entry of a stale table is
/// un-expunged (`unexpunged-on-a-stale-table`).
#[test]
fn store_to_the_expunged_races_promotion() {
    model(3, || {
        let map = one_expunged();
        let other = map.clone();
        let other = spawn(move || other.put(1, 11));
        let walked = map.iter().count();
        assert!(walked == 4 || walked == 5, "{walked} of 4, or 5");
        assert_eq!(other.join().unwrap(), None);
        assert_eq!(map.all(), [(1, 11), (2, 20), (3, 30), (4, 40), (10, 100)]);
        map.end();
    });
}

/// Property: two stores to an expunged key bring it back once, and one of them replaces the other's value.
/// Fails if: what is un-expunged is put nowhere (`unexpunged-is-put-nowhere`).
#[test]
fn two_stores_to_the_expunged() {
    let outcomes = Outcomes::new();
    let seen = outcomes.clone();
    model(3, move || {
        let map = one_expunged();
        let other = map.clone();
        let other = spawn(move || other.put(1, 12));
        let ends = (map.put(1, 11), other.join().unwrap());
        map.promote();
        seen.saw(format!("{ends:?} {:?}", map.look(1).unwrap()));
        assert_eq!(map.all().len(), 5);
        map.end();
    });
    outcomes.were(&["(None, Some(11)) 12", "(Some(12), None) 11"]);
}

/// Property: a store to an expunged key beside one that promotes first, and so has to make a new entry: there is one
/// entry of the key.
/// Fails if: an entry of a stale table is un-expunged (`unexpunged-on-a-stale-table`).
#[test]
fn two_stores_across_a_promotion() {
    let outcomes = Outcomes::new();
    let seen = outcomes.clone();
    model(3, move || {
        let map = one_expunged();
        let other = map.clone();
        let other = spawn(move || other.put(1, 12));
        map.iter().count();
        let ends = (map.put(1, 11), other.join().unwrap());
        seen.saw(format!("{ends:?} {:?}", map.look(1).unwrap()));
        assert_eq!(map.all().len(), 5);
        map.end();
    });
    outcomes.were(&["(None, Some(11)) 12", "(Some(12), None) 11"]);
}

/// Property: of two threads that give a new key its first value one stores, and both get what it stored.
/// Fails if: a value that is there is replaced (`value-there-is-replaced`).
#[test]
fn two_first_values() {
    let outcomes = Outcomes::new();
    let seen = outcomes.clone();
    model(3, move || {
        let map = Watched::new();
        let other = map.clone();
        let other = spawn(move || other.get_or_insert(1, other.value(11)).read());
        let got = map.get_or_insert(1, map.value(10)).read();
        assert_eq!(other.join().unwrap(), got);
        assert_eq!(map.all(), [(1, got)]);
        seen.saw(got);
        map.end();
    });
    outcomes.were(&["10", "11"]);
}

/// Property: the same beside a dirty table, where the read word says nothing of a new key.
/// Fails if: a new entry is linked without a look (`linked-without-a-look`).
#[test]
fn two_first_values_beside_a_dirty_table() {
    let outcomes = Outcomes::new();
    let seen = outcomes.clone();
    model(3, move || {
        let map = Watched::settled_in_shards(2..=4);
        map.put(10, 100);
        let other = map.clone();
        let other = spawn(move || other.try_insert(1, other.value(11)).is_ok());
        let first = map.try_insert(1, map.value(10)).is_ok();
        assert_ne!(first, other.join().unwrap());
        seen.saw(first);
        assert_eq!(map.all(), [(1, if first { 10 } else { 11 }), (2, 20), (3, 30), (4, 40), (10, 100)]);
        map.end();
    });
    outcomes.were(&["false", "true"]);
}

/// Property: the same while one of the two promotes, so that the other searched a read table that is one no longer.
/// Fails if: a new entry is linked beside a stale table (`linked-beside-a-stale-table`).
#[test]
fn first_value_races_promotion() {
    let outcomes = Outcomes::new();
    let seen = outcomes.clone();
    model(3, move || {
        let map = Watched::new();
        let other = map.clone();
        let other = spawn(move || other.get_or_insert(1, other.value(11)).read());
        let got = map.get_or_insert(1, map.value(10)).read();
        assert_eq!(map.iter().count(), 1);
        assert_eq!(other.join().unwrap(), got);
        assert_eq!(map.all(), [(1, got)]);
        seen.saw(got);
        map.end();
    });
    outcomes.were(&["10", "11"]);
}

/// Property: two new keys come while a third thread looks for one of them, misses, and promotes: neither is lost.
/// Fails if: the read word does not say amended (`amended-is-not-said`), a walk does not promote
/// (`walk-does-not-promote`), or what is promoted stays dirty (`promoted-stays-dirty`).
#[test]
fn two_new_keys_beside_a_miss() {
    let outcomes = Outcomes::new();
    let seen = outcomes.clone();
    model(3, move || {
        let map = Watched::new();
        let (other, third) = (map.clone(), map.clone());
        let other = spawn(move || other.put(2, 20));
        let looked = spawn(move || third.look(1));
        assert_eq!(map.put(1, 10), None);
        assert_eq!(other.join().unwrap(), None);
        seen.saw(format!("{:?}", looked.join().unwrap()));
        assert_eq!(map.all(), [(1, 10), (2, 20)]);
        map.end();
    });
    outcomes.were(&["None", "Some(10)"]);
}

/// Property: a key that is in the dirty table only is found by two threads at once, one of which promotes under the
/// other.
/// Fails if: the read word does not say amended (`amended-is-not-said`), or a miss looks beside a stale table
/// (`looked-beside-a-stale-table`).
#[test]
fn two_misses() {
    model(3, || {
        let map = Watched::new();
        map.put(1, 10);
        let other = map.clone();
        let other = spawn(move || other.look(1));
        assert_eq!(map.look(1), Some(10));
        assert_eq!(other.join().unwrap(), Some(10));
        assert_eq!(map.all(), [(1, 10)]);
        map.end();
    });
}

/// Property: a search of the dirty table that goes on, since a key with the same hash came before the lock was had, begins anew
/// if another table was built meanwhile: the key is stored once.
/// Fails if: a search goes on in another table (`search-goes-on-in-another-table`), or behind the slot after the one
/// that it came to (`search-goes-on-too-far`).
#[test]
fn search_races_promotion() {
    let outcomes = Outcomes::new();
    let seen = outcomes.clone();
    model(3, move || {
        let map = Watched::settled_in_shards(2..=4);
        map.put(1, 10);
        let other = map.clone();
        let other = spawn(move || other.try_insert(101, other.value(110)).is_ok());
        map.iter().count();
        assert_eq!(map.take(1), Some(10));
        // Without key 1, whose place this one has.
        let first = map.try_insert(101, map.value(111)).is_ok();
        assert_ne!(first, other.join().unwrap());
        seen.saw(first);
        assert_eq!(map.all(), [(2, 20), (3, 30), (4, 40), (101, if first { 111 } else { 110 })]);
        map.end();
    });
    outcomes.were(&["false", "true"]);
}

/// Property: a key of the dirty table is found by who searched the read table before, though the dirty one has become the
/// read table meanwhile, and the next is being built.
/// Fails if: a dirty table is there before it is built (`dirty-is-there-before-it-is-built`), or goes before it is the read
/// table (`dirty-goes-before-it-is-the-read-table`), as the news do (`news-end-before-the-promotion`); or a search goes by
/// the news of another read table (`news-of-another-table`).
#[test]
fn lookup_races_promotion_and_build() {
    model(3, || {
        let map = Watched::settled_in_shards(2..=4);
        map.put(1, 10);
        let reader = map.clone();
        let reader = spawn(move || reader.look(1));
        map.promote();
        assert_eq!(map.put(10, 100), None);
        assert_eq!(reader.join().unwrap(), Some(10));
        assert_eq!(map.all(), [(1, 10), (2, 20), (3, 30), (4, 40), (10, 100)]);
        map.end();
    });
}

/// Property: who met a new key when it came to store it finds it when it looks it up.
/// Fails if: the news are not told of a key (`key-is-no-news`), or when it is there already (`news-after-the-key`).
#[test]
fn new_key_met_by_a_store_is_seen() {
    let outcomes = Outcomes::new();
    let seen = outcomes.clone();
    model(3, move || {
        let map = Watched::settled([1]);
        map.put(3, 30);
        let other = map.clone();
        let other = spawn(move || {
            let is_there = other.try_insert(2, other.value(21)).is_err();
            assert_eq!(other.look(2), Some(if is_there { 20 } else { 21 }));
            is_there
        });
        let is_there = map.try_insert(2, map.value(20)).is_err();
        assert_ne!(other.join().unwrap(), is_there);
        seen.saw(is_there);
        assert_eq!(map.all(), [(1, 10), (2, if is_there { 21 } else { 20 }), (3, 30)]);
        map.end();
    });
    outcomes.were(&["false", "true"]);
}

/// Property: a new key that was seen once is seen from then on, while it goes from the dirty to the read table; what
/// its writer published is seen with it.
/// Fails if: the read word does not say amended (`amended-is-not-said`), a miss looks beside a stale table
/// (`looked-beside-a-stale-table`), or a table is freed at once (`table-freed-at-once`).
#[test]
fn new_key_is_seen_from_then_on() {
    let outcomes = Outcomes::new();
    let seen = outcomes.clone();
    model(3, move || {
        let map = Watched::settled([1]);
        let reader = map.clone();
        let reader = spawn(move || (reader.look(2), reader.look(2)));
        assert_eq!(map.put(2, 20), None);
        assert_eq!(map.iter().count(), 2);
        let (first, second) = reader.join().unwrap();
        seen.saw(format!("{first:?} {second:?}"));
        assert_eq!(map.all(), [(1, 10), (2, 20)]);
        map.end();
    });
    outcomes.were(&["None None", "None Some(20)", "Some(20) Some(20)"]);
}

/// Property: a key that is removed, expunged, retired and made anew: who looks twice never sees it go back.
/// Fails if: a table is freed at once (`table-freed-at-once`), or a walk does not promote (`walk-does-not-promote`).
#[test]
fn history_of_a_key() {
    let outcomes = Outcomes::new();
    let seen = outcomes.clone();
    model(3, move || {
        let map = Watched::settled_in_shards(1..=4);
        let reader = map.clone();
        let reader = spawn(move || (reader.look(1), reader.look(1)));
        assert_eq!(map.take(1), Some(10));
        assert_eq!(map.put(10, 100), None);
        assert_eq!(map.iter().count(), 4);
        assert_eq!(map.put(1, 11), None);
        let (first, second) = reader.join().unwrap();
        seen.saw(format!("{first:?} {second:?}"));
        map.end();
    });
    outcomes.were(&[
        "None None",
        "None Some(11)",
        "Some(10) None",
        "Some(10) Some(10)",
        "Some(10) Some(11)",
        "Some(11) Some(11)",
    ]);
}

/// Property: an iteration gives a key that is there throughout once, with a value that it had, while another key
/// comes.
/// Fails if: a clone is not counted (`clone-is-not-counted`), or a walk does not promote (`walk-does-not-promote`).
#[test]
fn iteration_races_stores() {
    let outcomes = Outcomes::new();
    let seen = outcomes.clone();
    model(3, move || {
        let map = Watched::settled([1]);
        let writer = map.clone();
        let writer = spawn(move || {
            assert_eq!(writer.put(1, 11), Some(10));
            assert_eq!(writer.put(2, 20), None);
        });
        let walked: Vec<_> = map.iter().map(|entry| (*entry.key(), entry.read())).collect();
        seen.saw(format!("{walked:?}"));
        writer.join().unwrap();
        assert_eq!(map.all(), [(1, 11), (2, 20)]);
        map.end();
    });
    outcomes.were(&["[(1, 10)]", "[(1, 11)]", "[(1, 11), (2, 20)]"]);
}

/// Property: a removal that rebuilds its half-dead shard beside a store to another key, and one to the same: the store
/// stays, wherever it went.
/// Fails if: who comes back is not counted (`revived-is-not-counted`), or an entry of a stale table is un-expunged
/// (`unexpunged-on-a-stale-table`).
#[test]
fn compaction_races_store() {
    model(2, || {
        let map = Watched::settled([1, 2]);
        let other = map.clone();
        let other = spawn(move || {
            assert_eq!(other.put(2, 21), Some(20));
            other.put(1, 11)
        });
        assert!(map.take(1).is_some());
        match other.join().unwrap() {
            None => assert_eq!(map.all(), [(1, 11), (2, 21)]),
            Some(_) => assert_eq!(map.all(), [(2, 21)]),
        }
        map.end();
    });
}

/// Property: two removals that both rebuild the shard: each gets its value, and nothing is left.
/// Fails if: only the active epoch is waited for (`only-the-active-epoch-is-waited-for`), or what is removed is not
/// retired (`removed-is-not-retired`).
#[test]
fn two_compactions() {
    model(2, || {
        let map = Watched::settled([1, 2]);
        let other = map.clone();
        let other = spawn(move || other.take(2));
        assert_eq!(map.take(1), Some(10));
        assert_eq!(other.join().unwrap(), Some(20));
        assert_eq!(map.all(), []);
        map.end();
    });
}

/// Property: a reader of a table that is replaced beside it searches it to the end, and the table goes after that.
/// Fails if: entering sees nothing (`enter-sees-nothing`), leaving publishes nothing (`leave-publishes-nothing`), or a
/// table is freed at once (`table-freed-at-once`).
#[test]
fn table_replaced_races_reader() {
    model(3, || {
        let map = Watched::settled([1]);
        map.put(2, 20);
        let reader = map.clone();
        let reader = spawn(move || reader.look(1));
        map.promote();
        assert_eq!(reader.join().unwrap(), Some(10));
        map.end();
    });
}
