//! Two threads that call for keys at random: they meet in the table, and now and then in a flight.

use std::future::ready;
use std::hint::black_box;
use std::time::Duration;

use xsync_benches::{Go, Plan, Row, threads};

use crate::contenders::{Contender, ForEach, finish};
use crate::go;

const SAMPLE: Duration = Duration::from_millis(3);

pub fn measure(plan: &Plan, go: Option<&Go>) {
    for (keys, title) in [(1 << 16, "many keys: 64k, 2 threads"), (1, "many keys: but one, 2 threads")] {
        let mut row = Row::new(title, SAMPLE);
        Add { row: &mut row, keys }.each();
        if let Some(go) = go {
            go::add(go, &mut row, &[format!("-keys={keys}"), "-procs=2".into()]);
        }
        row.measure(plan);
    }
}

struct Add<'r, 'a> {
    row: &'r mut Row<'a>,
    keys: u64,
}

impl ForEach for Add<'_, '_> {
    fn with<C: Contender>(&mut self) {
        let (contender, keys) = (C::new(), self.keys);
        self.row.foreign(C::NAME, &xsync_benches::version(C::PACKAGE), move |operations| {
            threads::run(2, operations, |thread, each| {
                let mut state = thread;
                for _ in 0..each {
                    // A linear congruence (D. Knuth, 3.3.4, table 1, line 26).
                    state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
                    assert_eq!(finish(contender.call(black_box((state >> 40) % keys), || ready(1))), 1);
                }
            })
        });
    }
}
