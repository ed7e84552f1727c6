//! The word of an entry, moved by several threads without a lock: each operation takes effect at one moment.

use std::sync::{Arc, Mutex};

use xsync_loom_tests::{Outcomes, Shadow, forever, model, spawn};

use crate::{Value, Watched};

/// Property: of two removals of a key exactly one gets the value.
/// Fails if: the word is swapped (`word-is-swapped`), or what is removed is not retired (`removed-is-not-retired`).
#[test]
fn two_removals() {
    let outcomes = Outcomes::new();
    let seen = outcomes.clone();
    model(3, move || {
        let map = Watched::settled([1]);
        let other = map.clone();
        let other = spawn(move || other.take(1));
        let ends = (map.take(1), other.join().unwrap());
        seen.saw(format!("{ends:?}"));
        assert_eq!(map.all(), []);
        map.end();
    });
    outcomes.were(&["(None, Some(10))", "(Some(10), None)"]);
}

/// Property: of two updates of a key none is lost, and each sees what it made.
/// Fails if: the word is swapped (`word-is-swapped`).
#[test]
fn two_updates() {
    let outcomes = Outcomes::new();
    let seen = outcomes.clone();
    model(3, move || {
        let map = Watched::settled([1]);
        let other = map.clone();
        let other = spawn(move || {
            let map = other;
            map.update(&1, |old| map.value(old.read() + 1)).unwrap().read()
        });
        let one = map.update(&1, |old| map.value(old.read() + 2)).unwrap().read();
        let two = other.join().unwrap();
        seen.saw(format!("{one} {two}"));
        assert_eq!(map.all(), [(1, 13)]);
        map.end();
    });
    outcomes.were(&["12 13", "13 11"]);
}

/// Property: of two exchanges of the same value one succeeds, and the other gets its own back.
/// Fails if: the word is swapped (`word-is-swapped`).
#[test]
fn two_exchanges() {
    let outcomes = Outcomes::new();
    let seen = outcomes.clone();
    model(3, move || {
        let map = Watched::settled([1]);
        let exchange = |map: &Watched, new| {
            let exchanged = map.replace_if(&1, map.value(new), |old| old.read() == 10);
            exchanged.map(|old| old.read()).map_err(|new| new.read())
        };
        let other = map.clone();
        let other = spawn(move || exchange(&other, 12));
        let ends = (exchange(&map, 11), other.join().unwrap());
        let now = map.look(1).unwrap();
        seen.saw(format!("{ends:?} {now}"));
        map.end();
    });
    outcomes.were(&["(Err(11), Ok(10)) 12", "(Ok(10), Err(12)) 11"]);
}

/// Property: a value that is there is got, or else the new one is stored; a removal beside it takes whichever was
/// there, and the count agrees.
/// Fails if: the word is swapped (`word-is-swapped`), who comes back is not counted (`revived-is-not-counted`), a
/// value that is there is replaced (`value-there-is-replaced`), or a word that moved meanwhile counts as expunged
/// (`expunged-without-success`).
#[test]
fn get_or_insert_races_removal() {
    let outcomes = Outcomes::new();
    let seen = outcomes.clone();
    model(3, move || {
        let map = Watched::settled([1]);
        let other = map.clone();
        let other = spawn(move || other.take(1));
        let got = map.get_or_insert(1, map.value(11)).read();
        seen.saw(format!("{got} {:?} {:?}", other.join().unwrap(), map.look(1)));
        map.all();
        map.end();
    });
    outcomes.were(&["10 Some(10) None", "11 Some(10) Some(11)"]);
}

/// Property: a store and a removal take effect one after the other: what one takes away the other cannot have
/// replaced.
/// Fails if: the word is swapped (`word-is-swapped`), or who comes back is not counted (`revived-is-not-counted`).
#[test]
fn store_races_removal() {
    let outcomes = Outcomes::new();
    let seen = outcomes.clone();
    model(3, move || {
        let map = Watched::settled([1, 2, 3]);
        let other = map.clone();
        let other = spawn(move || other.take(1));
        let old = map.put(1, 11);
        seen.saw(format!("{old:?} {:?} {:?}", other.join().unwrap(), map.look(1)));
        map.all();
        map.end();
    });
    outcomes.were(&["None Some(10) Some(11)", "Some(10) Some(11) None"]);
}

/// Property: a clear removes what is there at some moment of it; a store beside it is removed or stays, and replaced a
/// value or not, as the order of the two says.
/// Fails if: the word is swapped (`word-is-swapped`), who comes back is not counted (`revived-is-not-counted`), or a
/// word that moved meanwhile counts as expunged (`expunged-without-success`).
#[test]
fn clear_races_store() {
    let outcomes = Outcomes::new();
    let seen = outcomes.clone();
    model(3, move || {
        let map = Watched::settled([1, 2]);
        let other = map.clone();
        let other = spawn(move || other.put(1, 11));
        map.clear();
        seen.saw(format!("{:?} {:?}", other.join().unwrap(), map.all()));
        map.end();
    });
    outcomes.were(&["None [(1, 11)]", "Some(10) []"]);
}

/// Property: what a store published is seen by who reads the value, though it took no lock.
/// Fails if: a store publishes nothing (`store-publishes-nothing`), or the word is read relaxed
/// (`word-is-read-relaxed`).
#[test]
fn stored_then_read() {
    let outcomes = Outcomes::new();
    let seen = outcomes.clone();
    model(3, move || {
        let data = forever(Shadow::new(0));
        let map = Watched::settled([1]);
        let other = map.clone();
        let reader = spawn(move || {
            let number = other.look(1).unwrap();
            if number == 11 { data.get() } else { 0 }
        });
        data.set(7);
        map.put(1, 11);
        seen.saw(reader.join().unwrap());
        map.end();
    });
    outcomes.were(&["0", "7"]);
}

/// Property: who removes a value sees what its writer did before it, and a store that finds the key removed sees what
/// the remover did.
/// Fails if: a store publishes nothing (`store-publishes-nothing`).
#[test]
fn stored_removed_and_stored_again() {
    let outcomes = Outcomes::new();
    let seen = outcomes.clone();
    model(3, move || {
        let data = forever(Shadow::new(0));
        let map = Watched::settled([1]);
        let other = map.clone();
        let remover = spawn(move || {
            data.set(7);
            other.take(1).unwrap()
        });
        let stored = map.try_insert(1, map.value(11)).is_ok();
        if stored {
            assert_eq!(data.get(), 7);
        }
        seen.saw(stored);
        assert_eq!(remover.join().unwrap(), 10);
        map.end();
    });
    outcomes.were(&["false", "true"]);
}

/// Property: a store to a key that came and was removed once more, so that its word says what it said before, sees
/// what that remover did.
/// Fails if: a store publishes nothing (`store-publishes-nothing`), or who moves a word sees nothing
/// (`removal-sees-nothing`).
#[test]
fn removed_again_then_stored() {
    let outcomes = Outcomes::new();
    let seen = outcomes.clone();
    model(3, move || {
        let data = forever(Shadow::new(0));
        let map = Watched::settled_in_shards(1..=4);
        // Older than what was in the places of the entry, so that neither is vacated: it would show in the word.
        let session = map.session();
        assert_eq!((map.put(1, 11), map.take(1)), (Some(10), Some(11)));
        // Told without an order that loom could see.
        let told = Arc::new(Mutex::new(None));
        let (other, tells) = (map.clone(), Arc::clone(&told));
        let other = spawn(move || {
            data.set(7);
            let did = (other.put(1, 12), other.take(1));
            *tells.lock().expect("nobody panics with it") = Some(did);
        });
        // Who leaves may collect, and see the other's retirement there.
        let found = session.insert(1, map.value(13)).map(Value::read);
        let did = *told.lock().expect("nobody panics with it");
        // Each found the key without a value, and the other one removed its own: it came first.
        if found.is_none() && did == Some((None, Some(12))) {
            assert_eq!(data.get(), 7);
            seen.saw("after");
        } else {
            seen.saw("else");
        }
        drop(session);
        other.join().unwrap();
        map.end();
    });
    outcomes.were(&["after", "else"]);
}
