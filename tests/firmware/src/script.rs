//! The interrupt handler's side: what it does to the semaphores and the flag, and what it demands of them.

use core::cell::Cell;

use cortex_m_semihosting::hprintln;
use critical_section::Mutex;
use xsync::TryAcquireError;

use crate::board;
use crate::tasks::{ALARMS, ALL_EVENTS, ALL_WAITS, ENDED, EVENTS, NARROW, PERMITS, READINGS, SENSOR, STOP, WIDE};
use crate::watch::{Wait, progress};

/// A step runs at each tick until it says that it is done; then the next one does, from the next tick on.
const STEPS: [fn() -> bool; 11] = [
    release_too_little,
    release_enough_for_the_front,
    release_the_last,
    count_enough_for_both,
    count_events,
    raise_alarms,
    give_something_to_measure,
    leave_one_free_behind_the_front,
    stop,
    close,
    finish,
];

static STEP: Mutex<Cell<usize>> = Mutex::new(Cell::new(0));

pub fn tick() {
    let step = critical_section::with(|cs| STEP.borrow(cs).get());
    if STEPS[step]() {
        critical_section::with(|cs| STEP.borrow(cs).set(step + 1));
        progress();
    }
}

/// One permit is free, and fits the second in line: it is kept for the first, from everybody.
fn release_too_little() -> bool {
    if !(WIDE.waits_for(Wait::Permits(3)) && NARROW.waits_for(Wait::Permits(1))) {
        return false;
    }
    assert_eq!((PERMITS.available_permits(), PERMITS.max_permits()), (0, 3));
    PERMITS.release(1);
    assert_eq!(PERMITS.available_permits(), 1);
    assert_eq!(PERMITS.try_acquire(1).err(), Some(TryAcquireError::NoPermits));
    assert_eq!(PERMITS.try_acquire(4).err(), Some(TryAcquireError::ExceedsMax { requested: 4, max: 3 }));
    true
}

/// Three permits are free: all of them go to the front, at once.
fn release_enough_for_the_front() -> bool {
    ENDED.assert(&[]);
    assert!(WIDE.waits_for(Wait::Permits(3)) && NARROW.waits_for(Wait::Permits(1)));
    PERMITS.release(2);
    assert_eq!(PERMITS.available_permits(), 0);
    true
}

/// The front has woken; the second is served now.
fn release_the_last() -> bool {
    if !WIDE.waits_for(Wait::Events(2)) {
        return false;
    }
    ENDED.assert(&["wide granted 3"]);
    assert!(NARROW.waits_for(Wait::Permits(1)));
    PERMITS.release(1);
    assert_eq!((PERMITS.available_permits(), PERMITS.max_permits()), (0, 3));
    true
}

/// The events of the first round: one release serves both, `wide` first, and nothing is left over.
fn count_enough_for_both() -> bool {
    if !NARROW.waits_for(Wait::Events(1)) {
        return false;
    }
    assert!(WIDE.waits_for(Wait::Events(2)));
    assert_eq!(EVENTS.available_permits(), 0);
    EVENTS.release(3);
    assert_eq!(EVENTS.available_permits(), 0);
    true
}

/// Releases up to three events per tick, at moments that the tasks do not choose, until all are out.
fn count_events() -> bool {
    static COUNTED: Mutex<Cell<usize>> = Mutex::new(Cell::new(3));

    let counted = critical_section::with(|cs| COUNTED.borrow(cs).get());
    let more = (1 + counted % 3).min(ALL_EVENTS - counted);
    EVENTS.release(more);
    critical_section::with(|cs| COUNTED.borrow(cs).set(counted + more));
    counted + more == ALL_EVENTS
}

/// Raises a flag per tick, whether `wide` waits for it already or comes to it later.
fn raise_alarms() -> bool {
    static RAISED: Mutex<Cell<usize>> = Mutex::new(Cell::new(0));

    let raised = critical_section::with(|cs| RAISED.borrow(cs).get());
    if raised == 0 && !WIDE.waits_for(Wait::Alarm) {
        return false;
    }
    ALARMS[raised].cancel();
    critical_section::with(|cs| RAISED.borrow(cs).set(raised + 1));
    raised + 1 == ALARMS.len()
}

/// Both want to know, one measures: it is woken here, and wakes the other.
fn give_something_to_measure() -> bool {
    if !(WIDE.waits_for(Wait::Reading) && NARROW.waits_for(Wait::Reading)) {
        return false;
    }
    assert_eq!(READINGS.in_flight(), 1);
    SENSOR.cancel();
    true
}

/// Every event was taken once, and the one measurement for both. Then again one permit, which is kept for the front.
fn leave_one_free_behind_the_front() -> bool {
    if !(WIDE.waits_for(Wait::PermitsOrStop(3)) && NARROW.waits_for(Wait::Permits(1))) {
        return false;
    }
    ENDED.assert(&["wide granted 3", "narrow granted 1", "narrow measured"]);
    assert_eq!((EVENTS.available_permits(), EVENTS.max_permits()), (0, ALL_EVENTS));
    assert_eq!(EVENTS.drain_permits(1), 0);
    PERMITS.release(1);
    assert_eq!(PERMITS.available_permits(), 1);
    true
}

/// Wakes the front, which leaves the queue; the second is granted what was kept.
fn stop() -> bool {
    assert!(WIDE.waits_for(Wait::PermitsOrStop(3)) && NARROW.waits_for(Wait::Permits(1)));
    assert!(!STOP.is_cancelled());
    STOP.cancel();
    assert!(STOP.is_cancelled());
    true
}

/// One permit is free, three are asked for, and never come.
fn close() -> bool {
    if !(WIDE.finished() && NARROW.waits_for(Wait::Permits(3))) {
        return false;
    }
    ENDED.assert(&["wide granted 3", "narrow granted 1", "narrow measured", "wide stopped", "narrow granted 1"]);
    PERMITS.close();
    assert!(PERMITS.is_closed());
    assert_eq!(PERMITS.try_acquire(1).err(), Some(TryAcquireError::Closed));
    true
}

fn finish() -> bool {
    if !NARROW.finished() {
        return false;
    }
    ENDED.assert(&[
        "wide granted 3",
        "narrow granted 1",
        "narrow measured",
        "wide stopped",
        "narrow granted 1",
        "narrow refused 3",
    ]);
    assert_eq!((PERMITS.available_permits(), PERMITS.max_permits()), (1, 3));
    // The run proves something only if the handler met tasks of both kinds: asleep in the queue, and running.
    let slept = (WIDE.slept() + NARROW.slept()) as usize;
    assert!((ALL_WAITS / 10..ALL_WAITS * 9 / 10).contains(&slept), "{slept} of {ALL_WAITS} waits slept");
    hprintln!("all as expected: {} events, {} waits, of which {} slept", ALL_EVENTS, ALL_WAITS, slept);
    board::succeed();
}
