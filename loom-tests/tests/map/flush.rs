//! A flush waits until what was taken out before it has been dropped, and no longer.

use std::pin::pin;

use loom::future::block_on;
use loom::sync::Arc;
use xsync_loom_tests::{Counter, model, poll, poll_until_ready, spawn};

use crate::{Lives, Map, Watched, flush as flush_all};

/// Property: a flush that waits for a guard is woken when it is dropped, wherever the flush stands; who waited sees
/// the value dropped.
/// Fails if: the last to leave does not collect (`last-to-leave-does-not-collect`), a request during a collection is
/// lost (`request-while-collecting-is-lost`), a batch counts as dropped before it is (`done-before-the-destructor`),
/// what is being dropped is not noted (`dropping-is-not-noted`), who drops wakes no flush (`drop-wakes-no-flush`), a
/// flush does not look again when it queues (`flush-does-not-look-again`), or does not say that it will
/// (`flushing-is-not-said`), or does not look after its locks whether somebody was asked for (`flush-does-not-attend`), a
/// collector has what is in neither a bag nor a batch (`bag-in-nobodys-hands`), somebody is to be woken without that being
/// asked for (`wake-is-not-asked-for`), or who drops a batch tells nobody (`end-of-a-batch-is-not-told`).
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

/// Property: the same when the guard is in another lane than who replaces the value, so that the collector has to say
/// that it waits for that one.
/// Fails if: nobody is told to look (`nobody-is-told-to-look`), or one that waits does not say so
/// (`flushing-is-not-said`).
#[test]
fn flush_races_guard_of_another_lane() {
    model(3, || {
        let map = Watched::settled([1]);
        // The second thread that meets a reader has the map widened; the third takes the lane of this one, so that the next
        // has the other.
        let session = map.session();
        drop(map.session());
        for other in [map.clone(), map.clone()] {
            spawn(move || other.look(1)).join().unwrap();
        }
        drop(session);
        let reader = map.clone();
        let reader = spawn(move || reader.look(1));
        map.put(1, 11);
        block_on(map.flush());
        assert_eq!(map.dropped(), 1);
        assert!(reader.join().unwrap().is_some());
        map.end();
    });
}

/// Property: the same for who looks without being woken: what the destructor did is seen through the flush itself.
/// Fails if: who leaves last overlooks the depot (`leaver-does-not-see-the-depot`), a batch counts as dropped before
/// it is (`done-before-the-destructor`), what is being dropped is not noted (`dropping-is-not-noted`), a flush does
/// not look again when it queues (`flush-does-not-look-again`), or a collector has what is in neither a bag nor a
/// batch (`bag-in-nobodys-hands`).
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
/// Fails if: the last to leave does not collect (`last-to-leave-does-not-collect`), who drops wakes no flush
/// (`drop-wakes-no-flush`), a flush that is given up stays queued (`flush-given-up-stays-queued`), or one that waits
/// does not say so (`flushing-is-not-said`).
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

/// Property: a flush beside another thread's retirement waits for what was taken out before it, and ends though the
/// other one collects.
/// Fails if: a batch counts as dropped before it is (`done-before-the-destructor`), what is being dropped is not noted
/// (`dropping-is-not-noted`), a flush takes nothing out of the bags (`flush-takes-nothing`), a collector has what
/// is in neither a bag nor a batch (`bag-in-nobodys-hands`), nobody is told to look
/// (`nobody-is-told-to-look`), or what finds no bag is lost (`what-finds-no-bag-is-lost`).
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
        assert_eq!(life.ends.get(), 1);
        assert_eq!(other.join().unwrap(), Some(20));
        map.end();
    });
}

/// Property: of two flushes that wait for different guards each is woken when its own goes, and not before.
/// Fails if: who wakes one flush forgets the others (`flushing-is-forgotten`), or wakes every flush
/// (`drop-wakes-every-flush`), or nobody is told to look (`nobody-is-told-to-look`).
#[test]
fn flushes_of_two_ages() {
    model(3, || {
        let lives = Lives::default();
        let map = Arc::new(Map::default());
        map.insert(1, lives.value(10));
        let older = Map::get_owned(&map, &1).unwrap();
        drop(map.insert(1, lives.value(11)));
        let wakers = [Counter::new(), Counter::new()];
        let mut early = Box::pin(map.flush());
        assert!(wakers[0].poll(early.as_mut()).is_pending());
        let younger = Map::get_owned(&map, &1).unwrap();
        drop(map.insert(1, lives.value(12)));
        let mut late = Box::pin(map.flush());
        assert!(wakers[1].poll(late.as_mut()).is_pending());
        let leaver = spawn(move || drop(older));
        assert!(wakers[1].poll(late.as_mut()).is_pending());
        drop(younger);
        leaver.join().unwrap();
        assert_eq!(lives.ended(), 2);
        assert!(wakers[0].poll(early.as_mut()).is_ready());
        assert!(wakers[1].poll(late.as_mut()).is_ready());
        assert_eq!(wakers.each_ref().map(Counter::wakes), [1, 1]);
        drop((early, late));
        drop(map);
        lives.are_over();
    });
}

/// Property: a flush beside another thread of the same lane, whose retirement fills the bag and carries it away, waits for
/// what was in it.
/// Fails if: what is carried away is looked at before the bags (`overflow-is-taken-before-the-bags`), a full bag is in
/// nobody's hands for a moment (`full-bag-in-nobodys-hands`), or what no bag could take is taken in two steps
/// (`overflow-is-taken-in-two-steps`).
#[test]
fn flush_races_full_bag() {
    model(3, || {
        let map = Watched::settled([1, 2]);
        map.widen();
        let session = map.session();
        map.put(1, 11);
        let other = map.clone();
        let other = spawn(move || other.put(2, 21));
        let mut flush = Box::pin(map.flush());
        assert!(poll(flush.as_mut()).is_pending(), "the session may have what was replaced");
        drop(session);
        assert_eq!(other.join().unwrap(), Some(20));
        assert!(poll(flush.as_mut()).is_ready());
        drop(flush);
        flush_all(&map);
        assert_eq!(map.dropped(), 2);
        map.end();
    });
}
