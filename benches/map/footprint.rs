//! The map in space: bytes per entry of a large one, and what is left after nearly all was removed. The table does not
//! depend on the machine's speed.
#![expect(dead_code, reason = "the timed rows need more of the contenders than this")]

use std::process::Command;

use xsync_benches::{Go, GoMap, Plan, SUBJECT, version};

mod contenders;
mod live;

use contenders::{Contender, PASSES, Session, every_map};
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
    every_map!(M => measure::<M<u64, u64>>(); Xsync, Dash, Papaya, Scc, Flurry, Locked);
    // Without a second Go, this needs nothing but cargo.
    if std::env::var_os("XSYNC_GO").is_some() {
        let go = Go::build(&Plan::from_args());
        go.iter().flat_map(Go::maps).for_each(|map| measure_go(&map));
    }
}

fn measure<C: Contender<u64, u64>>() {
    // What a crate allocates once and for all is not the map's.
    C::new().session().insert(0, 0);
    let before = Live::now();
    let map = Box::new(C::new());
    let empty = Live::now() - before;
    (0..KEYS).for_each(|number| map.session().insert(number, number));
    assert!((0..PASSES).flat_map(|_| 0..KEYS).all(|number| map.session().read(&number) == Some(number)));
    let full = Live::now() - before;
    (0..KEYS).filter(|number| number % KEPT != 0).for_each(|number| map.session().remove(&number));
    map.settle();
    let rest = Live::now() - before;
    assert!((0..KEYS).all(|number| map.session().read(&number) == (number % KEPT == 0).then_some(number)));

    let left = rest.rounded as f64 / full.rounded as f64;
    if C::NAME == SUBJECT {
        assert!(left < 0.05, "{left} of the peak is left");
    }
    let requested = format!("{:.1}", full.requested as f64 / KEYS as f64);
    print(C::NAME, &version(C::PACKAGE), empty.requested, &requested, [full.rounded, rest.rounded]);
}

/// What its collector leaves.
fn measure_go(map: &GoMap) {
    let said = Go::said(Command::new(&map.program).args(["-work=space".into(), format!("-count={KEYS}")]));
    let bytes: Vec<isize> = said.split_whitespace().map(|word| word.parse().expect("a number")).collect();
    print(&map.name, &map.version, bytes[0], "", [bytes[1], bytes[2]]);
}

fn print(name: &str, version: &str, empty: isize, requested: &str, [full, rest]: [isize; 2]) {
    let (each, part) = (full as f64 / KEYS as f64, 100.0 * rest as f64 / full as f64);
    println!(
        "| {name:<17} | {version:<7} | {empty:>5} | {requested:>15} | {each:>19.1} | {rest:>15} | {part:>9.1} % |"
    );
}
