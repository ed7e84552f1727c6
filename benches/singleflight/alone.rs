//! Calls that share nothing, on one thread: the price of being asked.

use std::future::{Future, poll_fn, ready};
use std::hint::black_box;
use std::task::Poll;
use std::time::Duration;

use xsync_benches::{Go, Plan, Row, Sample};

use crate::contenders::{Contender, ForEach, finish};
use crate::go;

const SAMPLE: Duration = Duration::from_millis(2);

/// So many keys take turns.
const KEYS: u64 = 1 << 10;

pub fn measure(plan: &Plan, go: Option<&Go>) {
    let mut row = Row::new("no sharing: work that is ready", SAMPLE);
    Add(&mut row, || ready(1)).each();
    if let Some(go) = go {
        go::add(go, &mut row, &["-keys=1024".into()]);
    }
    row.measure(plan);
    let mut row = Row::new("no sharing: work that waits once", SAMPLE);
    Add(&mut row, once).each();
    row.measure(plan);
}

/// Wakes itself.
fn once() -> impl Future<Output = u64> + Send + 'static {
    let mut woken = false;
    poll_fn(move |cx| {
        if std::mem::replace(&mut woken, true) {
            return Poll::Ready(1);
        }
        cx.waker().wake_by_ref();
        Poll::Pending
    })
}

struct Add<'r, 'a, F>(&'r mut Row<'a>, F);

impl<F, W> ForEach for Add<'_, '_, F>
where
    F: Fn() -> W + Copy + Send + 'static,
    W: Future<Output = u64> + Send + 'static,
{
    fn with<C: Contender>(&mut self) {
        let (contender, work) = (C::new(), self.1);
        self.0.foreign(C::NAME, &xsync_benches::version(C::PACKAGE), move |operations| {
            Sample::of(operations, || {
                for key in 0..operations {
                    let value = finish(contender.call(black_box(key % KEYS), work));
                    assert_eq!(value, 1);
                }
            })
        });
    }
}
