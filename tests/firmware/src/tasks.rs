//! The two tasks. Each phase begins when [`crate::script`], in the interrupt handler, sees both waiting for it.

use embassy_executor::Spawner;
use xsync::{AcquireError, CancelFlag, Semaphore, StaticSingleFlight};

use crate::log::Log;
use crate::watch::{Either, Task, Wait, race};

/// How often each task waits for events.
pub const ROUNDS: usize = 2_000;

/// The events of a whole run: two at a time for `wide`, one at a time for `narrow`.
pub const ALL_EVENTS: usize = 3 * ROUNDS;

/// The waits of a whole run: for events, for alarms, and eight others.
pub const ALL_WAITS: usize = 2 * ROUNDS + ALARMS.len() + 8;

/// All out at first: the interrupt handler gives them.
pub static PERMITS: Semaphore = Semaphore::with_max(0, 3);

/// A permit is an event that the interrupt handler has counted and no task has taken.
pub static EVENTS: Semaphore = Semaphore::with_max(0, ALL_EVENTS);

pub static STOP: CancelFlag = CancelFlag::new();

/// A flag is raised once: many make it likely that the handler raises one while `wide` is about to queue for it.
pub static ALARMS: [CancelFlag; 256] = [const { CancelFlag::new() }; 256];

/// What both tasks want to know, and one of them measures.
pub static READINGS: StaticSingleFlight<u8, usize, 2> = StaticSingleFlight::new();

/// That there is something to measure.
pub static SENSOR: CancelFlag = CancelFlag::new();

/// Passes the turn from `wide` to `narrow`.
static TURN: Semaphore = Semaphore::with_max(0, 1);

pub static WIDE: Task = Task::new("wide");
pub static NARROW: Task = Task::new("narrow");

/// Who got permits of [`PERMITS`], or left its queue, in order.
pub static ENDED: Log = Log::new();

#[embassy_executor::task]
pub async fn wide(spawner: Spawner) {
    // `narrow` is polled when this poll is over: when this task has queued.
    spawner.spawn(narrow().expect("spawned once"));
    WIDE.wait(Wait::Permits(3), PERMITS.acquire(3)).await.expect("open").forget();
    ENDED.push("wide granted 3");

    for _ in 0..ROUNDS {
        WIDE.wait(Wait::Events(2), EVENTS.acquire(2)).await.expect("open").forget();
    }

    for alarm in &ALARMS {
        WIDE.wait(Wait::Alarm, alarm.cancelled()).await;
    }

    // `narrow` measures already.
    assert_eq!(WIDE.wait(Wait::Reading, reading("wide measured")).await, 21);

    // As above: `narrow` is woken from here, and polled when this task has queued.
    TURN.release(1);
    match WIDE.wait(Wait::PermitsOrStop(3), race(PERMITS.acquire(3), STOP.cancelled())).await {
        Either::First(_) => panic!("three permits were never free"),
        Either::Second(()) => ENDED.push("wide stopped"),
    }
    // The front has left: what was kept for it is the next one's, before anybody else can look.
    assert_eq!(PERMITS.available_permits(), 0);
    // Raised for good.
    STOP.cancelled().await;
    WIDE.finish();
}

#[embassy_executor::task]
async fn narrow() {
    NARROW.wait(Wait::Permits(1), PERMITS.acquire(1)).await.expect("open").forget();
    ENDED.push("narrow granted 1");

    for _ in 0..ROUNDS {
        NARROW.wait(Wait::Events(1), EVENTS.acquire(1)).await.expect("open").forget();
    }

    assert_eq!(NARROW.wait(Wait::Reading, reading("narrow measured")).await, 21);

    NARROW.wait(Wait::Turn, TURN.acquire(1)).await.expect("open").forget();
    let permit = NARROW.wait(Wait::Permits(1), PERMITS.acquire(1)).await.expect("open");
    ENDED.push("narrow granted 1");
    assert_eq!((permit.permits(), PERMITS.available_permits()), (1, 0));
    drop(permit);
    assert_eq!(PERMITS.available_permits(), 1);

    let refused = NARROW.wait(Wait::Permits(3), PERMITS.acquire(3)).await.expect_err("three permits were never free");
    assert_eq!(refused, AcquireError::Closed);
    ENDED.push("narrow refused 3");
    NARROW.finish();
}

/// The reading, measured once for all who wait.
async fn reading(measured: &'static str) -> usize {
    let measure = async || {
        SENSOR.cancelled().await;
        ENDED.push(measured);
        21
    };
    READINGS.work(7, measure).await.expect("one key in two slots")
}
