//! The map in space: bytes per entry of a large one, and what is left after nearly all was removed. The table does not
//! depend on the machine's speed.
#![expect(dead_code, reason = "the timed rows need more of the contenders than this")]

use xsync_benches::{SUBJECT, version};

mod contenders;
mod live;

use contenders::{Contender, Session, every_map};
use live::Live;

const KEYS: u64 = 1_000_000;

/// One key of so many stays.
const KEPT: u64 = 100;

fn main() {
    println!(
        "| contender         | version | empty | bytes per entry | as malloc rounds it | after 99 % went | of the peak |"
    );
    println!(
        "|-------------------|---------|------:|----------------:|--------------------:|----------------:|------------:|"
    );
    every_map!(C, u64, u64 => measure::<C>(); Xsync, Dash, Papaya, Scc, Flurry, Locked);
}

fn measure<C: Contender<u64, u64>>() {
    // What a crate allocates once and for all is not the map's.
    C::new().session().insert(0, 0);
    let before = Live::now();
    let map = Box::new(C::new());
    let empty = Live::now() - before;
    (0..KEYS).for_each(|number| map.session().insert(number, number));
    let full = Live::now() - before;
    (0..KEYS).filter(|number| number % KEPT != 0).for_each(|number| map.session().remove(&number));
    map.settle();
    let rest = Live::now() - before;
    assert!((0..KEYS).all(|number| map.session().read(&number) == (number % KEPT == 0).then_some(number)));

    let each = |bytes: isize| bytes as f64 / KEYS as f64;
    let part = rest.rounded as f64 / full.rounded as f64;
    if C::NAME == SUBJECT {
        assert!(part < 0.05, "{part} of the peak is left");
    }
    println!(
        "| {:<17} | {:<7} | {:>5} | {:>15.1} | {:>19.1} | {:>15} | {:>9.1} % |",
        C::NAME,
        version(C::PACKAGE),
        empty.requested,
        each(full.requested),
        each(full.rounded),
        rest.rounded,
        100.0 * part
    );
}
