//! The machine: its tick, its one argument, and its exits.

use core::cell::{Cell, RefCell};
use core::panic::PanicInfo;

use cortex_m::Peripherals;
use cortex_m::peripheral::SYST;
use cortex_m::peripheral::syst::SystClkSource;
use cortex_m_rt::{ExceptionFrame, exception};
use cortex_m_semihosting::debug::{EXIT_FAILURE, EXIT_SUCCESS, exit};
use cortex_m_semihosting::{hprintln, syscall1};
use critical_section::Mutex;

static SYSTICK: Mutex<RefCell<Option<SYST>>> = Mutex::new(RefCell::new(None));

/// The state of a linear congruential generator: the same intervals in each run.
static SEED: Mutex<Cell<u32>> = Mutex::new(Cell::new(1));

/// The longest time between two ticks, in clocks of the core.
const LONGEST: u32 = 1 << 11;

/// Starts the interrupts.
pub fn start_ticks() {
    let mut systick = Peripherals::take().expect("taken once").SYST;
    systick.set_clock_source(SystClkSource::Core);
    systick.set_reload(LONGEST);
    systick.clear_current();
    systick.enable_interrupt();
    systick.enable_counter();
    critical_section::with(|cs| SYSTICK.borrow_ref_mut(cs).replace(systick));
}

/// The next tick comes after an interval that differs from the last, so that the interrupt wanders over the code of
/// the tasks.
pub fn next_tick() {
    critical_section::with(|cs| {
        let seed = SEED.borrow(cs).get().wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        SEED.borrow(cs).set(seed);
        if let Some(systick) = SYSTICK.borrow_ref_mut(cs).as_mut() {
            systick.set_reload(1 + (seed >> 16) % LONGEST);
            systick.clear_current();
        }
    });
}

/// The first argument given to the image, if any.
pub struct Argument {
    bytes: [u8; 64],
    len: usize,
}

impl Argument {
    pub fn as_str(&self) -> &str {
        let line = core::str::from_utf8(&self.bytes[..self.len]).expect("the argument is text");
        // The first word is the image's own name.
        line.split_whitespace().nth(1).unwrap_or("")
    }
}

/// What the debugger that runs the image (QEMU) was told to pass on.
pub fn argument() -> Argument {
    let mut bytes = [0; 64];
    let mut block = [bytes.as_mut_ptr() as usize, bytes.len()];
    // SAFETY: GET_CMDLINE reads the block, a buffer and its size, and writes a line into the buffer and its length into
    // the block; both outlive the call.
    let status = unsafe { syscall1!(GET_CMDLINE, block.as_mut_ptr()) };
    assert!(status == 0, "the debugger passed no command line");
    Argument { bytes, len: block[1] }
}

/// Ends the run well.
pub fn succeed() -> ! {
    exit(EXIT_SUCCESS);
    unreachable!("the debugger ends the run")
}

/// Ends the run badly.
pub fn fail() -> ! {
    exit(EXIT_FAILURE);
    loop {
        cortex_m::asm::bkpt();
    }
}

#[panic_handler]
fn panic(info: &PanicInfo<'_>) -> ! {
    hprintln!("{info}");
    fail()
}

#[exception]
unsafe fn HardFault(frame: &ExceptionFrame) -> ! {
    hprintln!("hard fault at {:#010x}", frame.pc());
    fail()
}

#[exception]
unsafe fn DefaultHandler(number: i16) {
    panic!("unexpected interrupt {number}");
}
