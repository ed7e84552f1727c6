//! What goes wrong on purpose, to show that the run then fails.

use core::cell::Cell;
use core::task::{RawWaker, RawWakerVTable, Waker};

use critical_section::Mutex;

use crate::tasks;
use crate::watch::{Task, Wait};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Plant {
    Nothing,
    /// `narrow` misses the wake of one of its many waits for an event.
    LostEvent,
    /// `wide` misses that `narrow` has measured.
    LostReading,
    /// `wide` misses the wake of the flag.
    LostStop,
    /// `narrow` misses the wake of the closing.
    LostClose,
}

/// The wait for an event whose wake is lost: one in the middle of the run.
const LOST_EVENT: u32 = 100;

static PLANT: Mutex<Cell<Plant>> = Mutex::new(Cell::new(Plant::Nothing));

/// Plants what the image's argument asks for.
pub fn arm(argument: &str) {
    let plant = match argument {
        "" => Plant::Nothing,
        "lost-event" => Plant::LostEvent,
        "lost-reading" => Plant::LostReading,
        "lost-stop" => Plant::LostStop,
        "lost-close" => Plant::LostClose,
        "panic" => panic!("planted panic"),
        "hard-fault" => cortex_m::asm::udf(),
        other => panic!("unknown argument {other}"),
    };
    critical_section::with(|cs| PLANT.borrow(cs).set(plant));
}

/// The waker to wait with: the task's own, unless this is where a wake is to be lost.
pub fn waker(task: &Task, what: Wait, waker: &Waker) -> Waker {
    let lost = match critical_section::with(|cs| PLANT.borrow(cs).get()) {
        Plant::Nothing => false,
        Plant::LostEvent => task.is(&tasks::NARROW) && what == Wait::Events(1) && task.slept() >= LOST_EVENT,
        Plant::LostReading => task.is(&tasks::WIDE) && what == Wait::Reading,
        Plant::LostStop => task.is(&tasks::WIDE) && what == Wait::PermitsOrStop(3),
        Plant::LostClose => task.is(&tasks::NARROW) && what == Wait::Permits(3),
    };
    if lost { deaf(waker) } else { waker.clone() }
}

/// A waker that looks like `waker` and wakes nobody.
fn deaf(waker: &Waker) -> Waker {
    const DEAF: RawWakerVTable = RawWakerVTable::new(|data| RawWaker::new(data, &DEAF), |_| {}, |_| {}, |_| {});
    // SAFETY: no function of the table looks at the data.
    unsafe { Waker::from_raw(RawWaker::new(waker.data(), &DEAF)) }
}
