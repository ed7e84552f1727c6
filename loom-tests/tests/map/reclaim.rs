//! What is taken out of the map is dropped when nobody can have it any more, and then at once (R1 to R4).

use std::pin::pin;

use loom::sync::Arc;
use xsync_loom_tests::{Outcomes, model, poll, spawn};

use crate::{Lives, Map, Watched, flush};

/// Property: a value that is replaced while a reader comes lasts until the reader leaves, and is dropped by then.
/// Fails if: who leaves last overlooks the depot (`leaver-does-not-see-the-depot`), entering sees nothing
/// (`enter-sees-nothing`), leaving publishes nothing (`leave-publishes-nothing`), the last to leave does not collect
/// (`last-to-leave-does-not-collect`), what is replaced is not retired (`replaced-is-not-retired`), or who
/// collects takes nothing out of the bag (`collector-takes-nothing`).
#[test]
fn store_races_reader() {
    let outcomes = Outcomes::new();
    let seen = outcomes.clone();
    model(3, move || {
        let map = Watched::settled([1]);
        let reader = map.clone();
        let reader = spawn(move || {
            let map = reader;
            map.look(1)
        });
        assert_eq!(map.put(1, 11), Some(10));
        seen.saw(reader.join().unwrap().unwrap());
        assert_eq!(map.dropped(), 1);
        map.end();
    });
    outcomes.were(&["10", "11"]);
}

/// Property: the same for a value that was not the first, and a removal.
/// Fails if: entering sees nothing (`enter-sees-nothing`), leaving publishes nothing (`leave-publishes-nothing`), or
/// what is removed is not retired (`removed-is-not-retired`).
#[test]
fn removal_races_reader() {
    let outcomes = Outcomes::new();
    let seen = outcomes.clone();
    model(3, move || {
        let map = Watched::settled([1, 2, 3]);
        map.put(1, 11);
        let reader = map.clone();
        let reader = spawn(move || reader.look(1));
        assert_eq!(map.take(1), Some(11));
        seen.saw(format!("{:?}", reader.join().unwrap()));
        assert_eq!(map.dropped(), 2);
        assert_eq!(map.all(), [(2, 20), (3, 30)]);
        map.end();
    });
    outcomes.were(&["None", "Some(11)"]);
}

/// Property: a guard and a clone of it are dropped on two threads while their value is replaced: whoever is last drops
/// the value, and nobody before.
/// Fails if: who leaves last overlooks the depot (`leaver-does-not-see-the-depot`), leaving publishes nothing
/// (`leave-publishes-nothing`), the last to leave does not collect (`last-to-leave-does-not-collect`), or a clone is
/// not counted (`clone-is-not-counted`).
#[test]
fn store_races_last_guards() {
    model(3, || {
        let lives = Lives::default();
        let map = Arc::new(Map::default());
        map.insert(1, lives.value(10));
        let guard = Map::get_owned(&map, &1).unwrap();
        let clone = guard.clone();
        let leaver = spawn(move || {
            assert_eq!(guard.read(), 10);
        });
        assert_eq!(map.insert(1, lives.value(11)).unwrap().read(), 10);
        assert_eq!(clone.read(), 10);
        drop(clone);
        leaver.join().unwrap();
        assert_eq!(lives.ended(), 1);
        drop(map);
        lives.are_over();
    });
}

/// Property: a reader that read the gate and was held up enters an epoch that is active no longer: it is waited for
/// all the same.
/// Fails if: only the active epoch is waited for (`only-the-active-epoch-is-waited-for`).
#[test]
fn gate_moved_races_reader() {
    let outcomes = Outcomes::new();
    let seen = outcomes.clone();
    model(3, move || {
        let map = Watched::settled([1]);
        let session = map.session();
        map.put(1, 11);
        let reader = map.clone();
        let reader = spawn(move || reader.look(1));
        map.put(1, 12);
        // The session is older than what is collected: the gate moves.
        drop(map.flush());
        drop(session);
        map.put(1, 13);
        seen.saw(reader.join().unwrap().unwrap());
        flush(&map);
        assert_eq!(map.dropped(), 3);
        map.end();
    });
    outcomes.were(&["11", "12", "13"]);
}

/// Property: the same for an epoch that was made for several threads, and is waited for by nobody any more.
/// Fails if: lanes go when nobody waits for them (`lanes-go-with-the-batches`).
#[test]
fn wide_gate_moved_races_reader() {
    let outcomes = Outcomes::new();
    let seen = outcomes.clone();
    model(3, move || {
        let map = Watched::settled([1]);
        map.widen();
        let session = map.session();
        map.put(1, 11);
        let reader = map.clone();
        let reader = spawn(move || reader.look(1));
        // Moves the gate.
        drop(map.flush());
        drop(session);
        // Looks, and finds nothing that it could wait for.
        drop(map.flush());
        map.put(1, 12);
        map.put(1, 13);
        seen.saw(reader.join().unwrap().unwrap());
        flush(&map);
        assert_eq!(map.dropped(), 3);
        map.end();
    });
    outcomes.were(&["11", "12", "13"]);
}

/// Property: a value that was taken out before a guard came is dropped while the guard is still held, when those who
/// are older have left: the gate was moved between them.
/// Fails if: nobody is waited for (`nobody-is-waited-for`), only the active epoch is waited for
/// (`only-the-active-epoch-is-waited-for`), or the gate does not move (`gate-does-not-move`).
#[test]
fn older_leaves_beside_a_younger() {
    model(3, || {
        let lives = Lives::default();
        let map = Arc::new(Map::default());
        map.insert(1, lives.value(10));
        let older = Map::get_owned(&map, &1).unwrap();
        map.insert(1, lives.value(11));
        map.insert(1, lives.value(12));
        // Collects, and moves the gate.
        drop(map.flush());
        let younger = map.get(&1).unwrap();
        let leaver = spawn(move || assert_eq!(older.read(), 10));
        map.insert(1, lives.value(13));
        leaver.join().unwrap();
        assert_eq!(lives.ended(), 2);
        assert_eq!(younger.read(), 12);
        drop(younger);
        assert!(poll(pin!(map.flush())).is_ready());
        assert_eq!(lives.ended(), 3);
        drop(map);
        lives.are_over();
    });
}

/// Property: two readers meet and get lanes of their own while a value is replaced: nothing is lost between the old
/// bag and the new ones, and no lane is overlooked.
/// Fails if: the old bag is not emptied any more (`old-bag-is-not-emptied`).
#[test]
fn two_readers_widen_beside_a_store() {
    let outcomes = Outcomes::new();
    let seen = outcomes.clone();
    model(2, move || {
        let map = Watched::settled([1]);
        let session = map.session();
        let readers = [map.clone(), map.clone()].map(|map| spawn(move || map.look(1)));
        map.put(1, 11);
        drop(session);
        seen.saw(readers.map(|reader| reader.join().unwrap().unwrap()).iter().sum::<usize>());
        flush(&map);
        assert_eq!(map.dropped(), 1);
        map.end();
    });
    outcomes.were(&["20", "21", "22"]);
}

/// Property: a reader that comes through the old gate beside one that widens, while a value is replaced and another
/// is.
/// Fails if: entering sees nothing (`enter-sees-nothing`), only the active epoch is waited for
/// (`only-the-active-epoch-is-waited-for`), the old bag is not emptied any more (`old-bag-is-not-emptied`), or one
/// lane of an epoch is looked at (`one-lane-of-an-epoch-is-looked-at`).
#[test]
fn widening_races_reader() {
    let outcomes = Outcomes::new();
    let seen = outcomes.clone();
    model(3, move || {
        let map = Watched::settled([1]);
        // This thread meets itself, so that the next one is the second that meets another.
        let session = map.session();
        drop(map.session());
        let reader = map.clone();
        let reader = spawn(move || (reader.look(1), reader.look(1)));
        map.put(1, 11);
        drop(session);
        map.put(1, 12);
        let (first, second) = reader.join().unwrap();
        assert!(first <= second, "back from {first:?} to {second:?}");
        seen.saw(second.unwrap());
        flush(&map);
        assert_eq!(map.dropped(), 2);
        map.end();
    });
    outcomes.were(&["10", "11", "12"]);
}

/// Property: two threads replace values while one of them has the map widened by meeting a reader: what goes into the
/// only bag beside that is not left there when each has a bag of its own.
/// Fails if: a flush takes one bag (`flush-takes-one-bag`) or
/// none of the new ones (`new-bags-are-not-emptied`), or does not collect (`flush-does-not-collect`).
#[test]
fn retired_beside_the_widening() {
    model(3, || {
        let map = Watched::settled([1, 2]);
        // This thread meets itself, so that the next one is the second that meets another.
        let session = map.session();
        drop(map.session());
        let other = map.clone();
        let other = spawn(move || other.put(2, 21));
        map.put(1, 11);
        drop(session);
        assert_eq!(other.join().unwrap(), Some(20));
        map.put(1, 12);
        map.put(1, 13);
        let kept = 4 - map.dropped();
        assert!(kept <= 1, "{kept}");
        flush(&map);
        assert_eq!(map.dropped(), 4);
        map.end();
    });
}

/// Property: two threads replace values and collect at once: one collects for both, and what it came too late for is
/// dropped by a flush, which has nobody to wait for.
/// Fails if: nobody is waited for (`nobody-is-waited-for`), or what no bag could take is not taken
/// (`overflow-is-not-taken`), or in two steps (`overflow-is-taken-in-two-steps`).
#[test]
fn two_collectors() {
    model(3, || {
        let map = Watched::settled([1, 2]);
        let other = map.clone();
        let other = spawn(move || other.put(1, 11));
        assert_eq!(map.put(2, 21), Some(20));
        assert_eq!(other.join().unwrap(), Some(10));
        assert!(poll(pin!(map.flush())).is_ready());
        assert_eq!(map.dropped(), 2);
        assert_eq!(map.all(), [(1, 11), (2, 21)]);
        map.end();
    });
}

/// Property: two threads of one lane replace values when its bag is nearly full: who finds it taken by the one that carries
/// it away loses nothing.
/// Fails if: what finds no bag is lost (`what-finds-no-bag-is-lost`).
#[test]
fn two_stores_to_a_full_bag() {
    model(3, || {
        let map = Watched::settled([1, 2]);
        map.widen();
        let session = map.session();
        map.put(1, 11);
        let other = map.clone();
        let other = spawn(move || other.put(2, 21));
        assert_eq!(map.put(1, 12), Some(11));
        drop(session);
        assert_eq!(other.join().unwrap(), Some(20));
        flush(&map);
        assert_eq!(map.dropped(), 3);
        map.end();
    });
}
