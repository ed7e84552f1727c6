//! Destructors that use the map while it drops what it has retired.

use core::panic::AssertUnwindSafe;
use core::pin::pin;
use core::sync::atomic::{AtomicUsize, Ordering};
use std::panic::catch_unwind;
use std::sync::Mutex;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread;

use xsync::Map;

use crate::common::{in_time, on_wake, poll, poll_with};
use crate::statics::{end, for_ever};

/// Removes the next key when it is dropped, and asks for more collections than one.
struct Link(u32);

static CHAIN: Map<u32, Link> = Map::new();

impl Drop for Link {
    fn drop(&mut self) {
        drop(CHAIN.remove(&(self.0 + 1)));
        drop(CHAIN.flush());
        drop(CHAIN.flush());
    }
}

#[test]
fn a_chain_of_destructors_does_not_nest() {
    const LENGTH: u32 = 100_000;
    (0..LENGTH).for_each(|key| drop(CHAIN.insert(key, Link(key))));
    drop(CHAIN.remove(&0));
    while !CHAIN.is_empty() {
        drop(CHAIN.flush());
    }
    end(&CHAIN);
}

/// Removes the next key when it is dropped, and polls a flush.
struct Polls(u32);

static POLLED: Map<u32, Polls> = Map::new();
/// How many of its destructors run inside of each other, and the most that did.
static DEPTH: AtomicUsize = AtomicUsize::new(0);
static DEEPEST: AtomicUsize = AtomicUsize::new(0);

impl Drop for Polls {
    fn drop(&mut self) {
        // ORDERING: Relaxed on all: one thread.
        let depth = DEPTH.fetch_add(1, Ordering::Relaxed) + 1;
        // ORDERING: as above.
        DEEPEST.fetch_max(depth, Ordering::Relaxed);
        drop(POLLED.remove(&(self.0 + 1)));
        let _ = poll(pin!(POLLED.flush()));
        // ORDERING: as above.
        DEPTH.fetch_sub(1, Ordering::Relaxed);
    }
}

#[test]
fn a_chain_of_destructors_that_poll_a_flush_does_not_nest() {
    (0..200).for_each(|key| drop(POLLED.insert(key, Polls(key))));
    drop(POLLED.remove(&0));
    while !POLLED.is_empty() {
        drop(POLLED.flush());
    }
    // ORDERING: Relaxed: as above.
    let depth = DEEPEST.load(Ordering::Relaxed);
    assert!(depth <= 3, "{depth} inside of each other");
    end(&POLLED);
}

/// A value that holds a guard in its destructor, until it is told to go on.
struct Holds {
    map: &'static Map<u32, Holds>,
    says: Option<(Sender<()>, Mutex<Receiver<()>>)>,
    panics: bool,
}

impl Drop for Holds {
    fn drop(&mut self) {
        let Some((inside, go)) = self.says.take() else { return };
        let guard = self.map.get(&5);
        inside.send(()).unwrap();
        go.into_inner().unwrap().recv().unwrap();
        drop(guard);
        assert!(!self.panics, "planned");
    }
}

/// A guard that goes inside a destructor is the last that somebody else waits for.
fn the_last_guard_goes_in_a_destructor(panics: bool) {
    in_time(move || {
        let map: &'static Map<u32, Holds> = for_ever(Map::default());
        let (inside, is_inside) = channel();
        let (go, told) = channel();
        for key in [5, 6] {
            map.insert(key, Holds { map, says: None, panics: false });
        }
        map.insert(7, Holds { map, says: Some((inside, Mutex::new(told))), panics });
        (0..10).for_each(|_| [5, 6, 7].iter().for_each(|key| drop(map.get(key))));
        drop(map.remove(&7));
        let drops = thread::spawn(move || catch_unwind(|| map.flush().wait()).is_err());
        is_inside.recv().unwrap();
        // Younger than the guard in the destructor: it is dropped when that has gone.
        drop(map.remove(&6));
        let flush = map.flush();
        go.send(()).unwrap();
        flush.wait();
        assert_eq!(drops.join().unwrap(), panics);
        end(map);
    });
}

#[test]
fn what_a_destructor_held_up_goes_when_it_is_done() {
    the_last_guard_goes_in_a_destructor(false);
}

#[test]
fn what_a_destructor_held_up_goes_although_it_panics() {
    the_last_guard_goes_in_a_destructor(true);
}

/// Removes another key when it is dropped.
struct Removes(&'static Map<u32, Removes>, Option<u32>);

impl Drop for Removes {
    fn drop(&mut self) {
        if let Some(key) = self.1 {
            drop(self.0.remove(&key));
        }
    }
}

#[test]
fn a_waker_that_panics_keeps_nothing_from_being_dropped() {
    in_time(|| {
        let map: &'static Map<u32, Removes> = for_ever(Map::default());
        for (key, then) in [(1, Some(2)), (2, None), (3, None)] {
            map.insert(key, Removes(map, then));
        }
        let guard = map.get(&3).unwrap();
        drop(map.remove(&1));
        let mut flush = pin!(map.flush());
        assert!(poll_with(flush.as_mut(), &on_wake(|| panic!("planned"))).is_pending());
        // What its end takes out is ready to be dropped when the flush is woken.
        let ends = catch_unwind(AssertUnwindSafe(|| drop(guard)));
        assert_eq!(*ends.unwrap_err().downcast::<&str>().unwrap(), "planned");
        assert!(poll(flush).is_ready());
        assert!(map.get(&2).is_none());
        map.flush().wait();
        end(map);
    });
}
