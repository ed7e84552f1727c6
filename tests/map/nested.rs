//! Destructors that use the map while it drops what it has retired.

use std::panic::catch_unwind;
use std::sync::Mutex;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread;

use xsync::Map;

use crate::common::in_time;

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
        let map: &'static Map<u32, Holds> = Box::leak(Box::default());
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
