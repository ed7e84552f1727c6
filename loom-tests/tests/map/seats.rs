//! Readers that sit: seen by who closes the seats, or they see that these are closed (S1 to S3).

use std::pin::pin;

use loom::future::block_on;
use xsync_loom_tests::{Outcomes, model, poll, spawn};

use crate::{Watched, flush};

/// Three readers of one thread, which find the seats closed, have them opened.
fn three_readers(map: &Watched) {
    for _ in 0..3 {
        assert!(map.contains_key(&2));
    }
}

/// With these keys, and open seats. This thread, which has the first, may have them opened once more.
fn opened(keys: impl IntoIterator<Item = usize>) -> Watched {
    let map = Watched::settled(keys);
    map.put(2, 20);
    flush(&map);
    let other = map.clone();
    spawn(move || three_readers(&other)).join().unwrap();
    map
}

/// The number that a key has, read from a seat if they are open.
fn read(map: &Watched, key: usize) -> Option<usize> {
    map.read_with(&key, |value| {
        let number = value.read();
        assert_eq!(value.read(), number);
        number
    })
}

/// Property: a value is replaced beside a reader who takes a seat, while the collector closes the seats: the reader is
/// waited for, or sees that they are closed, and enters.
/// Fails if: a reader sits without a barrier (`sits-without-a-barrier`), the seats are closed without one
/// (`closed-without-a-barrier`), a batch does not wait for the seats (`seats-are-not-waited-for`), or one seat is
/// looked at (`one-seat-is-looked-at`).
#[test]
fn sitting_races_closing() {
    let outcomes = Outcomes::new();
    let seen = outcomes.clone();
    model(3, move || {
        let map = opened([1, 2]);
        let reader = map.clone();
        let reader = spawn(move || read(&reader, 1));
        assert_eq!(map.put(1, 11), Some(10));
        seen.saw(reader.join().unwrap().unwrap());
        flush(&map);
        assert_eq!(map.dropped(), 2);
        map.end();
    });
    outcomes.were(&["10", "11"]);
}

/// Property: a flush that waits for a seated reader is woken when that one leaves.
/// Fails if: a reader rises without a barrier (`rises-without-a-barrier`), or nobody is told that its seat is awaited
/// (`seats-are-not-awaited`).
#[test]
fn flush_races_seated_reader() {
    model(3, || {
        let map = opened([1, 2]);
        let reader = map.clone();
        let reader = spawn(move || read(&reader, 1));
        map.put(1, 11);
        block_on(map.flush());
        assert_eq!(map.dropped(), 2);
        assert!(reader.join().unwrap().is_some());
        map.end();
    });
}

/// Property: a reader that sits within another of the same thread leaves for itself alone.
/// Fails if: who leaves first leaves for both (`inner-leaves-for-the-outer`).
#[test]
fn sitting_within_races_closing() {
    let outcomes = Outcomes::new();
    let seen = outcomes.clone();
    model(3, move || {
        let map = opened([1, 2]);
        let reader = map.clone();
        let reader = spawn(move || {
            let numbers = reader.read_with(&1, |value| (value.read(), read(&reader, 2), value.read()));
            numbers.unwrap()
        });
        assert_eq!(map.put(1, 11), Some(10));
        let (first, inner, last) = reader.join().unwrap();
        assert_eq!((first, inner), (last, Some(20)));
        seen.saw(first);
        flush(&map);
        assert_eq!(map.dropped(), 2);
        map.end();
    });
    outcomes.were(&["10", "11"]);
}

/// Property: a reader that looked at the seats before they were closed looks again when it sits: it goes, or they have
/// been opened anew, and it sees what was unlinked until then.
/// Fails if: a reader does not look again (`sits-without-a-second-look`), or the seats are opened without an order
/// (`opened-without-an-order`).
#[test]
fn sitting_races_opening_anew() {
    let outcomes = Outcomes::new();
    let seen = outcomes.clone();
    model(3, move || {
        let map = opened([1, 2]);
        let reader = map.clone();
        let reader = spawn(move || read(&reader, 1));
        map.put(1, 11);
        // If nobody sits, this is dropped without a look at the seats, which are closed.
        map.put(1, 12);
        three_readers(&map);
        seen.saw(reader.join().unwrap().unwrap());
        flush(&map);
        assert_eq!(map.dropped(), 3);
        map.end();
    });
    outcomes.were(&["10", "11", "12"]);
}

/// Property: the seats are not opened while a batch waits for who sits in them: the reader is awaited until it leaves.
/// Fails if: they are opened all the same (`opened-while-awaited`).
#[test]
fn opening_anew_races_seated_reader() {
    model(3, || {
        let map = opened([1, 2]);
        let reader = map.clone();
        let reader = spawn(move || read(&reader, 1));
        map.put(1, 11);
        {
            let mut flush = pin!(map.flush());
            let _is_early = poll(flush.as_mut());
            three_readers(&map);
            block_on(flush);
        }
        assert_eq!(map.dropped(), 2);
        assert!(reader.join().unwrap().is_some());
        map.end();
    });
}

/// Property: a seated reader whose key is not in the read table searches the dirty table, and promotes it under
/// itself.
/// Fails if: a batch does not wait for the seats (`seats-are-not-waited-for`).
#[test]
fn seated_search_promotes() {
    let outcomes = Outcomes::new();
    let seen = outcomes.clone();
    model(3, move || {
        let map = opened([1, 2]);
        map.put(3, 30);
        let reader = map.clone();
        let reader = spawn(move || read(&reader, 3));
        assert_eq!(map.put(3, 31), Some(30));
        seen.saw(reader.join().unwrap().unwrap());
        flush(&map);
        assert_eq!(map.dropped(), 2);
        assert_eq!(map.all(), [(1, 10), (2, 20), (3, 31)]);
        map.end();
    });
    outcomes.were(&["30", "31"]);
}
