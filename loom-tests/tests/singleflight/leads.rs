//! Flights that a leader flies.

use std::task::Poll;

use xsync::Claim;
use xsync_loom_tests::{Counter, Outcomes, Shadow, forever, model, spawn};

use crate::Group;

/// Property: a lead that is dropped goes to a follower, which is woken for it.
/// Fails if: that closes nothing (`lead-goes-silently`), or an end wakes nobody (`end-wakes-nobody`).
#[test]
fn lead_goes_beside_a_follower() {
    let outcomes = Outcomes::new();
    let seen = outcomes.clone();
    model(3, move || {
        let group = forever(Group::new());
        let Poll::Ready(Claim::Lead(lead)) = Counter::new().poll(Box::pin(group.claim(1)).as_mut()) else {
            panic!("was to lead")
        };
        let counter = Counter::new();
        let mut follower = Box::pin(group.claim(1));
        assert!(counter.poll(follower.as_mut()).is_pending());
        let looks = spawn(move || (counter.poll(follower.as_mut()), counter, follower));
        drop(lead);
        let (mut polled, counter, mut follower) = looks.join().unwrap();
        seen.saw(if polled.is_pending() { "woken" } else { "at once" });
        if polled.is_pending() {
            assert!(counter.wakes() > 0);
            polled = counter.poll(follower.as_mut());
        }
        let Poll::Ready(Claim::Lead(lead)) = polled else { panic!("was to lead") };
        assert_eq!((lead.complete(7).value, group.in_flight()), (7, 0));
    });
    outcomes.were(&["at once", "woken"]);
}

/// Property: who sees a lead given up comes after what the leader had done, without being woken.
/// Fails if: the end publishes nothing (`end-without-a-value-unpublished`).
#[test]
fn lead_given_up_then_taken() {
    let outcomes = Outcomes::new();
    let seen = outcomes.clone();
    model(3, move || {
        let group = forever(Group::new());
        let did = forever(Shadow::new(0));
        let Poll::Ready(Claim::Lead(lead)) = Counter::new().poll(Box::pin(group.claim(1)).as_mut()) else {
            panic!("was to lead")
        };
        let mut follower = Box::pin(group.claim(1));
        assert!(Counter::new().poll(follower.as_mut()).is_pending());
        let looks = spawn(move || {
            let leads = Counter::new().poll(follower.as_mut()).is_ready();
            (leads.then(|| did.get()), follower)
        });
        did.set(9);
        drop(lead);
        let (found, follower) = looks.join().unwrap();
        assert!(found.is_none_or(|found| found == 9));
        seen.saw(if found.is_some() { "leads" } else { "waits" });
        drop(follower);
        assert_eq!(group.in_flight(), 0);
    });
    outcomes.were(&["leads", "waits"]);
}
