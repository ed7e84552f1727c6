//! One allocation for a flight, none to join one. Counted per thread.

use core::pin::pin;
use core::task::Waker;

use xsync::SingleFlight;

use crate::common::poll_with;
use crate::counting::{allocations, bytes};

#[test]
fn an_empty_group_allocates_nothing() {
    assert_eq!(
        allocations(|| {
            let group: SingleFlight<u32, u32> = SingleFlight::new();
            assert!(!group.forget(&1) && group.forget_unshared(&1) && group.in_flight() == 0);
        }),
        0
    );
}

#[test]
fn a_flight_is_one_allocation_and_joining_none() {
    let group: SingleFlight<u32, u32> = SingleFlight::new();
    // The registry, once.
    assert!(poll_with(pin!(group.work(0, || async { 0 })), Waker::noop()).is_ready());
    for others in [0, 3] {
        // Others in flight, so that the table is not empty.
        let mut kept: Vec<_> = (10..10 + others).map(|key| Box::pin(group.work(key, core::future::pending))).collect();
        for flight in &mut kept {
            assert!(poll_with(flight.as_mut(), Waker::noop()).is_pending());
        }
        let count = allocations(|| {
            for key in 0..8 {
                assert!(poll_with(pin!(group.work(key, || async { 1 })), Waker::noop()).is_ready());
            }
        });
        assert_eq!(count, 8);
        let mut first = pin!(group.work(1, core::future::pending));
        assert_eq!(allocations(|| assert!(poll_with(first.as_mut(), Waker::noop()).is_pending())), 1);
        let mut joiners: Vec<_> = (0..1000).map(|_| Box::pin(group.work(1, core::future::pending))).collect();
        let count = allocations(|| {
            for joiner in &mut joiners {
                assert!(poll_with(joiner.as_mut(), Waker::noop()).is_pending());
            }
        });
        assert_eq!(count, 0);
    }
}

#[test]
fn ten_thousand_flights_leave_the_size_of_the_registry() {
    let group: SingleFlight<u32, u32> = SingleFlight::new();
    assert!(poll_with(pin!(group.work(0, || async { 0 })), Waker::noop()).is_ready());
    let before = bytes();
    let mut flights: Vec<_> = (0..10_000).map(|key| Box::pin(group.work(key, core::future::pending))).collect();
    for flight in &mut flights {
        assert!(poll_with(flight.as_mut(), Waker::noop()).is_pending());
    }
    drop(flights);
    assert_eq!(bytes(), before);
    drop(group);
    assert!(bytes() < before);
}
