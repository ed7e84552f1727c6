//! A flush waits until what was taken out before it has been dropped, and no longer.

use std::pin::pin;

use loom::future::block_on;
use loom::sync::Arc;
use xsync_loom_tests::{Counter, model, poll_until_ready, spawn};

use crate::{Lives, Map, Watched};

/// Property: a flush that waits for a guard is woken when it is dropped, wherever the flush stands; who waited sees the
/// value dropped.
/// Fails if: the last to leave does not collect (`last-to-leave-does-not-collect`), nobody is told to look
/// (`nobody-is-told-to-look`), a request during a collection is lost (`request-while-collecting-is-lost`), a batch
/// counts as dropped before it is (`done-before-the-destructor`), what is being dropped is not noted
/// (`dropping-is-not-noted`), who drops wakes no flush (`drop-wakes-no-flush`), or a flush does not look again when it
/// queues (`flush-does-not-look-again`).
#[test]
fn flush_races_last_guard() {
    model(3, || {
        let lives = Lives::default();
        let map = Arc::new(Map::default());
        map.insert(1, lives.value(10));
        let guard = Map::get_owned(&map, &1).unwrap();
        drop(map.insert(1, lives.value(11)));
        let leaver = spawn(move || drop(guard));
        block_on(map.flush());
        assert_eq!(lives.ended(), 1);
        leaver.join().unwrap();
        drop(map);
        lives.are_over();
    });
}

/// Property: the same for who looks without being woken: what the destructor did is seen through the flush itself.
/// Fails if: who leaves last overlooks the depot (`leaver-does-not-see-the-depot`), a batch counts as dropped before it
/// is (`done-before-the-destructor`), what is being dropped is not noted (`dropping-is-not-noted`), or a flush does not
/// look again when it queues (`flush-does-not-look-again`).
#[test]
fn dropped_then_flushed() {
    model(3, || {
        let map = Watched::settled([1]);
        let reader = map.clone();
        let reader = spawn(move || reader.look(1));
        map.put(1, 11);
        poll_until_ready(pin!(map.flush()));
        assert_eq!(map.dropped(), 1);
        assert!(reader.join().unwrap().is_some());
        map.end();
    });
}

/// Property: two flushes wait for one guard, and one of them is given up: the other is woken, and no waker is kept.
/// Fails if: the last to leave does not collect (`last-to-leave-does-not-collect`), nobody is told to look
/// (`nobody-is-told-to-look`), who drops wakes no flush (`drop-wakes-no-flush`), or a flush that is given up stays
/// queued (`flush-given-up-stays-queued`).
#[test]
fn flush_given_up_races_last_guard() {
    model(3, || {
        let lives = Lives::default();
        let map = Arc::new(Map::default());
        map.insert(1, lives.value(10));
        let guard = Map::get_owned(&map, &1).unwrap();
        drop(map.insert(1, lives.value(11)));
        let waker = Counter::new();
        let mut kept = Box::pin(map.flush());
        assert!(waker.poll(kept.as_mut()).is_pending());
        {
            let mut given_up = Box::pin(map.flush());
            assert!(waker.poll(given_up.as_mut()).is_pending());
            let leaver = spawn(move || drop(guard));
            drop(given_up);
            leaver.join().unwrap();
        }
        assert!(waker.poll(kept.as_mut()).is_ready());
        assert!((1..=2).contains(&waker.wakes()));
        assert_eq!(waker.kept(), 0);
        drop(kept);
        drop(map);
        lives.are_over();
    });
}

/// Property: a flush beside another thread's retirement waits for what was taken out before it, and ends though the other
/// one collects.
/// Fails if: a batch counts as dropped before it is (`done-before-the-destructor`), what is being dropped is not noted
/// (`dropping-is-not-noted`), a flush takes nothing out of the bags (`flush-takes-nothing`), or who drops wakes every
/// flush (`drop-wakes-every-flush`).
#[test]
fn flush_races_retirement() {
    model(3, || {
        let map = Watched::settled([1, 2]);
        let other = map.clone();
        let other = spawn(move || other.put(2, 21));
        let old = map.value(11);
        let life = std::sync::Arc::clone(&old.life);
        map.insert(1, old);
        map.put(1, 12);
        block_on(map.flush());
        assert_eq!(life.get(), 1);
        assert_eq!(other.join().unwrap(), Some(20));
        map.end();
    });
}
