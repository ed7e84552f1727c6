//! The form without an allocator.

use std::task::Poll;

use xsync::{StaticClaim, StaticSingleFlight};
use xsync_loom_tests::{Counter, forever, model, spawn};

/// Property: in the static form, a lead that is dropped reaches a follower, or a newcomer takes it.
/// Fails if: a follower lines up without a look (`static-lines-up-without-a-look`), or a lead that is given up wakes
/// nobody (`static-lead-goes-silently`).
#[test]
fn static_lead_goes_beside_a_follower() {
    model(3, || {
        let group: &'static StaticSingleFlight<u8, usize, 1> = forever(StaticSingleFlight::new());
        let mut claim = Box::pin(group.claim(1));
        let Poll::Ready(Ok(StaticClaim::Lead(lead))) = Counter::new().poll(claim.as_mut()) else { panic!("leads") };
        let thread = spawn(move || drop(lead));
        let counter = Counter::new();
        let mut follower = Box::pin(group.claim(1));
        let mut polled = counter.poll(follower.as_mut());
        thread.join().unwrap();
        if polled.is_pending() {
            assert!(counter.wakes() > 0);
            polled = counter.poll(follower.as_mut());
        }
        let Poll::Ready(Ok(StaticClaim::Lead(lead))) = polled else { panic!("was to lead") };
        drop(lead);
        assert_eq!(group.in_flight(), 0);
    });
}

/// Property: in the static form, a value reaches a follower that goes or stays, and the slot is free after the last.
/// Fails if: a follower that goes is not counted out (`static-hold-kept`).
#[test]
fn static_end_beside_followers() {
    model(3, || {
        let group: &'static StaticSingleFlight<u8, usize, 1> = forever(StaticSingleFlight::new());
        let mut claim = Box::pin(group.claim(1));
        let Poll::Ready(Ok(StaticClaim::Lead(lead))) = Counter::new().poll(claim.as_mut()) else { panic!("leads") };
        let counter = Counter::new();
        let mut stays = Box::pin(group.claim(1));
        assert!(counter.poll(stays.as_mut()).is_pending());
        let mut goes = Box::pin(group.claim(1));
        assert!(Counter::new().poll(goes.as_mut()).is_pending());
        let thread = spawn(move || drop(goes));
        assert_eq!(lead.complete(7), 7);
        assert!(counter.wakes() > 0);
        assert!(matches!(counter.poll(stays.as_mut()), Poll::Ready(Ok(StaticClaim::Value(7)))));
        thread.join().unwrap();
        assert!(matches!(
            Counter::new().poll(Box::pin(group.claim(2)).as_mut()),
            Poll::Ready(Ok(StaticClaim::Lead(_)))
        ));
    });
}

/// Property: in the static form, a lead that is dropped goes to one of two followers, and the other follows it.
/// Fails if: a lead that is free stays free when it is taken (`static-leads-twice`).
#[test]
fn static_lead_goes_to_one_of_two() {
    model(3, || {
        let group: &'static StaticSingleFlight<u8, usize, 1> = forever(StaticSingleFlight::new());
        let Poll::Ready(Ok(StaticClaim::Lead(lead))) = Counter::new().poll(Box::pin(group.claim(1)).as_mut()) else {
            panic!("leads")
        };
        let mut others = [(); 2].map(|()| Box::pin(group.claim(1)));
        for other in &mut others {
            assert!(Counter::new().poll(other.as_mut()).is_pending());
        }
        drop(lead);
        let [mut one, mut two] = others;
        let thread = spawn(move || {
            let polled = Counter::new().poll(one.as_mut());
            (one, polled)
        });
        let here = Counter::new().poll(two.as_mut());
        let (one, there) = thread.join().unwrap();
        // The guard of who leads is kept until both have looked.
        assert_ne!(here.is_ready(), there.is_ready());
        drop((here, there, one, two));
        assert_eq!(group.in_flight(), 0);
    });
}

/// Property: in the static form, of two callers who find a key in no slot, beside a slot of another key, one takes a slot
/// for it and the other follows.
/// Fails if: a slot is taken without a look at what has come since the last key was compared
/// (`static-taken-without-a-look`).
#[test]
fn static_key_is_taken_once() {
    model(3, || {
        let group: &'static StaticSingleFlight<u8, usize, 3> = forever(StaticSingleFlight::new());
        let before = Counter::new().poll(Box::pin(group.claim(1)).as_mut());
        let thread = spawn(move || {
            let mut claim = Box::pin(group.claim(2));
            let polled = Counter::new().poll(claim.as_mut());
            (claim, polled)
        });
        let mut claim = Box::pin(group.claim(2));
        let here = Counter::new().poll(claim.as_mut());
        let (there_claim, there) = thread.join().unwrap();
        assert_ne!(here.is_ready(), there.is_ready());
        assert_eq!(group.in_flight(), 2);
        drop((before, here, there, claim, there_claim));
        assert_eq!(group.in_flight(), 0);
    });
}
